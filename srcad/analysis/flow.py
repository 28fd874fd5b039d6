"""How values flow from operands to outs: the edges that activity follows.

- value: a derivative may pass.
- cut: the value matters, but no derivative passes: `int()`, `floor`, `argmax`, ...
- test: a comparison; as a cut, but it usually only steers.
- none: neither (a length, a shape, a dtype).
"""
from __future__ import annotations

from collections.abc import Callable, Iterator

from srcad.ir import core
from srcad.ir.nodes import Arg, Atom, Call, Op, Ref, Var
from srcad.ir.types import STR, UNKNOWN, ListOf
from srcad.ir.visit import leaves
from srcad.ops import table

VALUE, CUT, TEST, NOTHING = "value", "cut", "test", "none"
Kind = Callable[[str], str | None]

_THROUGH = frozenset((
    "pack", "build", "unpack", "getitem", "getattr", "list_append", "list_pop", "list_set", "list_concat", "list_repeat",
    "list_fold", "list_floats", "list_append_in", "list_pop_in", "list_pop_at", "list_insert", "list_swap", "tape_push", "tape_new",
))  # fmt: skip
_TESTS = frozenset((
    *core.COMPARE, "not_", "bool", "truth", "np.isfinite", "np.isnan", "np.isinf", "np.isclose", "np.allclose", "np.array_equal",
    "np.isreal", "np.iscomplex", "np.isposinf", "np.isneginf", "np.signbit",
    "np.greater", "np.greater_equal", "np.less", "np.less_equal", "np.equal", "np.not_equal", "np.any", "np.all",
    "ndarray.any", "ndarray.all", "np.logical_and", "np.logical_or", "np.logical_not", "np.logical_xor",
    "math.isfinite", "math.isnan", "math.isinf", "math.isclose",
))  # fmt: skip
_SHAPES = frozenset((
    "np.zeros_like", "np.ones_like", "np.empty_like", "np.full_like", "np.shape", "np.size", "np.ndim", "len", "type", "isinstance",
))  # fmt: skip
_TYPES = frozenset((
    "np.result_type", "np.can_cast", "np.promote_types", "np.iscomplexobj", "np.isrealobj", "np.isscalar", "np.issubdtype", "np.finfo",
    "np.iinfo",
))  # fmt: skip
_COPIERS = frozenset(("builtins:list", "builtins:tuple"))
_ABOUT_CLASSES = frozenset(("builtins:isinstance", "builtins:type", "builtins:callable", "srcad.runtime:places_of"))  # or keys


def table_kind(name: str) -> str | None:
    """The kind of the table entry of an operation."""
    entry = table.entry(name)
    return None if entry is None else entry.kind


def steps(call: Call) -> tuple[int, ...]:
    """The items of the tuple that a call gives that are constant but for steps, as the quotient of `divmod`."""
    entry = table.entry(call.op.name)
    return () if entry is None else entry.steps


def edges(call: Call, kind: Kind = table_kind) -> Iterator[tuple[Atom, str]]:
    """The operands of a call of an operation, each with how it flows into the outs."""
    assert isinstance(call.op, Op)
    index = call.op.name == "getitem"
    usual = _way(call, kind)
    for n, arg in enumerate((*call.args, *(v for _, v in call.params))):
        shape = n in call.op.shape_only or (n == 0 and call.op.name in _SHAPES)
        way = NOTHING if shape and not (isinstance(arg, Var) and arg.type == STR) else usual  # the length of a text tells of its value
        if index and n == 1:
            way = TEST if way == VALUE else way
        for leaf in leaves(arg):
            yield leaf, NOTHING if call.op.name == "places_of" and _is_anything(leaf) else way


def _is_anything(keys: Atom) -> bool:
    """Whether keys of a dict may be of any type: those that stood beside values count as varied, and are hardly ever numbers."""
    t = keys.type if isinstance(keys, Var) else STR
    while isinstance(t, ListOf):
        t = t.item
    return t == UNKNOWN


def _way(call: Call, kind: Kind) -> str:
    name = call.op.name
    if name == "stop_gradient" or name in _TYPES:
        return NOTHING
    if name in _TESTS:
        return TEST
    if name == "call":
        return VALUE if _calls(call, _COPIERS) else NOTHING if _calls(call, _ABOUT_CLASSES) else CUT
    found = kind(name)
    if found == "nondiff":
        return CUT
    return VALUE if found is not None or name in _THROUGH else CUT


def is_operation(call: Call) -> bool:
    """Whether a call computes something, beside handing on parts of containers."""
    return call.op.name not in _THROUGH and not (call.op.name == "call" and copies(call))


def copies(call: Call) -> bool:
    """Whether a call is `list(x)` or `tuple(x)`."""
    return _calls(call, _COPIERS)


def _calls(call: Call, paths: frozenset[str]) -> bool:
    return isinstance(call.args[0], Ref) and call.args[0].path in paths


def variables(arg: Arg) -> Iterator[Var]:
    """The variables of an argument tree."""
    return (a for a in leaves(arg) if isinstance(a, Var))
