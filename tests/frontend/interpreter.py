"""A small interpreter of untyped IR: runs what lowering made, on real values, as Python would run the source."""
from __future__ import annotations

import builtins
import importlib
import operator
import types
from collections.abc import Callable, Iterator
from typing import Any

from srcad.frontend.lower import lower_function
from srcad.frontend.lowered import Lowered
from srcad.ir.nodes import (
    Arg,
    Block,
    Call,
    Const,
    Each,
    If,
    Loop,
    Pack,
    Range,
    Ref,
    SliceArg,
    Star,
    Stmt,
    Try,
    Undef,
    Var,
    With,
)  # fmt: skip

_MISSING = object()
_BINARY = "add sub mul truediv floordiv mod pow matmul lshift rshift and_ or_ xor eq ne lt le gt ge is_ is_not".split()
_OPERATORS: dict[str, Callable[..., Any]] = {n: getattr(operator, n) for n in _BINARY}
_OPERATORS |= {"i" + n.rstrip("_"): getattr(operator, "i" + n.rstrip("_")) for n in _BINARY[:13]}
_OPERATORS |= {n: getattr(operator, n) for n in ("neg", "pos", "invert", "not_")}
_OPERATORS |= {"in_": lambda a, b: a in b, "not_in": lambda a, b: a not in b}


class Refused(Exception):
    """A REFUSE statement was reached."""


class Run:
    """One call of a lowered function."""

    def __init__(self, lowered: Lowered, namespace: dict[str, Any]) -> None:
        self.lowered = lowered
        self.namespace = namespace
        self.env: dict[Var, Any] = {}

    # ---- arguments -------------------------------------------------------------------------------------------------
    def value(self, arg: Arg) -> Any:
        match arg:
            case Var():
                found = self.env[arg]
                if found is _MISSING:
                    raise UnboundLocalError(arg.hint)
                return found
            case Const(value):
                return value
            case Ref(_, value):
                return value
            case Undef():
                raise UnboundLocalError
            case SliceArg(lower, upper, step):
                return slice(self.value(lower), self.value(upper), self.value(step))
            case Pack("dict", items, keys):
                made: dict[Any, Any] = {}
                for key, item in zip(keys, items, strict=True):
                    if isinstance(key, Star):
                        made.update(self.value(key.value))
                    else:
                        made[self.value(key)] = self.value(item)
                return made
            case Pack(kind, items, _):
                return {"tuple": tuple, "list": list, "set": set}[kind](self.items(items))
        raise AssertionError(arg)

    def items(self, args: tuple[Arg, ...]) -> list[Any]:
        found: list[Any] = []
        for arg in args:
            if isinstance(arg, Star):
                found.extend(self.value(arg.value))
            else:
                found.append(self.value(arg))
        return found

    def passed(self, atom: Any) -> Any:
        """The value of an atom that is carried on, not read: it may be unbound."""
        return _MISSING if isinstance(atom, Undef) else self.env[atom] if isinstance(atom, Var) else self.value(atom)

    # ---- statements ------------------------------------------------------------------------------------------------
    def block(self, block: Block, values: list[Any]) -> list[Any]:
        self.env.update(zip(block.params, values, strict=True))
        for stmt in block.stmts:
            self.statement(stmt)
        return [self.passed(y) for y in block.yields]

    def statement(self, stmt: Stmt) -> None:
        match stmt:
            case Call():
                results = self.call(stmt)
            case If():
                results = self.block(stmt.then if self.value(stmt.cond) else stmt.orelse, [])
            case Loop():
                results = self.loop(stmt)
            case Try():
                results = self.try_(stmt)
            case With():
                with self.value(stmt.args[0]) as target:
                    results = self.block(stmt.body, [target] if stmt.body.params else [])
        self.env.update(zip(stmt.outs, results, strict=True))

    def loop(self, stmt: Loop) -> list[Any]:
        carried = [self.passed(a) for a in stmt.inits]
        items: Iterator[Any] | None = None
        if isinstance(stmt.iter, Each):
            (seq,) = stmt.iter.seqs
            assert not isinstance(seq, Range)
            items = iter(self.value(seq))
        while True:
            head = []
            if items is not None:
                try:
                    head = [next(items)]
                except StopIteration:
                    break
            if stmt.test is not None:
                (atom,) = self.block(stmt.test, carried)
                if not atom:
                    break
            carried = self.block(stmt.body, head + carried)
            if stmt.exit is not None and carried[stmt.exit] != 0:
                assert carried[stmt.exit] is not _MISSING
                break
        return carried

    def try_(self, stmt: Try) -> list[Any]:
        path = 0
        try:
            try:
                results = self.block(stmt.body, [])
            except BaseException as error:
                for n, handler in enumerate(stmt.handlers, 1):
                    if handler.type is None or isinstance(error, self.value(handler.type)):
                        path = n
                        results = self.block(handler.block, [error] if handler.block.params else [])
                        break
                else:
                    raise
        finally:
            if stmt.final is not None:
                self.block(stmt.final, [])
        if stmt.path is not None:
            self.env[stmt.path] = path
        return results

    # ---- operations ------------------------------------------------------------------------------------------------
    def op_steady(self, stmt: Call) -> Any:
        return self.value(stmt.args[0])

    def call(self, stmt: Call) -> list[Any]:
        name, args = stmt.op.name, stmt.args
        special = getattr(self, "op_" + name, None)
        if special is not None:
            result = special(stmt)
            return result if name == "unpack" else [result] if stmt.outs else []
        return [_OPERATORS[name](*(self.value(a) for a in args))]

    def op_global(self, stmt: Call) -> Any:
        name = stmt.args[0].value  # type: ignore[union-attr]
        if name in self.namespace:
            return self.namespace[name]
        if hasattr(builtins, name):
            return getattr(builtins, name)
        raise NameError(name)

    def op_setglobal(self, stmt: Call) -> None:
        self.namespace[stmt.args[0].value] = self.value(stmt.args[1])  # type: ignore[union-attr]

    def op_call(self, stmt: Call) -> Any:
        function, *args = self.items(stmt.args)
        kwargs: dict[str, Any] = {}
        for key, arg in stmt.params:
            new = self.value(arg.value) if isinstance(arg, Star) else {key: self.value(arg)}
            if kwargs.keys() & new.keys():
                raise TypeError("multiple values")
            kwargs.update(new)
        return function(*args, **kwargs)

    def op_closure(self, stmt: Call) -> Any:
        params = dict(stmt.params)
        lowered = self.lowered.nested[params["func"].value]  # type: ignore[union-attr]
        captured = [self.passed(a) for a in stmt.args]
        defaults = self.value(params["defaults"]) if "defaults" in params else ()
        kwdefaults = self.value(params["kwdefaults"]) if "kwdefaults" in params else {}
        return callable_of(lowered, self.namespace, captured, defaults, kwdefaults)

    def op_new_class(self, stmt: Call) -> Any:
        params = {k: self.value(v) for k, v in stmt.params}
        code = self.lowered.source.code_of_class(params["name"], params["line"])
        cells = {n: types.CellType() for n in code.co_freevars}
        for name, atom in zip(params["captured"], stmt.args, strict=True):
            if name in cells and self.passed(atom) is not _MISSING:
                cells[name].cell_contents = self.passed(atom)

        def body(namespace: dict[str, Any]) -> None:
            exec(code, self.namespace, namespace, closure=tuple(cells[n] for n in code.co_freevars) or None)

        made: Any = types.new_class(params["name"], params["bases"], exec_body=body)
        for decorator, options in zip(reversed(params["decorators"]), reversed(params["options"]), strict=True):
            made = decorator(made, **dict(options)) if options else decorator(made)
        if params["name"] in cells:
            cells[params["name"]].cell_contents = made
        return made

    def op_getattr(self, stmt: Call) -> Any:
        return getattr(self.value(stmt.args[0]), self.value(stmt.args[1]))

    def op_getitem(self, stmt: Call) -> Any:
        return self.value(stmt.args[0])[self.value(stmt.args[1])]

    def op_pack(self, stmt: Call) -> Any:
        return self.value(stmt.args[0])

    def op_unpack(self, stmt: Call) -> list[Any]:
        star = next((v.value for k, v in stmt.params if k == "star"), None)  # type: ignore[union-attr]
        source = self.value(stmt.args[0])
        count = len(stmt.outs)
        if star is None:
            found = []
            items = iter(source)
            for _ in range(count):
                try:
                    found.append(next(items))
                except StopIteration:
                    raise ValueError("not enough values to unpack") from None
            for _ in items:
                raise ValueError("too many values to unpack")
            return found
        found = list(source)
        if len(found) < count - 1:
            raise ValueError("not enough values to unpack")
        tail = len(found) - (count - 1 - star)
        return [*found[:star], found[star:tail], *found[tail:]]

    def op_fstring(self, stmt: Call) -> str:
        parts = []
        for arg in stmt.args:
            if isinstance(arg, Pack):
                value, conversion, spec = (self.value(i) for i in arg.items)
                value = {"": lambda v: v, "s": str, "r": repr, "a": ascii}[conversion](value)
                parts.append(format(value, spec))
            else:
                parts.append(self.value(arg))
        return "".join(parts)

    def op_import(self, stmt: Call) -> Any:
        module, name, level = (self.value(a) for a in stmt.args)
        full = importlib.util.resolve_name("." * level + module, self.namespace["__package__"]) if level else module
        found = importlib.import_module(full)
        if name is None:
            return found
        if not hasattr(found, name):
            try:
                return importlib.import_module(f"{full}.{name}")
            except ModuleNotFoundError:
                raise ImportError(name) from None
        return getattr(found, name)

    def op_setitem(self, stmt: Call) -> None:
        self.value(stmt.args[0])[self.value(stmt.args[1])] = self.value(stmt.args[2])

    def op_setattr(self, stmt: Call) -> None:
        setattr(*(self.value(a) for a in stmt.args))

    def op_delitem(self, stmt: Call) -> None:
        del self.value(stmt.args[0])[self.value(stmt.args[1])]

    def op_delattr(self, stmt: Call) -> None:
        delattr(*(self.value(a) for a in stmt.args))

    def op_list_append(self, stmt: Call) -> Any:
        items = self.value(stmt.args[0])
        items.append(self.value(stmt.args[1]))
        return items

    def op_raise(self, stmt: Call) -> None:
        if not stmt.args:
            raise  # noqa: PLE0704
        if stmt.params:
            raise self.value(stmt.args[0]) from self.value(stmt.params[0][1])
        raise self.value(stmt.args[0])

    def op_unbound(self, stmt: Call) -> bool:
        value, bound = stmt.args
        assert (self.passed(value) is not _MISSING) == self.value(bound)
        return not self.value(bound)

    def op_refuse(self, stmt: Call) -> None:
        raise Refused(*(self.value(a) for a in stmt.args))


def callable_of(lowered: Lowered, namespace: dict[str, Any], captured: list[Any], defaults: tuple[Any, ...], kwdefaults: dict[str, Any]) -> Any:
    """A Python function that runs a lowered one."""

    def run(*args: Any, **kwargs: Any) -> Any:
        values = bound(lowered, args, kwargs, defaults, kwdefaults)
        free = [run if name == lowered.itself else value for name, value in zip(lowered.free, captured, strict=True)]
        (result,) = Run(lowered, namespace).block(lowered.func.body, values + free)
        if result is _MISSING:
            raise UnboundLocalError
        return result

    run.__name__ = lowered.name
    return run


def bound(lowered: Lowered, args: tuple[Any, ...], kwargs: dict[str, Any], defaults: tuple[Any, ...], kwdefaults: dict[str, Any]) -> list[Any]:
    """Values of the parameters, bound by Python itself."""
    parts = [*lowered.posonly, *(["/"] if lowered.posonly else []), *lowered.args]
    parts += [f"*{lowered.vararg}"] if lowered.vararg else ["*"] if lowered.kwonly else []
    parts += [*lowered.kwonly, *([f"**{lowered.kwarg}"] if lowered.kwarg else [])]
    scope: dict[str, Any] = {}
    exec(f"def bind({', '.join(parts)}): return [{', '.join(lowered.params)}]", scope)
    scope["bind"].__defaults__ = tuple(defaults)
    scope["bind"].__kwdefaults__ = dict(kwdefaults)
    return scope["bind"](*args, **kwargs)  # type: ignore[no-any-return]


def relowered(function: types.FunctionType) -> Any:
    """The function, run from its IR."""
    if isinstance(function, types.MethodType):
        return types.MethodType(relowered(function.__func__), function.__self__)
    lowered = lower_function(function)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    captured = [cells[name].cell_contents for name in lowered.free]
    return callable_of(lowered, function.__globals__, captured, function.__defaults__ or (), function.__kwdefaults__ or {})
