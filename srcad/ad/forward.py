"""Forward mode: every active value `x` is followed by its tangent `x_dot`.

`f(x, n) -> y` becomes `f_jvp(x, n, x_dot) -> (y, y_dot)`.  Primal statements stay as they are; the statements of a tangent
stand right behind their primal's, or before it where the primal consumes a buffer.  Zero tangents are not materialised.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from srcad.ad.adjoints import path_word, type_at
from srcad.ad.calls import check_fixed
from srcad.ad.changed import changed
from srcad.ad.results import only_used
from srcad.ad.statements import Branches, Mask, Statements
from srcad.ad.tangents import Tangent, Tangents, atom_type, tangent_type
from srcad.analysis.unbound import handed_unbound
from srcad.analysis.activity import Activity, Piece, activity
from srcad.analysis.flow import copies
from srcad.custom import Deferred
from srcad.errors import NoRule
from srcad.ir.build import Builder, Names
from srcad.ir.core import CALL, GETITEM, PACK
from srcad.ir.nodes import (
    UNDEF, Arg, Atom, Block, Call, Const, Each, Effect, Func, FuncRef, If, Loop, Op, Pack, Program, Range, Ref, Undef, Var, With,
)  # fmt: skip
from srcad.ir.types import UNKNOWN, ListOf, Struct, TupleOf, Type, is_number, is_scalar, may_carry_derivative
from srcad.ir.visit import all_defs, callees, leaves, walk
from srcad.ops import table
from srcad.ops.effects import is_fresh, raises_for_warnings
from srcad.ops.entry import quiet
from srcad.ops.trace import lift, o, zero_on_a_path

Numbers = tuple[int, ...]
_ON_LISTS = ("list_append", "tape_push", "list_pop", "list_pop_at", "list_insert", "list_set", "list_swap", "list_append_in", "list_pop_in")


def jvp_program(program: Program, wrt: Iterable[int | Piece], func: Func | None = None, *, value: bool = True) -> Program:
    """The program whose entry is the derivative of `func` (the entry by default) along tangents of the parameters `wrt`.

    The new entry takes the parameters, then one tangent per parameter (or part of one) in `wrt`; it returns (result, tangent of
    the result), without `value` the tangent alone.
    """
    return _Forward(program, value=value).run(func or program.entry, tuple(w if isinstance(w, Piece) else Piece(w) for w in wrt))


class _Forward:
    """Makes the derivatives of a function and of those it calls, each once per set of active parameters."""

    def __init__(self, program: Program, *, value: bool = True) -> None:
        self.program = program
        self._value = value
        self.by_name = {f.name: f for f in program.funcs}
        self._made: dict[tuple[str, Numbers], str] = {}
        self._acts: dict[tuple[str, Numbers], Activity] = {}
        self._todo: list[tuple[Func, Numbers]] = []
        self._changed: dict[str, frozenset[int]] = {}
        self.handed = handed_unbound(program)
        raising = [s for f in program.funcs for s in walk(f.body) if isinstance(s, With) and raises_for_warnings(s)]
        self.raising = _called(raising, self.by_name)  # functions that may run where NumPy is told to raise

    def run(self, func: Func, wrt: tuple[Piece, ...]) -> Program:
        """The derivative program."""
        made = [self._entry(func, wrt)]
        while self._todo:
            made.append(self._callee(*self._todo.pop(0)))
        used = _called([*made], self.by_name)
        return replace(self.program, funcs=(*made, *(f for f in self.program.funcs if f.name in used)))

    def name(self, func: Func, mask: Numbers, *, entry: bool = False) -> str:
        """The name of a derivative; the first request puts it on the list."""
        key = ("" if entry else func.name, mask)
        if key not in self._made:
            taken = {*self._made.values(), *self.program.taken}
            base = name = f"{func.name}_jvp"
            n = 1
            while name in taken:
                n += 1
                name = f"{base}_{n}"
            self._made[key] = name
            if not entry:
                self._todo.append((func, mask))
        return self._made[key]

    def activity(self, func: Func, mask: Numbers) -> Activity:
        """The activity of a function for a set of parameters."""
        key = (func.name, mask)
        if key not in self._acts:
            self._acts[key] = activity(func, mask, self.program)
        return self._acts[key]

    def changed_parameters(self, name: str) -> frozenset[int]:
        """Numbers of the parameters that a function changes in place; all of them while that is being found out."""
        if name not in self.by_name:
            return frozenset()  # a rule that is still being made: nothing that is differentiated here goes through it
        if name not in self._changed:
            func = self.by_name[name]
            self._changed[name] = frozenset(range(len(func.body.params)))
            found = changed(func.body, self.changed_parameters)
            self._changed[name] = frozenset(n for n, p in enumerate(func.body.params) if p in found)
        return self._changed[name]

    def varied_outs(self, func: Func, mask: Numbers) -> tuple[int, ...]:
        """The yields of a function that its derivative returns tangents of."""
        act = self.activity(func, mask)
        return tuple(i for i, y in enumerate(func.body.yields) if y in act.active)

    def _entry(self, func: Func, wrt: tuple[Piece, ...]) -> Func:
        body = _Body(self, func, wrt, activity(func, wrt, self.program), entry=True)
        yields = func.body.yields
        count = len(yields)
        new = body.function([i for i in range(count) if _float_leaf(yields[i])])
        dots = {i: count + n for n, i in enumerate(i for i in range(count) if _float_leaf(yields[i]))}
        none = len(new.yields)

        def tangent(tree: Arg) -> Arg:
            if isinstance(tree, Pack):
                return replace(tree, items=tuple(map(tangent, tree.items)))
            return Const(dots.get(tree.value, none)) if isinstance(tree, Const) and type(tree.value) is int else Const(none)

        primal = Const(0) if func.result is None else func.result
        new = replace(new, yields=(*new.yields, Const(None)))
        result: Arg = Pack("tuple", (primal, tangent(primal)))
        if not self._value:
            result, kept = only_used(tangent(primal), list(new.yields))
            new = replace(new, yields=kept)
        return Func(self.name(func, tuple(piece.param for piece in wrt), entry=True), new, result, func.key)

    def _callee(self, func: Func, mask: Numbers) -> Func:
        body = _Body(self, func, tuple(map(Piece, mask)), self.activity(func, mask)).function(self.varied_outs(func, mask))
        count = len(body.yields)
        result = None if count == 1 else Pack("tuple", tuple(map(Const, range(count))))
        return Func(self.name(func, mask), body, result, func.key)


def _placed(old: Tangent, t: Type, path: tuple[int, ...], new: Var) -> Tangent:
    """The tangent of a value, zero so far or tangents of its parts, with that of the part at a path."""
    if not path:
        return new
    assert isinstance(t, Struct)
    parts: list[Tangent] = list(old) if isinstance(old, tuple) else [None] * len(t.items)
    parts[path[0]] = _placed(parts[path[0]], t.items[path[0]], path[1:], new)
    return tuple(parts)


def _float_leaf(atom: Atom) -> bool:
    """Whether a result has a tangent."""
    return may_carry_derivative(atom.type if isinstance(atom, Var) else atom_type(atom))


def _called(roots: Sequence[Func | With], by_name: dict[str, Func]) -> set[str]:
    """Names of the primal functions that are called from there, directly or not."""
    found: set[str] = set()
    todo = list(roots)
    while todo:
        for name in callees(todo.pop().body):
            if name in by_name and name not in found:
                rule = by_name[name].custom
                names = (name, *(() if rule is None else rule.names))
                found.update(names)
                todo.extend(by_name[n] for n in names if n in by_name)
    return found


class _Body(Statements):
    """The derivative of one function's body."""

    def __init__(self, forward: _Forward, func: Func, wrt: tuple[Piece, ...], act: Activity, *, entry: bool = False) -> None:
        self._entry = entry
        self._halted: dict[Var, tuple[Atom, bool]] = {}  # outs with a tangent that is zero on one path: the condition, and what it is there
        self._forward = forward
        self._func = func
        self._wrt = wrt
        self._act = act
        self._names = Names(v.name for v in all_defs(func.body))
        self._dots = Tangents(unbound=forward.handed.inside(func))
        self._changed = changed(func.body, forward.changed_parameters)
        self._raising = func.name in forward.raising  # whether NumPy is told to raise here

    def function(self, outs: Iterable[int]) -> Block:
        """The body with tangent parameters, and with the tangents of the yields numbered in `outs`."""
        params = self._func.body.params
        new = []
        for piece in self._wrt:
            param = params[piece.param]
            t = type_at(param.type, piece.path)
            hint = f"{path_word((param, piece.path))}_dot" if piece.path else _hint(param)
            new.append(self._parameter(hint, t))
            self._dots.of[param] = _placed(self._dots.of.get(param), param.type, piece.path, new[-1])
        builder = Builder(self._names)
        self.statements(self._func.body, builder)
        yields = self._func.body.yields
        tangents = [self._atom(builder, yields[i]) for i in outs]
        return builder.block((*params, *new), (*yields, *tangents))

    def _parameter(self, hint: str, t: Type) -> Var:
        """A variable for the tangent of a parameter; what users hand in has the type of its primal."""
        return self._names.var(hint, t if self._entry and is_number(t) else tangent_type(t))

    def _dot(self, v: Var) -> Var:
        """A variable for a tangent that is handed over a border: parameter, carried value, out."""
        return self._names.var(_hint(v), tangent_type(v.type))

    def _atom(self, builder: Builder, value: Arg) -> Atom:
        """The tangent of a value as one run-time value."""
        if isinstance(value, Undef):
            return UNDEF
        t = value.type if isinstance(value, Var) else UNKNOWN if isinstance(value, Pack) else atom_type(value)  # type: ignore[arg-type]
        return self._dots.atom(builder, self._dots.get(value), value, t, _hint(value))

    def _join(self, builder: Builder, value: Atom, wanted: Var) -> Atom:
        """The tangent of a value that becomes one of the values of `wanted`, whose type may be wider."""
        return self._dots.atom(builder, self._dots.get(value), value, wanted.type, _hint(value))

    # ---- borders -----------------------------------------------------------------------------------------------------
    def heading(self, stmt: Branches) -> Branches:
        return stmt

    def followed(self, stmt: Branches, old: Sequence[Block]) -> list[bool]:
        if isinstance(stmt, If) and all(block.yields for block in old):
            for out, *paths in zip(stmt.outs, *(block.yields for block in old), strict=True):
                moves = [atom in self._act.active for atom in paths]
                if sum(moves) == 1:
                    self._halted[out] = stmt.cond, not moves[0]
        return [out in self._act.active for out in stmt.outs]

    def carried(self, stmt: Loop) -> list[bool]:
        params = stmt.body.params[len(stmt.body.params) - len(stmt.inits) :]
        return [bool({out, param} & self._act.active) for out, param in zip(stmt.outs, params, strict=True)]

    def carried_on(self, yields: Sequence[Atom], mask: Mask) -> Mask:  # noqa: ARG002 -- as above
        return mask

    def variables(self, old: Sequence[Var], mask: Mask) -> tuple[Var, ...]:
        dots = {v: self._dot(v) for v, m in zip(old, mask, strict=True) if m}
        self._dots.of.update(dots)
        for v in self._halted.keys() & dots.keys():
            zero_on_a_path(self._names, dots[v], self._halted[v][0], where=self._halted[v][1])
        return (*old, *dots.values())

    def handed(self, builder: Builder, atoms: Sequence[Atom], to: Sequence[Var], mask: Mask) -> tuple[Atom, ...]:
        return (*atoms, *(self._join(builder, a, v) for a, v, m in zip(atoms, to, mask, strict=True) if m))

    def tested(self, test: Block, builder: Builder, mask: Mask) -> Block:
        inner = builder.nested()
        self.statements(test, inner)
        return inner.block((*test.params, *(self._dot(p) for p, m in zip(test.params, mask, strict=True) if m)), test.yields)

    def iteration(self, stmt: Loop, builder: Builder) -> tuple[Range | Each | None, tuple[Var, ...]]:
        items = stmt.body.params[: len(stmt.body.params) - len(stmt.inits)]
        if not isinstance(stmt.iter, Each):
            return stmt.iter, items
        seqs, dots = [], []
        for seq, item in zip(stmt.iter.seqs, items, strict=True):
            if isinstance(seq, Var) and item in self._act.active and self._dots.get(seq) is not None:
                seqs.append(self._atom(builder, seq))
                dots.append(self._dot(item))
                self._dots.of[item] = dots[-1]
        return Each((*stmt.iter.seqs, *seqs), stmt.iter.reverse), (*items, *dots)

    # ---- calls -------------------------------------------------------------------------------------------------------
    def call(self, stmt: Call, builder: Builder) -> None:
        wanted = any(o in self._act.active for o in stmt.outs)
        _note_empty(stmt, self._dots)
        if isinstance(stmt.op, FuncRef):
            self._call_func(stmt, builder)
        elif not wanted:
            builder.add(stmt)
        elif (stmt.op.inplace and table.entry(stmt.op.name) is None) or stmt.op.name.startswith("accum"):
            self._in_place(stmt, stmt.op, builder)
            builder.add(stmt)
        else:
            builder.add(stmt)
            builder.loc, builder.note = stmt.loc, ""
            start = len(builder.stmts)
            self._tangents(stmt, stmt.op, builder)
            for out in stmt.outs:
                if out in self._changed:
                    self._own(out, builder)
            if self._raising:
                self._quietly(stmt, start, builder)

    def _branches(self, stmt: Branches, builder: Builder) -> None:
        before = self._raising
        self._raising = before or (isinstance(stmt, With) and raises_for_warnings(stmt))
        super()._branches(stmt, builder)
        self._raising = before

    def _quietly(self, stmt: Call, start: int, builder: Builder) -> None:
        """Put the tangents of a call, written from `start` on, where NumPy does not raise: the primal did not."""
        made = tuple(builder.stmts[start:])
        own = {v for s in made for v in s.outs}
        shown = [v for v in dict.fromkeys(v for out in stmt.outs for v in _variables(self._dots.of.get(out))) if v in own]
        if not shown:
            return
        del builder.stmts[start:]
        new = {v: self._names.var(v.hint, v.type) for v in shown}
        everything = (Ref("numpy:errstate", np.errstate),), (("all", Const("ignore")),)
        builder.add(With(tuple(new.values()), CALL, *everything, Block((), made, tuple(shown)), stmt.loc))
        for out in stmt.outs:
            if out in self._dots.of:
                self._dots.of[out] = _renamed(self._dots.of[out], new)

    def _own(self, value: Var, builder: Builder) -> None:
        """Give the tangent of a value that is changed in place a buffer that nothing else refers to."""
        dot = self._dots.get(value)
        if not isinstance(dot, Var) or is_scalar(dot.type):
            return
        last = builder.stmts[-1]
        made = isinstance(last, Call) and isinstance(last.op, Op) and dot in last.outs
        if not (made and is_fresh(last.op.name, last.args)):  # type: ignore[union-attr]
            self._dots.of[value] = self._dots.named(builder, o.copy_of(lift(builder, dot)), _hint(value), dot.type)

    def _tangents(self, stmt: Call, op: Op, builder: Builder) -> None:
        """Write the tangents of the outs of a call."""
        out = stmt.outs[0]
        match op.name:
            case "pack":
                self._dots.of[out] = self._display(stmt, builder)
            case "build":
                self._dots.of[out] = tuple(self._dots.get(v) for _, v in stmt.params)
            case "unpack":
                self._unpack(stmt, builder)
            case "getitem" | "getattr" if self._item(stmt, builder):
                pass
            case "call" if copies(stmt):
                dot = self._names.var(_hint(out), tangent_type(out.type))
                args = (stmt.args[0], self._atom(builder, stmt.args[1]))
                builder.add(replace(stmt, outs=(dot,), op=quiet(op), args=args, note=""))
                self._dots.of[out] = dot
            case "list_concat" | "list_repeat":
                dot = self._names.var(_hint(out), tangent_type(out.type))
                second = stmt.args[1] if op.name == "list_repeat" else self._join(builder, stmt.args[1], out)  # type: ignore[arg-type]
                first = self._join(builder, stmt.args[0], out)  # type: ignore[arg-type]
                builder.add(replace(stmt, outs=(dot,), args=(first, second), note=""))
                self._dots.of[out] = dot
            case _:
                self._rule(stmt, op, builder)

    def _rule(self, stmt: Call, op: Op, builder: Builder) -> None:
        """The tangent by the rule of the table."""
        entry = table.entry(op.name)
        if entry is None or entry.forward is None:
            raise NoRule(f"`{op.name}` has no forward rule", "use an operation of the table (`srcad rules`), or srcad.stop_gradient")
        args = tuple(lift(builder, a) for a in stmt.args)
        params = {k: lift(builder, v) for k, v in stmt.params}
        given = {id(v): a for v, a in zip((*args, *params.values()), (*stmt.args, *(v for _, v in stmt.params)), strict=True)}
        operands, _ = entry.arrange(args, params)
        tangents = tuple(self._lifted(builder, given.get(id(x))) for x in operands)
        out = stmt.outs[0]
        if all(t is None for t in tangents):
            return
        found = entry.jvp(tangents, lift(builder, out), args, params)
        self._dots.of[out] = self._dots.result(builder, found, _hint(out), out.type)

    def _lifted(self, builder: Builder, arg: Arg | None) -> object:
        """The tangent of an argument as rules see it: None for zero, but whole where a display has some part that is not."""
        if isinstance(arg, Pack) and arg.kind in ("list", "tuple"):
            return None if self._dots.get(arg) is None else self._filled(builder, arg)
        if not isinstance(arg, Var) or self._dots.get(arg) is None:
            return None
        return lift(builder, self._atom(builder, arg))

    def _filled(self, builder: Builder, arg: Arg) -> object:
        """The tangent of a part of a display; 0.0 for a number without one."""
        if isinstance(arg, Pack) and arg.kind in ("list", "tuple"):
            parts = [self._filled(builder, i) for i in arg.items]
            return parts if arg.kind == "list" else tuple(parts)
        found = self._lifted(builder, arg)
        number = isinstance(arg, Var) or (isinstance(arg, Const) and type(arg.value) in (int, float, complex))
        return o.zeros_like(lift(builder, arg)) if found is None and number else found

    def _in_place(self, stmt: Call, op: Op, builder: Builder) -> None:
        """The same write on tangents: it is linear in the buffer and in what is written."""
        target, *rest = stmt.args
        if op.name not in _ON_LISTS and self._dots.get(rest[-1]) is None:
            self._dots.of[stmt.outs[0]] = self._dots.get(target)
            return
        whole = stmt.outs[0]
        args: list[Arg] = [self._dots.atom(builder, self._dots.get(target), target, whole.type, _hint(target))]
        if op.name in ("list_append", "tape_push"):
            item = whole.type.item if isinstance(whole.type, ListOf) else None
            args += [self._record(builder, a, item) for a in rest]
        elif op.name in ("list_append_in", "list_pop_in"):
            inner = whole.type.item if isinstance(whole.type, ListOf) else None
            item = inner.item if isinstance(inner, ListOf) else None
            args += [rest[0], *(self._record(builder, a, item) for a in rest[1:])]
        elif op.name in ("list_swap", "list_pop_at"):
            args += rest
        elif op.name in ("list_set", "list_insert"):
            item = whole.type.item if isinstance(whole.type, ListOf) else None
            args += [rest[0], self._record(builder, rest[1], item)]
        else:
            args += [*rest[:-1], *(self._atom(builder, a) for a in rest[-1:])]  # a place stays, though it may be of unknown type
        outs = tuple(self._dot(o) for o in stmt.outs)
        builder.add(replace(stmt, outs=outs, op=quiet(op), args=tuple(args), note=""))
        self._dots.of.update(zip(stmt.outs, outs, strict=True))

    def _record(self, builder: Builder, arg: Arg, t: Type | None) -> Arg:
        """The tangent of an item that a list or tape takes, as an item of type `t`."""
        if isinstance(arg, Pack):
            types: tuple[Type | None, ...] = (t.item if isinstance(t, ListOf | TupleOf) else None,) * len(arg.items)
            types = t.items if isinstance(t, Struct) and len(t.items) == len(arg.items) else types
            return replace(arg, items=tuple(self._record(builder, i, k) for i, k in zip(arg.items, types, strict=True)))
        if t is None or (isinstance(arg, Var) and not may_carry_derivative(t)):
            return self._atom(builder, arg)
        return self._dots.atom(builder, self._dots.get(arg), arg, t, _hint(arg))

    def _display(self, stmt: Call, builder: Builder) -> Tangent:
        """The tangent of a display."""
        arg, out = stmt.args[0], stmt.outs[0]
        tangent = self._dots.get(arg)
        if tangent is None or isinstance(out.type, Struct) or not isinstance(arg, Pack):
            return tangent
        item = out.type.item if isinstance(out.type, ListOf | TupleOf) else None
        parts = tuple(self._record(builder, i, item) for i in arg.items)
        return builder.call(PACK, (replace(arg, items=parts),), tangent_type(out.type), hint=_hint(out))

    def _unpack(self, stmt: Call, builder: Builder) -> None:
        source = stmt.args[0]
        tangent = self._dots.get(source)
        t = source.type if isinstance(source, Var) else UNKNOWN
        if tangent is None:
            return
        if isinstance(t, Struct) and not stmt.params and not (t.cls is tuple and isinstance(tangent, Var)):
            for n, out in enumerate(stmt.outs):
                if out in self._act.active:
                    self._dots.of[out] = self._dots.item(builder, tangent, t, n)
        elif isinstance(tangent, tuple) and not stmt.params and len(tangent) == len(stmt.outs):
            self._dots.of.update(zip(stmt.outs, tangent, strict=True))
        else:
            outs = tuple(self._dot(o) for o in stmt.outs)
            whole = tangent if isinstance(tangent, Var) else self._atom(builder, source)
            # The type checker cannot see that `whole` is a value of the program.
            builder.add(replace(stmt, outs=outs, op=quiet(stmt.op), args=(whole,), note=""))  # type: ignore[arg-type]
            self._dots.of.update((o, d) for o, d in zip(stmt.outs, outs, strict=True) if o in self._act.active)

    def _item(self, stmt: Call, builder: Builder) -> bool:
        """Write the tangent of an item of a container; False for what is no container."""
        source, key = stmt.args
        out = stmt.outs[0]
        t = source.type if isinstance(source, Var) else UNKNOWN
        if isinstance(t, Struct):
            n = _item_number(t, key)
            if n is not None:
                self._dots.of[out] = self._dots.item(builder, self._dots.get(source), t, n)
                return True
        elif not isinstance(t, ListOf | TupleOf):
            parts = self._dots.get(source)
            if not isinstance(parts, tuple) or not isinstance(key, Const) or type(key.value) is not int:
                return False
            self._dots.of[out] = parts[key.value]
            return True
        if self._dots.get(source) is not None:
            whole = self._atom(builder, source)
            self._dots.of[out] = builder.call(quiet(GETITEM), (whole, key), tangent_type(out.type), hint=_hint(out))
        return True

    def _call_func(self, stmt: Call, builder: Builder) -> None:
        callee = self._forward.by_name[stmt.op.name]
        mask = tuple(i for i, a in enumerate(stmt.args) if any(self._dots.get(leaf) is not None for leaf in leaves(a)))
        if mask and callee.custom is not None:
            self._call_custom(stmt, callee, builder)
            return
        outs = self._forward.varied_outs(callee, mask) if mask else ()
        if not outs:
            builder.add(stmt)
            return
        args = tuple(self._argument(builder, stmt.args[i], callee.body.params[i]) for i in mask)
        builder.loc = stmt.loc
        dots = [self._dot(stmt.outs[i]) for i in outs]
        op = FuncRef(self._forward.name(callee, mask), stmt.op.effects)
        builder.add(replace(stmt, outs=(*stmt.outs, *dots), op=op, args=(*stmt.args, *args)))
        self._dots.of.update(zip((stmt.outs[i] for i in outs), dots, strict=True))
        for i in outs:
            if stmt.outs[i] in self._changed:  # what the callee made may be stretched, and cannot be written then
                self._own(stmt.outs[i], builder)

    def _call_custom(self, stmt: Call, callee: Func, builder: Builder) -> None:
        """The rule that the user wrote: it takes a tangent for each argument that can have one, and gives one for each such result."""
        assert callee.custom is not None
        if not callee.custom.names:
            raise Deferred
        if callee.custom.hands_back:
            builder.add(stmt)
            self._dots.of.update((out, self._dots.get(arg)) for out, arg in zip(stmt.outs, stmt.args, strict=False))
            return
        if not callee.custom.jvp:
            raise NoRule(f"'{callee.name}' is a custom_vjp, which has no forward mode (jvp, jacfwd, linearize, hvp)",
                         "write it with srcad.custom_jvp, which serves both modes, or take reverse mode again: srcad.jacrev(srcad.grad(f)) "
                         "for a Hessian, srcad.grad(lambda x: np.vdot(srcad.grad(f)(x), v))(x) for its product with v")  # fmt: skip
        check_fixed(callee, [self._dots.get(a) is not None for a in stmt.args])
        moving = [*zip(stmt.args, callee.body.params, strict=True)][callee.custom.fixed :]
        pairs = [(a, p) for a, p in moving if may_carry_derivative(p.type)]
        args = tuple(self._argument(builder, a, p) for a, p in pairs)
        builder.loc = stmt.loc
        moved = [out for out in stmt.outs if may_carry_derivative(out.type)]
        dots = tuple(self._dot(out) for out in moved)
        op = FuncRef(callee.custom.jvp, Effect.RAISES | Effect.UNKNOWN)
        builder.add(replace(stmt, outs=(*stmt.outs, *dots), op=op, args=(*stmt.args, *args)))
        self._dots.of.update(zip(moved, dots, strict=True))

    def _argument(self, builder: Builder, arg: Arg, param: Var) -> Atom:
        """The tangent of an argument of a function of the program."""
        return self._dots.atom(builder, self._dots.get(arg), arg, param.type, _hint(param))


def _hint(value: Arg) -> str:
    """The name of a value's tangent."""
    return f"{value.hint}_dot" if isinstance(value, Var) and value.hint else ""


def _item_number(t: Struct, key: Arg) -> int | None:
    """The number of the item that a constant key or attribute name means."""
    if not isinstance(key, Const):
        return None
    if t.cls in (tuple, list) and type(key.value) is int and -len(t.items) <= key.value < len(t.items):
        return key.value % len(t.items)
    return t.keys.index(key.value) if key.value in t.keys else None


def _note_empty(stmt: Call, dots: Tangents) -> None:
    """Remember lists that hold nothing: a zero tangent of such a list is an empty list."""
    if stmt.op.name == "tape_new" or (stmt.op.name == "pack" and stmt.args[:1] == (Pack("list", ()),)):
        dots.empty.update(stmt.outs)


def _variables(dot: Tangent) -> Iterator[Var]:
    """The variables of a tangent, which may be a tuple of them."""
    if isinstance(dot, tuple):
        for item in dot:
            yield from _variables(item)
    elif isinstance(dot, Var):
        yield dot


def _renamed(dot: Tangent, new: dict[Var, Var]) -> Tangent:
    if isinstance(dot, tuple):
        return tuple(_renamed(item, new) for item in dot)
    return new.get(dot, dot) if isinstance(dot, Var) else dot
