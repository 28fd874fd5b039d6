"""Compiled derivatives of one function: found by the signature of the actual arguments, compiled on first use."""
from __future__ import annotations

import contextlib
import inspect
import os
import threading
import types
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from srcad import trees
from srcad.ad.adjoints import type_at
from srcad.analysis import repeatable as effects_of
from srcad.errors import ArgumentError, CutWarning, NoRule, NotDifferentiable, SrcadError, UnsupportedSyntax
from srcad import binding
from srcad.binding import Target, calling
from srcad.cache import Cache
from srcad.frontend.lower import lower_function
from srcad.frontend.lowered import Lowered
from srcad.ir.core import BINARY, COMPARE, UNARY
from srcad.ir.types import UNKNOWN, Array, NpScalar, Opaque, Scalar, Type, dtype_kind, holds_nothing, holds_one, may_carry_derivative
from srcad.ops import table
from srcad.ops.batch_site import Unbatchable
from srcad.parts import Part, read
from srcad.pipeline import Request, Stages, compile_stages, loaded
from srcad.specialise.arguments import Argument, abstract, abstract_along
from srcad.specialise.diverge import Unstructured
from srcad.specialise.facts import NO_FACTS, Facts, facts_of
from srcad.specialise.guards import Guard
from srcad.specialise.refusals import held, place
from srcad.specialise.signature import Tokens, path_along
from srcad.specialise.templates import key
from srcad.specialise.values import Dyn, Static, Value

_MOST = 32
_HERE = os.path.dirname(__file__) + os.sep  # noqa: PTH120 -- as code objects have it
_AS_WRITTEN = {"fstring": "f-string", "getitem": "[]", "pack": "key of a dict", "places_of": "key of a dict", "opaque_set": "key of a dict"}


@dataclass(frozen=True, slots=True)
class Specialisation:
    """One compiled signature.  `extras`: how to read the captured values that the generated function takes behind the arguments.

    `exact`: values of integers are part of it, as if they were types.
    """

    stages: Stages
    functions: dict[str, Any]
    entry: Callable[..., Any]
    extras: tuple[tuple[int, Callable[[Any], Any]], ...]
    guards: tuple[Guard, ...]
    cuts: tuple[str, ...]
    exact: bool

    @property
    def written(self) -> tuple[int, ...]:
        """The parameters that are arrays and are written."""
        return self.stages.specialised.written

    @property
    def unconditional(self) -> bool:
        """Whether the generated function takes the arguments alone, all of these types, and relies on no global."""
        return not self.extras and not self.guards and not self.exact

    def holds(self) -> bool:
        """Whether what was assumed of globals is still so."""
        return all(g.holds() for g in self.guards)

    def run(self, function: Any, values: list[Any], *more: Any) -> Any:
        """Call the generated function."""
        extras = [read(function if n < 0 else values[n]) for n, read in self.extras]
        try:
            return self.entry(*values, *extras, *more)
        except Exception as error:
            self.explain(error)
            raise

    def explain(self, error: Exception) -> None:
        """Note on an exception of the user's code which line of the primal it comes from; an error of ours gets that place."""
        trace, line = error.__traceback__, None
        name = self.entry.__code__.co_filename
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == name:
                line = trace.tb_lineno
            trace = trace.tb_next
        loc = None if line is None else dict(self.stages.emitted.line_map).get(line)
        if isinstance(error, SrcadError):
            if not error.rendered:
                own = self.stages.specialised.origins.get(loc.function) if loc is not None else None
                error.at(own.place(loc) if own is not None and loc is not None else self.stages.lowered.source.head)
            return
        if loc is None:
            return
        where = place(self.stages.lowered, loc) if loc.function == self.stages.lowered.key else None
        note = "raised by the differentiated function" + (f" at {where.filename}:{where.line}: {where.text.strip()}" if where else "")
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)


def repeatable(found: Specialisation) -> bool:
    """Whether a function can be run again for another derivative: it prints nothing and draws no random numbers."""
    return effects_of.repeatable(found.stages.specialised.program.funcs)


def check_repeatable(found: Specialisation, operator: str, advice: str) -> None:
    """Raise ArgumentError for a function with effects, which an operator would repeat."""
    if not repeatable(found):
        name = found.stages.lowered.name
        raise ArgumentError(f"{operator} runs '{name}' several times, but it prints, logs or draws random numbers", advice)


def target_of(f: Callable[..., Any]) -> Target:
    """The Python function behind a callable; for one of the table a function that calls it, so that its rule counts and not its source.

    Raises ArgumentError for what is not callable.
    """
    if not hasattr(f, "__srcad_target__") and not isinstance(f, types.FunctionType) and table.by_object(f) is not None:
        return binding.calling_any(f)
    target = binding.target_of(f)
    return replace(target, function=calling(target.function)) if table.by_object(target.function) is not None else target


_STORES: dict[Any, Store] = {}
_LOCK = threading.Lock()


def store_of(target: Target, request: Request, on_cut: str) -> Store:
    """The store of a function and request: one per code object, so that a lambda made anew per call is compiled once."""
    ident = (target.function.__code__, id(target.function.__globals__), request, on_cut)
    with _LOCK:
        if ident not in _STORES:
            _STORES[ident] = Store(target, request, on_cut)
        return _STORES[ident]


def float_parameters(target: Target, values: list[Any], count: int) -> tuple[int, ...]:
    """The numbers of the first `count` parameters, behind those that are bound already, as far as they hold floating-point numbers."""
    first = len(target.args)
    return tuple(n for n, value in enumerate(values[first : first + count], first) if _holds_floats(value))


def _holds_floats(value: Any) -> bool:
    if type(value) is float or (type(value) is np.ndarray and value.dtype.kind in "fc"):
        return True
    try:
        shape = abstract(value, Tokens(), varied=True).value
    except ArgumentError:  # it may, but not all of it can be differentiated, which is said where that is asked for
        return True
    return isinstance(shape, Dyn) and may_carry_derivative(shape.type) and not isinstance(shape.type, Opaque)


class Store:
    """The compiled signatures of one function and one request."""

    def __init__(self, target: Target, request: Request, on_cut: str) -> None:
        self._target = target
        self.request = request
        self.names = target.names
        self.on_cut = on_cut
        self._named = request.varied | frozenset(() if request.outputs is None else request.outputs.parts)
        self._by_number = any(type(step.key) is int for part in self._named for step in part.steps)  # of an item in a list
        self._structured = False  # the attributes of all objects are typed, since the function changes some
        self._quick: dict[Any, Specialisation] = {}
        self._known: dict[Any, list[Specialisation]] = {}
        self._held: dict[Any, Any] = {}
        self._one_by_one: set[Any] = set()  # signatures that have no form for many seeds
        self._lock = threading.RLock()
        self._code = target.function.__code__  # functions made anew per call share it, and one of them may get other code
        self.latest: Specialisation | None = None
        self._exact = False  # whether the values of integers are part of signatures

    @property
    def count(self) -> int:
        """How many signatures are compiled."""
        return sum(map(len, self._known.values()))

    def find(self, values: list[Any], function: Any = None) -> Specialisation:
        """The specialisation for actual arguments; `function` is the one that is called, where its captured variables may be others."""
        function = self._target.function if function is None else function
        if function.__code__ is not self._code and function.__code__ != self._code:  # as reloading a module may give it
            return store_of(replace(self._target, function=function), self.request, self.on_cut).find(values, function)
        quick = None if self._by_number or self._exact or function.__closure__ else _quick_key(values)
        found = self._quick.get(quick) if quick is not None else None
        if found is not None and (not found.guards or found.holds()):
            return found if not found.written else self._as_given(found, values, function)
        with self._lock:
            found = self._slow(values, function)
            if quick is not None:
                if len(self._quick) > 1024:
                    self._quick.clear()
                self._quick[quick] = found
            self.latest = found
        return found if not found.written else self._as_given(found, values, function)

    def _as_given(self, found: Specialisation, values: list[Any], function: Any) -> Specialisation:
        """The specialisation for what is so of arrays that are written: read-only ones, and one array given twice, are rare."""
        facts = facts_of(values, found.written, {p.number for p in self.request.varied})
        if facts == NO_FACTS:
            return found
        with self._lock:
            self.latest = self._slow(values, function, facts)
            return self.latest

    def _slow(self, values: list[Any], function: Any, facts: Facts = NO_FACTS) -> Specialisation:
        """By types alone where that suffices; where it does not, with the values of integers, from then on."""
        if self._exact:
            return self._found(values, function, facts, exact=True)
        try:
            return self._found(values, function, facts, exact=False)
        except Exception as error:  # noqa: BLE001 -- rules may raise anything where they need a number
            try:
                found = self._found(values, function, facts, exact=True)
            except Unbatchable:  # with the integers all has rules, if not for many seeds at once
                self._exact = True
                raise
            except Exception:  # noqa: BLE001 -- the first error is the one to show
                raise error from None
            self._exact = True
            return found

    def _found(self, values: list[Any], function: Any, facts: Facts, *, exact: bool) -> Specialisation:
        lowered = lower_function(function)
        tokens = Tokens(exact=exact)
        arguments = [self._abstract(n, v, tokens) for n, v in enumerate(values)]
        cells = [_cell(function, name) for name in lowered.free]
        captured = [_captured(value, tokens, structured=self._structured) for value in cells]
        ident = (facts, *(key(a.value) for a in (*arguments, *captured)))
        for known in self._known.get(ident, ()):
            if known.holds():
                return known
        check_differentiable(lowered, arguments, values, self.request.varied)
        plain = any(trees.is_plain(type(v)) for v in (*values, *cells))
        if ident in self._one_by_one:
            raise Unbatchable
        try:
            made = self.compile(function, arguments, captured, facts, exact=exact)
        except Unbatchable:
            self._one_by_one.add(ident)
            self._held[ident] = (arguments, captured)
            raise
        except (Unstructured, UnsupportedSyntax, NoRule) as error:  # what is read of an object, or changed, may be known by its type
            if self._structured or not plain:
                raise error.refusal if isinstance(error, Unstructured) else error from None
            self._structured = True
            return self._found(values, function, facts, exact=exact)
        if not self._structured and plain and _refuses(made):
            made = self._by_attributes(values, function, facts, exact=exact) or made
        if len(self._known) >= _MOST:
            self._known.clear()
            self._held.clear()
            self._one_by_one.clear()
        self._known.setdefault(ident, []).append(made)
        self._held[ident] = (arguments, captured)  # an identity in a key means nothing once its object is gone
        return made

    def _by_attributes(self, values: list[Any], function: Any, facts: Facts, *, exact: bool) -> Specialisation | None:
        """What is compiled with the attributes of objects typed, where no path of it is refused."""
        self._structured = True
        with contextlib.suppress(SrcadError, Unstructured):
            found = self._found(values, function, facts, exact=exact)
            if not _refuses(found):
                return found
        self._structured = False
        return None

    def _abstract(self, number: int, value: Any, tokens: Tokens) -> Argument:
        """The abstract value of an argument, with its structure along the parts that are differentiated, or that are results."""
        parts = [p for p in self._named if p.number == number]
        for part in parts:
            read(value, part, self.names)
        ways = sorted({p.steps for p in parts if p.steps}, key=str)
        varied = any(p.number == number for p in self.request.varied)
        if ways:
            return abstract_along(value, ways, tokens, varied=varied)
        return abstract(value, tokens, varied=varied, structured=self._structured)

    def compile(
        self, function: types.FunctionType, arguments: list[Argument], captured: list[Argument], facts: Facts, *, exact: bool = False
    ) -> Specialisation:
        """Compile one signature."""
        lowered = lower_function(function)
        shapes: list[Value] = [a.value for a in (*arguments, *captured)]
        top = header(lowered, arguments, self.request, facts)
        stages = compile_stages(function, shapes, self.request, top, Cache(), facts, exact=exact)
        check_result(stages, lowered, self.request)
        cuts = tuple(_shown(lowered, cut.loc, cut.op) for cut in stages.derived.cuts)
        if cuts and self.on_cut != "ignore":
            text = f"the derivative of '{lowered.name}' is cut off (zero) at\n" + "\n".join(f"  {c}" for c in cuts)
            if self.on_cut == "raise":
                raise NotDifferentiable(text, "use on_cut='warn' to accept the zero derivative there")
            warnings.warn(text, CutWarning, stacklevel=_level_of_caller())
        functions = loaded(stages)
        extras = [(n, g) for n, a in enumerate(arguments) if not isinstance(a.value, Dyn) for g in a.getters]
        for name, argument in zip(lowered.free, captured, strict=True):
            extras.extend((-1, _through_cell(name, g)) for g in argument.getters)
        guards = tuple(g for _, g in stages.specialised.guards)
        return Specialisation(stages, functions, functions[stages.emitted.entry], tuple(extras), guards, cuts, exact)


def _refuses(found: Specialisation) -> bool:
    """Whether some path of a program is refused when it is taken."""
    return any(held(f.body) is not None for f in found.stages.specialised.program.funcs)


def _through_cell(name: str, getter: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda function: getter(_cell(function, name))


def _captured(value: Any, tokens: Tokens, *, structured: bool) -> Argument:
    """The abstract value of a captured variable; names in a tuple are known, as a single name is."""
    names = type(value) is tuple and value and all(type(v) is str for v in value)
    return Argument(Static(value), ()) if names else abstract(value, tokens, structured=structured)


def _cell(function: Any, name: str) -> Any:
    return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents


def _shown(lowered: Lowered, loc: Any, op: str) -> str:
    where = place(lowered, loc) if loc.function in ("", lowered.key) else None
    what = _written(op)
    return f"{where.filename}:{where.line}: {where.text.strip()}  ({what})" if where else f"{what} in a function that it calls"


def _written(op: str) -> str:
    """An operation as users know it: `>`, `np.floor`, `.argmax()`."""
    if op.startswith("ndarray."):
        return f".{op.partition('.')[2]}()"
    operator = {**BINARY, **COMPARE, **UNARY}.get(op)
    return _AS_WRITTEN.get(op) or (op if operator is None else operator.form.replace("_0", "").replace("_1", "").strip())


def _level_of_caller() -> int:
    """The `stacklevel` that makes a warning point to the line outside srcad which has called it."""
    frame, level = inspect.currentframe(), 0
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame, level = frame.f_back, level + 1
    return level


# ---- signatures ------------------------------------------------------------------------------------------------------
def _quick_key(values: list[Any]) -> Any:
    """A key that exact arguments of the common kinds have; None for others."""
    try:
        return tuple(map(_quick, values))
    except TypeError:
        return None


def _quick(v: Any) -> Any:
    """The part of a key for one argument.  Raises TypeError for kinds that need a closer look."""
    t = type(v)
    if t is float or t is int:
        return t
    if t is np.ndarray:
        return v.dtype, v.shape
    if v is None or t is bool or t is str:
        return t, v
    if isinstance(v, np.generic):
        return t
    if t is list:
        kinds = set(map(type, v))
        return (t, *kinds) if kinds in _PLAIN else (t, *map(_quick, v)) if len(v) <= _SHORT else _unknown()
    if t is tuple and len(v) <= _SHORT:
        return (t, *map(_quick, v))
    if (t is dict or t is OrderedDict) and len(v) <= _SHORT:
        return (t, *map(type, v), *v, *map(_quick, v.values()))  # 1, 1.0 and True are equal
    return _unknown()


def _unknown() -> Any:
    raise TypeError


_PLAIN = ({float}, {int})
_SHORT = 32


def check_differentiable(lowered: Lowered, arguments: list[Argument], values: list[Any], wrt: Iterable[Part]) -> None:
    """Raise ArgumentError where a differentiated argument, or part of one, holds nothing to differentiate."""
    for part in sorted(wrt, key=lambda p: (p.number, str(p.steps))):
        whole = arguments[part.number].value
        value = whole
        if part.steps and isinstance(whole, Dyn):
            value = replace(whole, type=type_at(whole.type, path_along(whole.type, part.steps)))
        t = value.type if isinstance(value, Dyn) else UNKNOWN
        if holds_nothing(t) or (may_carry_derivative(t) and not isinstance(t, Opaque)):
            continue
        actual = read(values[part.number], part, lowered.params)
        shown = repr(actual)
        named = f"argument {part.number} ('{part.shown(lowered.params)}')"
        short = len(shown) < 40 and "\n" not in shown
        what = f"{lowered.name}: {named} is {_kind(value) or ('' if short else f'of type {type(actual).__name__}')}{f' {shown}' * short}"
        what = what.replace("  ", " ")
        raise ArgumentError(f"{what}, which has no derivative", _float_advice(value, actual, part.shown(lowered.params)))


def _kind(value: Value) -> str:
    t = value.type if isinstance(value, Dyn) else None
    if isinstance(t, Array):
        return f"an array of {t.dtype}"
    if isinstance(t, Scalar | NpScalar):
        return "an integer" if dtype_kind(t) in "iu" else "a bool"
    return ""


def _float_advice(value: Value, actual: Any, shown: str) -> str:
    t = value.type if isinstance(value, Dyn) else None
    if trees.attributes(actual):
        return f"name the attributes that are to be differentiated: argnums=('{shown}.{trees.attributes(actual)[0]}', ...)"
    if isinstance(t, Array):
        return f"convert it first: {shown}.astype(float)"
    if isinstance(actual, np.ndarray):
        return f"convert it first: np.asarray({shown}, dtype=float)"
    if isinstance(t, Scalar | NpScalar):
        return f"pass a float: {float(actual)!r}"
    return "differentiate with respect to a float, an array of floats, or a container of these (argnums)"


def check_result(stages: Stages, lowered: Lowered, request: Request) -> None:
    """Raise where the result is known not to be one real number, and one is needed."""
    outputs = request.outputs
    while request.of is not None:
        request = request.of
    if request.form not in ("grad", "value_and_grad"):
        return
    value: Any = stages.specialised.result
    if request.aux:
        items: tuple[Any, ...] = getattr(value, "items", ())
        if len(items) != 2 or getattr(value, "cls", None) is not tuple:
            raise ArgumentError(f"has_aux=True, but '{lowered.name}' does not return a pair (value, aux)", "return a tuple of two")
        value = items[0]
    t: Type | None = value.type if isinstance(value, Dyn) else None
    if t is None and isinstance(getattr(value, "value", None), float):
        return
    if value is None or (t is not None and (holds_one(t) or (isinstance(t, Opaque) and t.cls is None))):
        return
    for func in stages.specialised.program.funcs:
        refusal = held(func.body)
        if refusal is not None:
            raise refusal  # what could not be followed may be why the result looks like something else
    what = f"'{lowered.name}' returns" if outputs is None else f"the outputs of '{lowered.name}' are"
    raise ArgumentError(f"grad needs a function that returns one real number; {what} {_result_word(value)}",
                        "use srcad.jacobian, srcad.vjp with a cotangent or srcad.jvp, or reduce the result to a number")  # fmt: skip


def _result_word(value: Any) -> str:
    t = getattr(value, "type", None)
    if isinstance(t, Array):
        return f"an array of rank {t.ndim} and dtype {t.dtype}"
    if isinstance(t, Scalar | NpScalar):
        return {"c": "a complex number", "b": "a bool"}.get(dtype_kind(t), "an integer")
    if hasattr(value, "cls"):
        return f"a {value.cls.__name__}"
    if hasattr(value, "value"):
        return repr(value.value)
    return "something else"


def header(lowered: Lowered, arguments: list[Argument], request: Request, facts: Facts) -> tuple[str, ...]:
    """The first lines of the generated source."""
    wrt = ", ".join(part.shown(lowered.params) for part in request.wrt)
    shown = ", ".join(f"{name}: {describe(a.value)}" for name, a in zip(lowered.params, arguments, strict=True))
    lines = [f"Derivative of {lowered.name} ({_modes(request)}) with respect to {wrt}.", f"Signature: {shown}"]
    if request.outputs is not None:
        lines.append(f"Result: {', '.join(part.shown(lowered.params) for part in request.outputs.parts)}, as the function leaves it.")
    lines.extend(f"Given: {lowered.params[n]} is the array {lowered.params[first]}." for n, first in facts.twins)
    return tuple(lines)


def _modes(request: Request) -> str:
    """The modes of a derivative of a derivative, the last one first."""
    mode = "forward mode" if request.form in ("jvp", "tangent") else "reverse mode"
    return mode if request.of is None else f"{mode} over {_modes(request.of)}"


def describe(value: Value) -> str:
    """A short word for an abstract argument."""
    if isinstance(value, Dyn):
        return _type_word(value.type)
    known = getattr(value, "value", None)
    return repr(known) if type(known) in (bool, str, type(None)) else getattr(known, "__name__", type(value).__name__.lower())


def _type_word(t: Type) -> str:
    match t:
        case Scalar(kind):
            return kind
        case NpScalar(dtype):
            return f"np.{dtype}"
        case Array(dtype, shape):
            return f"{dtype}[{', '.join(':' for _ in shape)}]"
        case Opaque(cls):
            return "object" if cls is None else cls.__name__
    item = getattr(t, "item", None)
    if item is not None:
        return f"{'list' if type(t).__name__ == 'ListOf' else 'tuple'}[{_type_word(item)}]"
    return getattr(getattr(t, "cls", None), "__name__", "object")
