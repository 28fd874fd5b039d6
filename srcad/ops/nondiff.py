"""Operations through which no derivative passes, on purpose: comparisons, rounding, integers, predicates, shapes."""
from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcad.ir.core import BINARY, COMPARE, LENGTH, UNARY
from srcad.ir.types import BOOL, INT, STR, Array, ListOf, NpScalar, Struct, TupleOf, Type, dtype_kind
from srcad.ops.infer import ANY, ONE, elementwise, nested_shape, type_of
from srcad.ops.op import Spelled, Spellings, nondiff, refused


def always(t: Type) -> Any:
    """An `infer` for one result type."""

    def infer(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type:
        return t

    return infer


def by_element(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """An `infer` for functions of each element."""
    if any(nested_shape(a) is None for a in args):
        scalars = [type_of(a) for a in args]
        return BOOL if spelling.op.name in COMPARE and STR in scalars else None
    return elementwise(spelling.object, args, params)


def shape_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A tuple of as many ints as there are axes."""
    shape = nested_shape(args[0])
    return None if shape is None else Struct(tuple, (), (INT,) * len(shape))


def _compared(name: str) -> Spellings:
    fn = {"in_": lambda a, b: a in b, "not_in": lambda a, b: a not in b}.get(name) or getattr(operator, name)
    ufunc = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}.get(name)
    infer = always(BOOL) if ufunc is None else by_element
    spelled = () if ufunc is None else (f"np.{ufunc}",)
    return nondiff(fn, name=ufunc or name, path="", op=COMPARE[name], infer=infer, spelled=spelled)


def _operator(name: str, table: dict[str, Any], *spelled: str) -> Spellings:
    infer = always(BOOL) if name == "not_" else by_element
    return nondiff(getattr(operator, name), name=name, path="", op=table[name], infer=infer, spelled=spelled)


def _functions(module: str, names: str, infer: Any = None) -> tuple[Spellings, ...]:
    """One entry for each name that this Python or NumPy has."""
    found = (nondiff(f"{module}{n}", name=f"{module}{n}", infer=infer) for n in names.split())
    return tuple(f for f in found if f)


def _item_types(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    return INT if isinstance(args[0], Array | NpScalar) else None


def _unravelled(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """As many integers, or arrays of them, as there are axes."""
    axes = nested_shape(args[1]) if len(args) > 1 else None
    places = nested_shape(args[0])
    if places is None or axes is None or len(axes) != 1 or axes[0].length is None:
        return None
    return Struct(tuple, (), (Array("int64", places) if places else NpScalar("int64"),) * axes[0].length)


def _open_mesh(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """An index array for each axis, as long as what is given for it, and 1 along the others."""
    given = [nested_shape(a) for a in args]
    if not all(shape is not None and len(shape) == 1 and _are_integers(a) for shape, a in zip(given, args, strict=True)):
        return None
    axes = range(len(given))
    shapes = [tuple(shape[0] if k == n else ONE for k in axes) for n, shape in enumerate(given) if shape]
    return Struct(tuple, (), tuple(Array("int64", s) for s in shapes))


def _are_integers(a: Any) -> bool:
    if isinstance(a, Struct):
        return all(map(_are_integers, a.items))
    if isinstance(a, ListOf | TupleOf):
        return _are_integers(a.item)
    return (type_of(a) == INT or dtype_kind(type_of(a)) == "i") if not isinstance(a, list | tuple) else all(map(_are_integers, a))


def _places(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """As many arrays of integers as there are axes."""
    shape = nested_shape(args[0])
    return Struct(tuple, (), (Array("int64", (ANY,)),) * len(shape)) if shape else None


def _of_matrix(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """Two arrays of integers: the places are those of a matrix."""
    told = spelling.object is np.diag_indices and (len(args) > 1 or bool(params))
    return None if told else Struct(tuple, (), (Array("int64", (ANY,)),) * 2)


def dtype_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A NumPy dtype, which carries nothing."""
    return type_of(np.dtype(args[0].dtype)) if isinstance(args[0], Array | NpScalar) else None


OPERATORS = (
    *(_compared(n) for n in COMPARE),
    _operator("not_", UNARY), _operator("invert", UNARY, "np.invert"),
    _operator("floordiv", BINARY, "np.floor_divide"),
    _operator("lshift", BINARY, "np.left_shift"), _operator("rshift", BINARY, "np.right_shift"),
    _operator("and_", BINARY, "np.bitwise_and"), _operator("or_", BINARY, "np.bitwise_or"), _operator("xor", BINARY, "np.bitwise_xor"),
)  # fmt: skip

BUILTINS = (
    nondiff(len, name="len", path="", op=LENGTH, infer=always(INT)),
    nondiff(int, path="int", infer=always(INT)),
    nondiff(bool, path="bool", infer=always(BOOL)),
    nondiff(round, path="round", name="builtin_round"),
    *_functions("", "any all", always(BOOL)),
    *_functions("", "id hash", always(INT)),
    *_functions("", "str repr format ascii chr bin hex oct", always(STR)),
    *_functions("", "ord callable isinstance issubclass hasattr"),
)  # fmt: skip

MATH = (
    *_functions("math.", "floor ceil trunc isqrt factorial comb perm gcd lcm", always(INT)),
    *_functions("math.", "isfinite isinf isnan isclose", always(BOOL)),
    *_functions("math.", "ulp"),
)

UFUNCS = (
    *_functions("np.", "floor ceil trunc rint sign signbit isfinite isnan isinf isneginf isposinf logical_and logical_or logical_not "
        "logical_xor heaviside spacing gcd lcm isclose isreal iscomplex fix", by_element),
    nondiff(np.round, name="round", spelled=("np.around",), infer=None),
)  # fmt: skip

ARRAYS = (
    *_functions("np.", "argmax argmin argpartition searchsorted digitize count_nonzero argwhere lexsort "
        "allclose array_equal array_equiv isin may_share_memory shares_memory result_type can_cast promote_types ndim size "
        "iscomplexobj isrealobj isscalar ravel_multi_index indices "
        "broadcast_shapes nanargmax nanargmin any all issubdtype finfo iinfo dtype"),
    *_functions("np.", "flatnonzero", always(Array("int64", (ANY,)))),
    nondiff(np.unravel_index, infer=_unravelled), nondiff(np.nonzero, name="np.nonzero", infer=_places),
    nondiff(np.nonzero, name="x.nonzero", path="", spelled=(Spelled("x.nonzero()"),), infer=_places),
    *_functions("np.", "tril_indices triu_indices diag_indices", _of_matrix),
    nondiff(np.ix_, infer=_open_mesh),
    nondiff(np.shape, name="np.shape", spelled=("x.shape",), infer=shape_type),
    nondiff(operator.attrgetter("ndim"), name="x.ndim", path="", spelled=("x.ndim",), infer=_item_types),
    nondiff(operator.attrgetter("size"), name="x.size", path="", spelled=("x.size",), infer=_item_types),
    nondiff(operator.attrgetter("dtype"), name="x.dtype", path="", spelled=("x.dtype",), infer=dtype_type),
    nondiff(operator.attrgetter("itemsize"), name="x.itemsize", path="", spelled=("x.itemsize",), infer=_item_types),
    nondiff(operator.attrgetter("nbytes"), name="x.nbytes", path="", spelled=("x.nbytes",), infer=_item_types),
    *(nondiff(f, name=f"x.{n}", path="", spelled=(Spelled(f"x.{n}()"),))
        for n, f in (("argmax", np.argmax), ("argmin", np.argmin), ("argsort", np.argsort), ("any", np.any), ("all", np.all),
            ("searchsorted", np.searchsorted), ("round", np.round), ("is_integer", float.is_integer))),
)  # fmt: skip

_INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "intp", "bool_")
_REFUSED = ("np.nextafter", "math.nextafter")
REFUSED = tuple(map(refused, _REFUSED))
NUMBERS = tuple(nondiff(f"np.{n}", name=f"np.{n}") for n in _INTEGERS)

RULES = (*OPERATORS, *BUILTINS, *MATH, *UFUNCS, *ARRAYS, *REFUSED, *NUMBERS)
