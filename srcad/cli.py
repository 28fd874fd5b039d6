"""The command line: see what srcad makes of a function, check it, list the rules, look after the cache.

Exit codes: 0 fine, 1 a check failed, 2 the input was bad.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import enum
import fnmatch
import functools
import importlib
import importlib.util
import inspect
import math
import re
import shlex
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, assert_never

import numpy as np
import typer
from rich.console import Console
from rich.syntax import Syntax

from srcad import __version__
from srcad.analysis.activity import Piece, activity
from srcad.binding import Argnums, Names, chosen, target_of, undecorated, with_outputs
from srcad.cache import Cache
from srcad.errors import ArgumentError, CutWarning, InternalError, SrcadError
from srcad.ir.nodes import Program
from srcad.ir.text import print_program
from srcad.ops.entry import REGISTRY, Spelling
from srcad.ops.table import take_up_all
from srcad.parts import split
from srcad.pipeline import Request, Stages, pieces
from srcad.source import find
from srcad.annotated import call_from_annotations
from srcad.store import Store
from srcad.testing import CheckFailed, active_leaves, check_grads

CHECK_FAILED = 1
BAD_INPUT = 2

_ABOUT = """Derivatives of Python and NumPy functions, as source that you can read.

TARGET is [bold]path/to/file.py:function[/] or [bold]package.module:function[/]; a method is [bold]file.py:Class.method[/]."""

_EXAMPLES = """[bold]Examples[/]

[cyan]srcad dump examples/gaussian.py:f[/]  the adjoint of f

[cyan]srcad dump examples/kepler.py:distance --mode forward --wrt e[/]  the tangent with respect to e

[cyan]srcad check examples/gaussian.py:f --args "2.0, 0.5"[/]  is it right?

[cyan]srcad rules "np.lin*"[/]  what linear algebra has rules

[cyan]srcad COMMAND --help[/]  more, with examples"""

_DUMP = """Print what a stage of the compiler makes of a function.

[bold]source[/]  the source that was found

[bold]ir[/]  typed SSA, the language of the compiler

[bold]activity[/]  the same, with the values that depend on what is differentiated and reach the result

[bold]adjoint[/]  the derivative, ordinary Python

The text is highlighted on a terminal and plain in a pipe: [cyan]srcad dump model.py:loss > loss_grad.py[/] gives a file."""

_DUMP_EXAMPLES = """[bold]Examples[/]

[cyan]srcad dump examples/gaussian.py:f[/]

[cyan]srcad dump examples/gaussian.py:f --wrt x1 --args "2.0, 0.5"[/]

[cyan]srcad dump examples/logistic.py:loss --args "np.zeros(31)"[/]

[cyan]srcad dump examples/kepler.py:distance --mode forward --stage ir[/]"""

_CHECK = """Compare the derivatives of a function with differences, entry by entry.

Both modes are compared with Richardson differences and with each other; the value must be the function's bit for bit, and the \
arguments unchanged. Prints a report; the exit code is 1 if something is wrong."""

_CHECK_EXAMPLES = """[bold]Examples[/]

[cyan]srcad check examples/gaussian.py:f --args "2.0, 0.5"[/]

[cyan]srcad check examples/kepler.py:distance --args "0.3, 1.2" --mode reverse[/]"""

_RULES = """List the rules: which functions have a derivative, and of which kind.

PATTERN is matched against the spellings, with * and ? as in file names."""

_RULES_EXAMPLES = """[bold]Examples[/]

[cyan]srcad rules[/]

[cyan]srcad rules "np.lin*"[/]

[cyan]srcad rules "*log*"[/]"""

app = typer.Typer(
    name="srcad", help=_ABOUT, epilog=_EXAMPLES, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
cache_app = typer.Typer(no_args_is_help=True)
app.add_typer(
    cache_app, name="cache",
    help="The cache of generated source: SRCAD_CACHE_DIR names its folder, SRCAD_CACHE=0 turns it off.",
)  # fmt: skip


class Mode(enum.StrEnum):
    """Which derivative."""

    REVERSE = "reverse"
    FORWARD = "forward"


class Stage(enum.StrEnum):
    """What a stage of the pipeline hands to the next."""

    SOURCE = "source"
    IR = "ir"
    ACTIVITY = "activity"
    ADJOINT = "adjoint"


_Target = Annotated[
    str, typer.Argument(metavar="TARGET", help="path/to/file.py:function or package.module:function", show_default=False)
]
_Args = Annotated[
    str | None,
    typer.Option(
        "--args", metavar="EXPRESSIONS", show_default=False,
        help='The arguments as in a call: "np.ones(3), 2.0, n=5"; names of the file can be used.'
        " Without it, annotations decide; a parameter without one is a float.",
    ),
]  # fmt: skip
_Wrt = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES", show_default=False,
        help="Parameters to differentiate or parts of them (params['W'], model.w), comma separated. Without it: all that hold floats.",
    ),
]  # fmt: skip
_Outputs = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES", show_default=False,
        help="Arguments, or parts of them, whose final contents are the result, comma separated; return stands for what is returned.",
    ),
]  # fmt: skip


@app.callback(invoke_without_command=True)
def srcad(*, version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    """Nothing but `--version`."""
    if version:
        print(f"srcad {__version__}")
        raise typer.Exit


@app.command(help=_DUMP, epilog=_DUMP_EXAMPLES)
def dump(
    target: _Target, *, stage: Annotated[Stage, typer.Option(help="Which stage to print.")] = Stage.ADJOINT,
    mode: Annotated[Mode, typer.Option(help="Reverse mode gives gradients, forward mode directional derivatives.")] = Mode.REVERSE,
    wrt: _Wrt = None, outputs: _Outputs = None, args: _Args = None,
) -> None:  # fmt: skip
    """`srcad dump`."""
    with _reported():
        found = resolve(target)
        call = arguments(found, args)
        text = stage_text(found, stage, mode, _wrt(found, wrt, call), call, _outputs(found, outputs))
        show(text, "python" if stage in (Stage.SOURCE, Stage.ADJOINT) else "text")


@app.command(help=_CHECK, epilog=_CHECK_EXAMPLES)
def check(
    target: _Target, *, args: _Args = None, outputs: _Outputs = None,
    mode: Annotated[Mode | None, typer.Option(help="One mode only.", show_default=False)] = None,
) -> None:  # fmt: skip
    """`srcad check`."""
    with _reported():
        found = resolve(target)
        call = arguments(found, args)
        modes = {None: ("fwd", "rev"), Mode.REVERSE: ("rev",), Mode.FORWARD: ("fwd",)}[mode]
        try:
            bound = inspect.signature(found.function).bind(*call.args, **call.kwargs)
            function = functools.partial(found.function, **bound.kwargs) if bound.kwargs else found.function
            print(check_grads(function, *bound.args, modes=modes, outputs=_outputs(found, outputs)))
        except CheckFailed as failure:
            print(failure.report)
            raise typer.Exit(CHECK_FAILED) from None


@app.command(help=_RULES, epilog=_RULES_EXAMPLES)
def rules(pattern: Annotated[str, typer.Argument(metavar="[PATTERN]", help="Which spellings.")] = "*") -> None:
    """`srcad rules`."""
    with _reported():
        print(rules_text(pattern))


def rules_text(pattern: str) -> str:
    """One line per entry of the rule table with a spelling that matches: name, kind, spellings."""
    take_up_all()
    pattern = re.sub(r"^(numpy|scipy)\.", lambda package: "np." if package[1] == "numpy" else "", pattern)
    spellings: dict[str, list[str]] = {}
    for spelling in REGISTRY:
        if not any(needed.startswith("srcad.") for needed in spelling.op.imports):  # helpers of generated code
            spellings.setdefault(spelling.entry.name, []).append(_spelled(spelling))
    kinds = {s.entry.name: "refused" if s.entry.refused else s.entry.kind for s in REGISTRY}
    rows = [
        (name, kinds[name], ", ".join(texts))
        for name, texts in spellings.items()
        if any(fnmatch.fnmatchcase(text, pattern) for text in (name, *texts))
    ]
    if not rows:
        raise ArgumentError(f"no rule matches {pattern!r}", 'Try a part of the name between stars: srcad rules "*log*".')
    widths = [max(len(row[i]) for row in rows) for i in (0, 1)]
    return "\n".join(f"{name:{widths[0]}}  {kind:{widths[1]}}  {spelled}" for name, kind, spelled in rows)


def _spelled(spelling: Spelling) -> str:
    form = spelling.op.form.replace("(*_)", "()" if spelling.method else "")
    return re.sub(r"(?<!\w)_[01]\b", lambda operand: "xy"[int(operand[0][1])], form)


@cache_app.command("info", help="Print the folder, whether it is used, and how much is in it.")
def cache_info() -> None:
    """`srcad cache info`."""
    print(Cache().info())


@cache_app.command("clear", help="Remove every entry.")
def cache_clear() -> None:
    """`srcad cache clear`."""
    cache = Cache()
    print(f"removed {cache.clear()} entries from {cache.root}")


# ---- stages --------------------------------------------------------------------------------------------------------------
def stage_text(target: Target, stage: Stage, mode: Mode, wrt: Argnums, call: Arguments, outputs: Names | None = None) -> str:
    """What a stage of the pipeline makes of a function."""
    function = with_outputs(target_of(undecorated(target.function)), outputs)
    numbers, bare = chosen(wrt, function)
    values = function.bind(call.args, call.kwargs)

    def stages(form: str) -> Stages:
        request = Request(form, numbers, bare=bare or len(numbers) == 1, outputs=function.outputs)
        return Store(function, request, "ignore").find(values).stages

    match stage:
        case Stage.SOURCE:
            return find(function.function).dedented
        case Stage.IR:
            return _without_sources(stages("primal").derived.program)
        case Stage.ACTIVITY:
            program = stages("primal").derived.program
            return activity_text(program, pieces(program, numbers))
        case Stage.ADJOINT if mode is Mode.FORWARD:
            return stages("jvp").emitted.text
        case Stage.ADJOINT:
            try:
                return stages("value_and_grad").emitted.text
            except ArgumentError:  # not a number: the split pair, which takes a cotangent
                return stages("vjp").emitted.text
        case _:
            assert_never(stage)


def _without_sources(program: Program) -> str:
    return print_program(dataclasses.replace(program, sources=()))


def activity_text(program: Program, wrt: Sequence[int | Piece]) -> str:
    """The IR, with the active values named at the end of each line that defines some, and the cuts below."""
    found = activity(program.entry, wrt, program)
    names = {var.name for var in found.active}
    lines = []
    for line in print_program(Program((program.entry,))).splitlines():
        defined = [name for name in re.findall(r"([%$\w.]+)(?:: |(?= =))", line) if name in names]
        lines.append(f"{line}  # active: {', '.join(dict.fromkeys(defined))}" if defined else line)
    lines += [f"# cut: {cut.op} in line {cut.loc.line}" for cut in found.cuts]
    return "\n".join(lines)


# ---- TARGET and --args ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Target:
    """A function named on the command line, with what its file defines."""

    text: str
    function: Callable[..., Any]
    namespace: dict[str, Any]
    argnums: Argnums | None
    outputs: Names | None = None


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def resolve(text: str) -> Target:
    """The function that TARGET names; ArgumentError with the nearest names if there is none."""
    where, colon, name = text.rpartition(":")
    if not colon or not where or not name:
        raise ArgumentError(f"TARGET {text!r} does not say which function", "Write path/to/file.py:function or package.module:function.")
    module = _load_file(Path(where)) if where.endswith(".py") else _load_module(where)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise ArgumentError(f"{where} has no function {name!r}", _known_functions(module, where, name))
        found = getattr(found, part)
    function = getattr(found, "primal", found)  # decorated by srcad.grad: the function below
    if isinstance(function, type):
        raise ArgumentError(f"{text} is a class, not a function", _known_methods(function, text))
    if not callable(function):
        raise ArgumentError(f"{text} is of type {type(function).__name__}, not a function", _known_functions(module, where, name))
    return Target(text, function, vars(module), getattr(found, "argnums", None), getattr(found, "outputs", None))


def _load_file(path: Path) -> types.ModuleType:
    if not path.is_file():
        raise ArgumentError(f"there is no file {path}", "TARGET is a path from here, then a colon and the function.")
    name = path.stem if path.stem.isidentifier() and _is_its_own(path.stem, path) else f"_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None:
        raise ArgumentError(f"{path} is not a Python file", "TARGET is path/to/file.py:function.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up
    sys.path.insert(0, str(path.parent.resolve()))  # as `python path/to/file.py` does
    with _users_code(f"{path} raised this when it was loaded"):
        spec.loader.exec_module(module)
    return module


def _is_its_own(name: str, path: Path) -> bool:
    """Whether a module name means nothing yet, or this very file."""
    known = importlib.util.find_spec(name)
    return known is None or (known.origin is not None and Path(known.origin).resolve() == path.resolve())


def _load_module(name: str) -> types.ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    with _users_code(f"{name} raised this when it was imported"):
        try:
            found = importlib.util.find_spec(name)
        except (ModuleNotFoundError, ValueError):
            found = None
        if found is not None:
            return importlib.import_module(name)
    raise ArgumentError(f"there is no module {name}", "TARGET is package.module:function or path/to/file.py:function.")


def _known_functions(module: types.ModuleType, where: str, name: str) -> str:
    own = [key for key, value in vars(module).items() if callable(value) and getattr(value, "__module__", None) == module.__name__]
    near = difflib.get_close_matches(name, own, 3) or own[:8]
    return f"It has {', '.join(near)}." if near else f"{where} defines no function."


def _known_methods(cls: type, text: str) -> str:
    own = [key for key, value in vars(cls).items() if callable(getattr(cls, key)) and (not key.startswith("__") or key == "__call__")]
    return f"Its methods: {', '.join(f'{text}.{key}' for key in own[:8])}." if own else "It has no method of its own."


def arguments(target: Target, text: str | None) -> Arguments:
    """The arguments in `--args`; without it, one for each parameter that needs one."""
    if text is None:
        return _made_up(target)
    namespace = {"np": np, "numpy": np, "math": math, **target.namespace, "__call": lambda *args, **kwargs: Arguments(args, kwargs)}
    try:
        found = eval(f"__call({text}\n)", namespace)  # noqa: S307  the user's own expressions, on the user's own machine
    except Exception as error:
        advice = 'Write them as in a call: --args "np.ones(3), 2.0".'
        raise ArgumentError(f"--args {text!r} cannot be evaluated: {type(error).__name__}: {error}", advice) from error
    if not isinstance(found, Arguments):
        raise ArgumentError(f"--args {text!r} is not a list of arguments", 'Write them as in a call: --args "np.ones(3), 2.0".')
    try:
        inspect.signature(target.function).bind(*found.args, **found.kwargs)
    except TypeError as error:
        wanted = inspect.signature(target.function)
        one = len(found.args) == 1 and isinstance(found.args[0], tuple)
        advice = f"It takes {wanted}." + (" A tuple in parentheses is one argument: leave the parentheses away." if one else "")
        raise ArgumentError(f"--args {text!r} does not fit the function: {error}", advice) from error
    return found


def _made_up(target: Target) -> Arguments:
    try:
        return Arguments(*call_from_annotations(target_of(undecorated(target.function))))
    except ArgumentError as error:
        owner = getattr(target.function, "__qualname__", "").rpartition(".")[0].rpartition(".")[2]
        given = f"{owner}(...), np.ones(3)" if owner else "np.ones(3), {'a': 2.0}"
        raise ArgumentError(f"{target.text}: {error.message}", f'Write the arguments as in a call: --args "{given}".') from None


def _wrt(target: Target, text: str | None, call: Arguments) -> Argnums:
    """What to differentiate: as said, as the decorator says, or all parameters that hold floats."""
    if text is not None:
        names = text.replace(",", " ").split()
        return tuple(map(int, names)) if names and all(map(str.isdecimal, names)) else split(text)
    if target.argnums is None and not isinstance(target.function, types.FunctionType | types.MethodType):  # `math:sin`: by a rule
        return tuple(n for n, value in enumerate(call.args) if any(True for _ in active_leaves(value))) or (0,)
    bound = inspect.signature(target.function).bind(*call.args, **call.kwargs).arguments
    floats = tuple(name for name, value in bound.items() if any(True for _ in active_leaves(value)))
    return target.argnums if target.argnums is not None else floats or (0,)


def _outputs(target: Target, text: str | None) -> Names | None:
    """What counts as the result: as said, or as the decorator says."""
    names = target.outputs if text is None else split(text)
    return names[0] if isinstance(names, tuple) and len(names) == 1 else names


# ---- output --------------------------------------------------------------------------------------------------------------
def show(text: str, language: str) -> None:
    """Print text as it is; on a terminal, highlighted."""
    if not sys.stdout.isatty():
        print(text.rstrip("\n"))
        return
    highlighted = Syntax(text, language, theme="ansi_dark", background_color="default").highlight(text)
    highlighted.rstrip()
    Console().print(highlighted, soft_wrap=True)


@contextlib.contextmanager
def _reported() -> Iterator[None]:
    """Bad input ends in one message and exit code 2, what the user's function raises in its own traceback."""
    try:
        with _cuts_said_once(), _users_code("the function raised this"):
            yield
    except SrcadError as error:
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(f"srcad: {error}")
        raise typer.Exit(BAD_INPUT) from None


@contextlib.contextmanager
def _cuts_said_once() -> Iterator[None]:
    """Where a derivative is cut off is a message of ours, said once; other warnings are shown as Python shows them."""
    said: set[str] = set()
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if not issubclass(category, CutWarning):
                usual(message, category, *where, **more)
            elif str(message) not in said:
                said.add(str(message))
                print(f"srcad: {message}", file=sys.stderr)

        warnings.showwarning = show
        yield


@contextlib.contextmanager
def _users_code(what: str) -> Iterator[None]:
    """An exception of the user's code is shown with the user's frames, without ours."""
    try:
        yield
    except (SrcadError, typer.Exit, BrokenPipeError):
        raise
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<frozen ")]
        own = [frame for frame in frames if not _is_ours(frame.filename)]
        if frames and _is_ours(frames[-1].filename):
            call = " ".join(["python -m srcad", *map(shlex.quote, sys.argv[1:])])
            where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
            raise InternalError(f"{type(error).__name__} at {where}: {error}", stage="command line", reproduce=call) from error
        lines = ["Traceback (most recent call last):\n", *traceback.format_list(own)] if own else []
        text = "".join([*lines, *traceback.format_exception_only(error)]).rstrip()
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(f"{text}\nsrcad: {what}")
        raise typer.Exit(BAD_INPUT) from None


def _is_ours(filename: str) -> bool:
    """Whether a file is the compiler's, not the user's and not a helper that the user's derivative calls."""
    root = Path(__file__).parent
    return Path(filename).is_relative_to(root) and not Path(filename).is_relative_to(root / "runtime")


def main() -> None:
    """The entry point of `srcad` and `python -m srcad`."""
    app()
