"""Operators, subscripts, lengths and truth of objects whose classes define them in Python."""
from __future__ import annotations

import types
from typing import TYPE_CHECKING

from srcad.frontend.lower import lower_function
from srcad.ir.core import AUGMENTED
from srcad.ir.nodes import Const
from srcad.ir.types import Array, NpScalar, Numbered, Opaque, Scalar, Struct
from srcad.runtime.iterators import Items
from srcad.specialise import attributes, choices, control, numbered, optional
from srcad.specialise.kinds import class_path, is_object, own, structured
from srcad.specialise.values import Bound, Cell, Dyn, Maybe, Seq, Static, Value, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift", "rshift", "divmod")
_MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}
_RULED = ("scipy.sparse",)  # packages whose objects the rule table knows
_UNARY = ("neg", "pos", "invert", "abs")


def method(engine: Engine, value: Value, name: str) -> Value | None:
    """The method `name` of the class of a value if it is written in Python."""
    cls = _class(value)
    raw = None if cls is None else own(cls, name)
    if cls is None or not isinstance(raw, types.FunctionType) or (name == "__eq__" and raw.__code__.co_filename == "<string>"):
        return None
    return Bound(Static(raw, class_path(cls, name)), value)


def _class(value: Value) -> type | None:
    """The class of an object that is followed: of known structure, or a differentiated run-time object."""
    if isinstance(value, Seq):
        return value.cls
    if isinstance(value, Dyn) and isinstance(value.type, Struct | Numbered | Opaque):
        cls = attributes.class_of(value.type)
        if cls is not None and cls.__module__.startswith(_RULED):
            return None
        return None if cls in (None, object, type(None)) else cls
    return None


def operator(engine: Engine, name: str, args: list[Value]) -> Value | None:
    """The value of an operator that a method in Python computes; None where Python's own types and NumPy decide."""
    if name == "mul" and _is_product(*args):
        return engine.operation("matmul", args)
    if not any(_class(a) for a in args) or (not any(isinstance(a, Seq) for a in args) and not any(map(is_varied, args))):
        return None
    if name in _UNARY:
        found = method(engine, args[0], f"__{name}__")
        return None if found is None else engine.call(found, [], {})
    if name in AUGMENTED:
        found = method(engine, args[0], f"__{name}__")
        if found is not None:
            result = engine.call(found, [args[1]], {})
            if not _is_declined(result):
                return result
        plain = {"iand": "and_", "ior": "or_"}.get(name, name[1:])
        return operator(engine, plain, args)
    if name in ("in_", "not_in"):
        return _contains(engine, name, args)
    if name in _BINARY:
        word = name.rstrip("_")
        return _either(engine, name, args, f"__{word}__", f"__r{word}__")
    return _compared(engine, name, args) if name in _MIRRORED else None


def _is_product(left: Value, right: Value) -> bool:
    """Whether `left * right` is the product of a matrix: that of SciPy's older sparse class and an array."""
    types_ = [v.type for v in (left, right) if isinstance(v, Dyn)]
    if len(types_) != 2 or not any(isinstance(t, Array) and t.ndim > 0 for t in types_):
        return False
    classes = (attributes.class_of(t) for t in types_ if isinstance(t, Opaque))
    return any(c is not None and any(k.__name__ == "spmatrix" and k.__module__.startswith(_RULED) for k in c.__mro__) for c in classes)


def _is_declined(value: Value) -> bool:
    return isinstance(value, Static) and value.value is NotImplemented


def _either(engine: Engine, name: str, args: list[Value], plain: str, mirrored: str) -> Value | None:
    """The method of the left operand, or the mirrored one of the right, in Python's order."""
    left, right = args
    ways = [(left, plain, right), (right, mirrored, left)]
    a, b = _class(left), _class(right)
    if a is not None and b is not None and a is not b and issubclass(b, a) and own(b, mirrored) is not own(a, mirrored):
        ways.reverse()
    tried = False
    for self, word, other in ways:
        found = None if word == mirrored and _takes(left, b) else method(engine, self, word)
        if found is None:
            continue
        tried = True
        result = engine.call(found, [_handed(engine, self, other) if word == mirrored else other], {})
        if not _is_declined(result):
            return result
    if not tried and not any(map(is_object, args)):
        _check_plain(engine, args)
        return None
    if not tried and any(isinstance(v, Dyn) and isinstance(v.type, Array | NpScalar) for v in args):
        arrays = [_array_for_operator(engine, v) for v in args]
        if not any(map(is_object, arrays)):
            return engine.operation(name, arrays)
    raise engine.refuse("UnsupportedSyntax", "SRC176", f"no method of its operands computes this `{name.rstrip('_')}`",
                        f"define `{plain}` for these operands")  # fmt: skip


def _takes(left: Value, right: type | None) -> bool:
    """Whether a number's own operator takes an object on the right, whose class is that of another kind of numbers."""
    if isinstance(left, Dyn) and isinstance(left.type, Scalar):
        kind = left.type.kind
    else:
        kind = type(left.value).__name__ if isinstance(left, Static) else ""
    own_kind, others = _NUMBERS.get(kind, (object, ()))
    return right is not None and issubclass(right, others) and not issubclass(right, own_kind)


_NUMBERS: dict[str, tuple[type, tuple[type, ...]]] = {"int": (int, ()), "float": (float, (int,)), "complex": (complex, (int, float))}


def _check_plain(engine: Engine, args: list[Value]) -> None:
    """Refuse a number of the user's class whose other operators rules would call, where Python's number takes it."""
    for cls in filter(None, map(_class, args)):
        if issubclass(cls, int | float | complex) and any(isinstance(own(cls, f"__{n}__"), types.FunctionType) for n in _RULES_USE):
            raise engine.refuse("UnsupportedSyntax", "SRC176", f"a {cls.__name__} is a number with operators of its own",
                                f"write `{cls.__mro__[-2].__name__}(...)` around it")  # fmt: skip


_RULES_USE = ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "rpow", "neg")


def _handed(engine: Engine, self: Value, other: Value) -> Value:
    """The left operand as a mirrored method gets it: NumPy hands over arrays item by item, and its scalars as Python numbers."""
    cls = _class(self)
    if not isinstance(other, Dyn) or not isinstance(other.type, Array | NpScalar) or cls is None:
        return other
    if getattr(cls, "__array_ufunc__", 0) is None:
        return other
    sized = hasattr(cls, "__array__") or (hasattr(cls, "__len__") and hasattr(cls, "__getitem__"))
    if isinstance(other.type, Array) or sized or hasattr(cls, "__array_priority__") or hasattr(cls, "__array_ufunc__"):
        raise engine.refuse("UnsupportedSyntax", "SRC177", f"NumPy decides what an array and a {cls.__name__} give, item by item",
                            "put the object on the left, or set `__array_ufunc__ = None` in its class")  # fmt: skip
    return engine.call(Static(float, "builtins:float"), [other], {})


def _array_for_operator(engine: Engine, value: Value) -> Value:
    """What NumPy's own operators take an object for; itself where its class says otherwise."""
    cls = _class(value)
    return value if cls is None or hasattr(cls, "__array_ufunc__") else as_array(engine, value)


def _compared(engine: Engine, name: str, args: list[Value]) -> Value | None:
    word, mirrored = f"__{name}__", f"__{_MIRRORED[name]}__"
    if any(method(engine, a, w) is not None for a, w in zip(args, (word, mirrored), strict=True)):
        return _either(engine, name, args, word, mirrored)
    if name == "ne" and any(method(engine, a, "__eq__") is not None for a in args):
        return engine.operation("not_", [engine.operation("eq", args)])
    if not any(map(is_object, args)):
        return None
    a, b = (numbered.opened(engine, v) if _by_fields(v) else v for v in args)
    if name in ("eq", "ne") and isinstance(a, Seq) and isinstance(b, Seq) and a.cls is b.cls and own(a.cls, "__eq__") is not object.__eq__:
        parts: list[Value] = [Seq(tuple, a.items), Seq(tuple, tuple(b.at(k) for k in a.keys))]
        return engine.operation(name, parts)
    if name in ("eq", "ne") and all(isinstance(v, Static) or is_object(v) for v in args):
        return engine.operation("is_" if name == "eq" else "is_not", args)
    return None


def _by_fields(value: Value) -> bool:
    """Whether `==` of an object that is known by number compares its fields, as that of a dataclass does."""
    cls = structured(value)
    raw = None if cls is None else own(cls, "__eq__")
    return numbered.is_numbered(value) and isinstance(raw, types.FunctionType) and raw.__code__.co_filename == "<string>"


def _contains(engine: Engine, name: str, args: list[Value]) -> Value | None:
    item, holder = args
    found = method(engine, holder, "__contains__")
    if found is not None:
        result = engine.call(Static(bool, "builtins:bool"), [engine.call(found, [item], {})], {})
        return result if name == "in_" else engine.operation("not_", [result])
    if is_object(holder):
        raise engine.refuse("UnsupportedSyntax", "SRC176", f"a {_name(holder)} has no `__contains__` that is written in Python",
                            "define `__contains__`")  # fmt: skip
    return None


# ---- what builtins ask ------------------------------------------------------------------------------------------------
def asked(engine: Engine, value: Value, name: str, args: list[Value]) -> Value | None:
    """`value.__name__(*args)` where the class has it in Python; refused for objects that do not have it."""
    if structured(value) is None:
        return None
    found = method(engine, value, name)
    if found is not None:
        return engine.call(found, args, {})
    if not is_object(value):
        return None
    raise engine.refuse("UnsupportedSyntax", "SRC176", f"a {_name(value)} has no `{name}` that is written in Python",
                        f"define `{name}`")  # fmt: skip


def number(engine: Engine, value: Value, *names: str) -> Value | None:
    """The number that an object says it is, by the first of these methods that its class has; None where none is written in Python."""
    cls = structured(value)
    name = next((n for n in names if cls is not None and own(cls, n) is not None), "")
    found = method(engine, value, name)
    return None if found is None else engine.call(found, [], {})


def _name(value: Value) -> str:
    cls = structured(value)
    return "" if cls is None else cls.__name__


def always_none(value: Value, name: str) -> bool:
    """Whether a method returns None on every path."""
    cls = structured(value)
    raw = None if cls is None else own(cls, name)
    return isinstance(raw, types.FunctionType) and lower_function(raw).func.body.yields == (Const(None),)


def condition(engine: Engine, value: Value) -> Value:
    """A condition: of an object what `__bool__` or `__len__` says."""
    if isinstance(value, Maybe):
        return optional.condition(engine, value)
    chosen = choices.split(engine, [value], lambda one: control.asked(engine, one[0]))
    if chosen is not None:
        return chosen
    if structured(value) is None:
        return value
    for name in ("__bool__", "__len__"):
        found = method(engine, value, name)
        if found is not None:
            return engine.call(found, [], {})
    return Static(value=True) if numbered.is_numbered(value) else value


def as_array(engine: Engine, value: Value) -> Value:
    """An object whose class says which array it is, by `__array__`, as that array; other values as they are."""
    cls = structured(value)
    if cls is None or not is_object(value) or not isinstance(own(cls, "__array__"), types.FunctionType):
        return value
    found = asked(engine, value, "__array__", [])
    return value if found is None else found


def iterated(engine: Engine, value: Value) -> Value:
    """What iterating over an object goes over."""
    if isinstance(value, Seq) and value.cls is types.GeneratorType:
        return value
    cls = structured(value)
    if cls is not None and own(cls, "__iter__") is None and isinstance(own(cls, "__getitem__"), types.FunctionType):
        return value  # read by number until it raises IndexError
    mark = Cell().serial
    found = asked(engine, value, "__iter__", [])
    if isinstance(found, Seq) and found.cls is Items and found.cell is not None and found.cell.serial > mark:
        now = engine.now(found)  # made for us: nobody else sees how far it has come
        if isinstance(now, Seq) and now.at("at") == Static(0) and isinstance(now.at("items"), Seq | Dyn):
            return now.at("items")
    made = None if found is None else structured(found)
    if found is None or (made is not None and isinstance(own(made, "__next__"), types.FunctionType)):
        return value if found is None else found
    return iterated(engine, found)
