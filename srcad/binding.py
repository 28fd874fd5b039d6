"""What a user hands to srcad: the function to differentiate, its bound arguments, and the choice of arguments."""
from __future__ import annotations

import functools
import inspect
import itertools
import keyword
import linecache
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from srcad.errors import ArgumentError
from srcad.parts import RETURN, Outputs, Part, Step, parsed

Argnums = int | str | Sequence[int | str]
Names = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Target:
    """The Python function behind a callable, with arguments that are bound already.

    `of`: the request whose derivative program is meant, where the callable is itself a derivative of the function.
    `outputs`: the arguments whose final contents are the result; None for what the function returns.
    """

    function: types.FunctionType
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    of: Any = None
    outputs: Outputs | None = None

    @property
    def signature(self) -> inspect.Signature:
        """The signature of the code itself, whatever decorators say of it."""
        f = self.function
        bare = types.FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, f.__closure__)
        bare.__kwdefaults__ = f.__kwdefaults__
        return inspect.signature(bare)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in the order of the code object: positional, keyword-only, then `*args` and `**kwargs` where they stand."""
        return tuple(self.signature.parameters)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """Values for all parameters, as Python binds them.  Raises TypeError as the call itself would."""
        code = self.function.__code__
        plain = not code.co_kwonlyargcount and not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
        if plain and not kwargs and not self.kwargs:
            found = [*self.args, *args]
            missing = code.co_argcount - len(found)
            defaults = self.function.__defaults__ or ()
            if missing == 0:
                return found
            if 0 < missing <= len(defaults):
                return [*found, *defaults[len(defaults) - missing :]]
        try:
            bound = self.signature.bind(*self.args, *args, **{**self.kwargs, **kwargs})
        except TypeError as error:
            raise TypeError(f"{self.function.__name__}() {error}") from None
        bound.apply_defaults()
        return list(bound.arguments.values())


def target_of(f: Callable[..., Any]) -> Target:
    """The Python function behind a callable, or one that calls it.  Raises ArgumentError for what is not callable."""
    if isinstance(f, types.MethodType):
        base = target_of(f.__func__)
        return replace(base, args=(*base.args, f.__self__))
    prepared = getattr(f, "__srcad_target__", None)
    if isinstance(prepared, Target):
        return prepared
    if isinstance(f, types.FunctionType):
        return Target(f)
    if isinstance(f, functools.partial):
        base = target_of(f.func)
        return replace(base, args=(*base.args, *f.args), kwargs={**base.kwargs, **f.keywords})
    if isinstance(f, functools._lru_cache_wrapper):  # noqa: SLF001 -- the type has no public name
        return target_of(f.__wrapped__)
    if isinstance(getattr(f, "py_func", None), types.FunctionType):
        return target_of(f.py_func)  # type: ignore[attr-defined]
    if not callable(f):
        raise ArgumentError(f"a function is needed, not {_show(f)}", "pass the function itself, without calling it")
    call = None if isinstance(f, type) or hasattr(f, "__srcad_linear__") else type(f).__call__
    return Target(call, (f,)) if isinstance(call, types.FunctionType) else calling_any(f)


def calling_any(f: Any) -> Target:
    """A Python function with any parameters that calls `f`, which is bound to its first one."""
    made = _caller(_word(getattr(f, "__name__", "")), "function, *args, **options", "function(*args, **options)")
    return Target(made, (f,))


def wrapped_call(f: Any, target: Target) -> Target:
    """A Python function with the parameters of a target that calls `f`, which is bound to its first one."""
    head, call = _passed_on(list(target.signature.parameters.values())[len(target.args) :])
    made = _caller(f"{_word(target.function.__name__)}_derivative", f"derivative, {head}", f"derivative({call})")
    function = _with_defaults(made, made.__globals__, target.function, target.function.__defaults__)
    return Target(function, (f,), dict(target.kwargs))


def unpacked(target: Target, argnums: Argnums, outputs: Names | None = None) -> Target:
    """The target with a parameter of its own for each item of `*args` that a number in `argnums` means, named as the signature names it."""
    f = target.function
    given = [argnums] if isinstance(argnums, int) else argnums
    made_of = target.of is not None or outputs is not None
    if not f.__code__.co_flags & inspect.CO_VARARGS or made_of or any(isinstance(n, str) for n in given):
        return target
    parameters = list(target.signature.parameters.values())
    at = next(n for n, p in enumerate(parameters) if p.kind is p.VAR_POSITIONAL)
    count = max(given, default=-1) + 1 + len(target.args) - at  # type: ignore[operator]
    if count < 1:
        return target
    head, call = _passed_on(_with_items(f, parameters, at, count))
    name = _free("function", parameters)
    made = _caller(_word(f.__name__), f"{name}, {head}", f"{name}({call})")
    return Target(_with_defaults(made, made.__globals__, f, None), (f, *target.args), dict(target.kwargs))


@functools.cache
def calling(f: types.FunctionType) -> types.FunctionType:
    """A function with the parameters of `f`, which a module holds, that does nothing but call it."""
    parameters = _before_marks(list(Target(f).signature.parameters.values()))
    name = _free(_word(f.__name__), parameters)
    head, call = _passed_on(parameters)
    defaults = tuple(p.default for p in parameters if p.kind is not p.KEYWORD_ONLY and p.default is not p.empty)
    return _with_defaults(_caller(_word(f.__name__), head, f"{name}({call})"), {"__name__": "srcad.binding", name: f}, f, defaults)


def _before_marks(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    """The parameters; from the first on whose default is an object that stands for nothing given, they are `*args` and `**options`.

    `sqrtm(A, disp=<object>)` of SciPy would see its mark as an option, if it were handed on.
    """
    if not any(type(p.default) is object for p in parameters):
        return parameters
    plain = itertools.takewhile(lambda p: p.kind <= p.POSITIONAL_OR_KEYWORD and type(p.default) is not object, parameters)
    more = ((_free("args", parameters), inspect.Parameter.VAR_POSITIONAL), (_free("options", parameters), inspect.Parameter.VAR_KEYWORD))
    return [*plain, *(inspect.Parameter(name, kind) for name, kind in more)]


def _free(name: str, parameters: list[inspect.Parameter]) -> str:
    """The name, or a longer one that no parameter has."""
    while name in {p.name for p in parameters}:
        name += "_"
    return name


def _with_items(f: types.FunctionType, parameters: list[inspect.Parameter], at: int, items: int) -> list[inspect.Parameter]:
    """The parameters with some for the first of `*args`, which is number `at`."""
    shown = [p.name for p in inspect.signature(f).parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][at:]
    taken = {p.name for p in parameters}
    names = [shown[n] if n < len(shown) else f"{parameters[at].name}_{n}" for n in range(items)]
    if len({*names, *taken}) < len(names) + len(taken):
        stems = (parameters[at].name + "_" * k for k in itertools.count(1))
        stem = next(s for s in stems if not any(t.startswith(s) for t in taken))
        names = [f"{stem}{n}" for n in range(items)]
    own = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    return [*parameters[:at], *own, *parameters[at:]]


def _passed_on(parameters: list[inspect.Parameter]) -> tuple[str, str]:
    """The text of a list of parameters, and of the arguments of a call that hands them on."""
    head: list[str] = []
    call: list[str] = []
    for p in parameters:
        star = "*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else ""
        bare = p.kind is p.KEYWORD_ONLY and not any(h.startswith("*") for h in head)
        head.extend(["*", p.name] if bare else [star + p.name])
        call.append(f"{p.name}={p.name}" if p.kind is p.KEYWORD_ONLY else star + p.name)
    return ", ".join(head), ", ".join(call)


def _with_defaults(
    made: types.FunctionType, namespace: dict[str, Any], f: types.FunctionType, defaults: tuple[Any, ...] | None
) -> types.FunctionType:
    """The code of a function with other globals, these defaults, and the keyword defaults of `f`."""
    function = types.FunctionType(made.__code__, namespace, made.__name__, defaults)
    function.__kwdefaults__ = f.__kwdefaults__
    return function


def _word(name: str) -> str:
    return name if name.isidentifier() and not keyword.iskeyword(name) else "anonymous"


@functools.cache
def _caller(name: str, head: str, call: str) -> types.FunctionType:
    """`def name(derivative, x, y): return derivative(x, y)`, with a source that can be found."""
    text = f"def {name}({head}):\n    return {call}\n"
    filename = f"<srcad.binding {name}({head}): {call}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    space: dict[str, Any] = {"__name__": "srcad.binding"}
    exec(compile(text, filename, "exec"), space)
    made = space[name]
    assert isinstance(made, types.FunctionType)
    return made


def global_name(obj: Any) -> str:
    """The qualified name under which a module holds this very object, as a decorated function; '' if none does."""
    found: Any = sys.modules.get(getattr(obj, "__module__", None) or "")
    name = getattr(obj, "__qualname__", "")
    for part in name.split("."):
        found = getattr(found, part, None)
    return name if found is obj else ""


def reduced(derivative: Any, again: tuple[Any, ...]) -> Any:
    """How a derivative is pickled: by its name where a module holds it, by object and name where a class does, else `again`."""
    name, primal = global_name(derivative), derivative.primal
    if name or not isinstance(primal, types.MethodType):
        return name or again
    held: Any = getattr(type(primal.__self__), primal.__name__, None)
    kinds = {repr((type(d), getattr(d, "__srcad_made__", None))) for d in (held, derivative)}
    decorated = len(kinds) == 1 and held.primal is primal.__func__
    return (getattr, (primal.__self__, primal.__name__)) if decorated else again


def undecorated(f: Any) -> Any:
    """The function that a derivative was made of, as it was given; other callables as they are."""
    while (inner := getattr(f, "__srcad_primal__", None)) is not None:
        f = inner
    return f


def _show(value: object) -> str:
    text = repr(value)
    return f"a {type(value).__name__} ({text if len(text) <= 40 else text[:37] + '...'})"


def chosen(argnums: Argnums, target: Target) -> tuple[tuple[Part, ...], bool]:
    """What `argnums` names (numbers count after binding), and whether a bare gradient is meant.

    Raises ArgumentError for parameters that do not exist; whether a part of one exists is seen when there are arguments.
    """
    bare = isinstance(argnums, int | str)
    wanted = _wanted(argnums)
    if not wanted:
        raise ArgumentError("argnums is empty", "name at least one parameter")
    found = tuple(_part(a, target) for a in wanted)
    _check_apart(found, f"argnums {argnums!r}")
    return found, bare


def with_outputs(target: Target, outputs: Names | None) -> Target:
    """The target with the final contents of arguments as its result.  Raises ArgumentError for names that it does not have."""
    if outputs is None:
        return target
    if target.of is not None:
        raise ArgumentError("outputs of a derivative", "give `outputs` to the operator that makes the first derivative")
    bare = isinstance(outputs, str)
    several = isinstance(outputs, Sequence) and not bare  # type: ignore[redundant-expr]  # users may give anything
    given: tuple[object, ...] = tuple(outputs) if several else (outputs,)
    if not given or not all(isinstance(name, str) for name in given):
        raise ArgumentError(f"outputs is {outputs!r}", "name an argument that the function changes, or a tuple of these")
    parts = tuple(Part(RETURN) if name == "return" else _part(str(name), target) for name in given)
    _check_apart(parts, f"outputs {outputs!r}")
    return replace(target, outputs=Outputs(parts, bare))


def _check_apart(parts: tuple[Part, ...], what: str) -> None:
    """Refuse to name a part twice, or a part of what is named too."""
    for n, a in enumerate(parts):
        for b in parts[:n]:
            steps = min(len(a.steps), len(b.steps))
            if a.number == b.number and a.steps[:steps] == b.steps[:steps]:
                raise ArgumentError(f"{what} names a parameter twice, or a part of one twice", "name each once")


def _wanted(argnums: object) -> tuple[int | str, ...]:
    """The numbers and names in `argnums`."""
    given = argnums if isinstance(argnums, Sequence) and not isinstance(argnums, str) else (argnums,)
    wanted = tuple(a for a in given if isinstance(a, int | str) and not isinstance(a, bool))
    if len(wanted) != len(given):
        raise ArgumentError(f"argnums is {argnums!r}", "use an int, a parameter name, or a tuple of these")
    return wanted


def _part(argument: int | str, target: Target) -> Part:
    """The parameter of a number, or what a text names."""
    parameters = target.signature.parameters
    names = list(parameters)
    shown = f"its parameters are {', '.join(names[len(target.args) :]) or 'none'}"
    if isinstance(argument, str):
        name, steps = parsed(argument)
        if name in names:
            return Part(names.index(name), steps)
        rest = [n for n, p in enumerate(parameters.values()) if p.kind is p.VAR_KEYWORD]
        if rest:
            return Part(rest[0], (Step(name), *steps))
        raise ArgumentError(f"{target.function.__name__} has no parameter '{name}'", shown)
    if argument < 0 and any(p.kind is p.VAR_POSITIONAL for p in parameters.values()):
        raise ArgumentError(f"argnums is {argument}, but {target.function.__name__} takes any number of arguments", "count from 0")
    fixed = set(names[: len(target.args)]) | set(target.kwargs)
    positional = [n for n, p in parameters.items() if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) and n not in fixed]
    if not -len(positional) <= argument < len(positional):
        taken = f"{len(positional)} positional argument{'' if len(positional) == 1 else 's'}{' beside self' * ('self' in fixed)}"
        raise ArgumentError(f"argnums {argument} is out of range: {target.function.__name__} takes {taken}", shown)
    return Part(names.index(positional[argument]))
