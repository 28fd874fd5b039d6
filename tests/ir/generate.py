"""Random well-formed IR that runs: floats, tuples, lists, branches, loops with exits, `try`, calls of a second function."""
from __future__ import annotations

import random

from srcad.ir.build import Builder, Names
from srcad.ir.core import BINARY, COMPARE, GETITEM, LIST_APPEND, PACK, RAISE, UNPACK
from srcad.ir.nodes import UNDEF, Block, Call, Const, Each, Func, FuncRef, Handler, If, Loc, Loop, Pack, Program, Range, Ref, Try
from srcad.ir.types import FLOAT, INT, ListOf, Struct

PAIR = Struct(tuple, (), (FLOAT, FLOAT))
FLOATS = ListOf(FLOAT)
HINTS = ("x", "y", "x_bar", "")


class Generator:
    """Writes statements into builders; `scope` lists the variables in scope by type."""

    def __init__(self, seed, callee=None):
        self.random = random.Random(seed)
        self.names = Names()
        self.callee = callee

    def func(self, name="f", size=8):
        params = [self.names.var("x", FLOAT), self.names.var("y", FLOAT), self.names.var("n", INT)]
        builder = Builder(self.names, Loc(1))
        scope = list(params)
        self.fill(builder, scope, size, 3)
        yields = tuple(self.pick(scope, FLOAT) for _ in range(2))
        return Func(name, builder.block(params, yields), Pack("tuple", (Const(0), Const(1))), "key")

    def pick(self, scope, t):
        found = [v for v in scope if v.type == t]
        if t == FLOAT and (not found or self.random.random() < 0.15):
            return Const(self.random.choice((0.0, 1.0, -0.5, 2.0)))
        return self.random.choice(found)

    def has(self, scope, t):
        return any(v.type == t for v in scope)

    def fill(self, builder, scope, size, depth):
        for _ in range(self.random.randint(1, size)):
            builder.loc = Loc(self.random.randint(1, 9), 4, 9, 7, self.random.choice(("key", "other")))
            kinds = ["arith"] * 5 + ["pack", "list", "item", "unpack", "append", "copy"]
            kinds += ["if", "for", "while", "each", "try", "call"] if depth else []
            getattr(self, self.random.choice(kinds))(builder, scope, depth)

    def hint(self):
        return self.random.choice(HINTS)

    def arith(self, builder, scope, depth):
        op = BINARY[self.random.choice(("add", "sub", "mul", "add"))]
        scope.append(builder.call(op, (self.pick(scope, FLOAT), self.pick(scope, FLOAT)), FLOAT, hint=self.hint()))

    def copy(self, builder, scope, depth):
        v = self.pick([v for v in scope if v.type != INT] or scope, FLOAT)
        scope.append(builder.call(PACK, (v,), FLOAT, hint=self.hint()))

    def pack(self, builder, scope, depth):
        scope.append(builder.call(PACK, (Pack("tuple", (self.pick(scope, FLOAT), self.pick(scope, FLOAT))),), PAIR, hint="p"))

    def list(self, builder, scope, depth):
        items = tuple(self.pick(scope, FLOAT) for _ in range(self.random.randint(0, 3)))
        scope.append(builder.call(PACK, (Pack("list", items),), FLOATS, hint="l"))

    def item(self, builder, scope, depth):
        if self.has(scope, PAIR):
            scope.append(builder.call(GETITEM, (self.pick(scope, PAIR), Const(self.random.randint(-2, 1))), FLOAT))

    def unpack(self, builder, scope, depth):
        if self.has(scope, PAIR):
            outs = (self.names.var("a", FLOAT), self.names.var("b", FLOAT))
            builder.add(Call(outs, UNPACK, (self.pick(scope, PAIR),), (), builder.loc, "a note"))
            scope.extend(outs)

    def append(self, builder, scope, depth):
        if self.has(scope, FLOATS):
            scope.append(builder.call(LIST_APPEND, (self.pick(scope, FLOATS), self.pick(scope, FLOAT)), FLOATS, hint="l"))

    def condition(self, builder, scope):
        op = COMPARE[self.random.choice(("lt", "gt", "le"))]
        return builder.call(op, (self.pick(scope, FLOAT), self.pick(scope, FLOAT)), FLOAT)

    def types(self, scope):
        return [t for t in (FLOAT, FLOAT, PAIR, FLOATS) if self.has(scope, t)][: self.random.randint(0, 4)]

    def inner(self, builder, scope, types, depth, params=()):
        nested = builder.nested()
        inside = [*scope, *params]
        self.fill(nested, inside, 4, depth - 1)
        return nested.block(params, [self.pick(inside, t) for t in types])

    def outs(self, types, scope):
        found = tuple(self.names.var(self.hint(), t) for t in types)
        scope.extend(found)
        return found

    def __getattr__(self, name):
        if name == "if":
            return self.branch
        if name == "for":
            return self.count
        if name == "while":
            return self.repeat
        if name == "try":
            return self.attempt
        raise AttributeError(name)

    def branch(self, builder, scope, depth):
        types = self.types(scope)
        cond = self.random.choice((Const(True), Const(False), None)) or self.condition(builder, scope)
        then, orelse = (self.inner(builder, scope, types, depth) for _ in range(2))
        builder.add(If(self.outs(types, scope), cond, then, orelse, builder.loc))

    def carried(self, scope, types):
        return tuple(self.names.var(self.hint(), t) for t in types), tuple(self.pick(scope, t) for t in types)

    def invariant(self, body, params):
        """Sometimes a carried value is handed on as it is."""
        yields = tuple(p if p.type == y.type and self.random.random() < 0.3 else y for p, y in zip(params, body.yields) if hasattr(y, "type"))
        return Block(body.params, body.stmts, yields) if len(yields) == len(body.yields) else body

    def count(self, builder, scope, depth):
        types = self.types(scope)
        params, inits = self.carried(scope, types)
        i = self.names.var("i", INT)
        body = self.invariant(self.inner(builder, scope, types, depth, (i, *params)), params)
        bounds = Range(Const(0), self.random.choice((Const(3), *[v for v in scope if v.type == INT][:1])), Const(1), self.random.random() < 0.3)
        if types and self.random.random() < 0.4:
            self.with_exit(builder, scope, types, params, inits, bounds, body)
            return
        builder.add(Loop(self.outs(types, scope), bounds, inits, None, body, loc=builder.loc))

    def with_exit(self, builder, scope, types, params, inits, bounds, body):
        """The loop, stopped by a carried number that a condition of the body sets."""
        nested = builder.nested()
        flag, cond = self.names.var("", INT), nested.call(COMPARE["gt"], (params[0] if types[0] == FLOAT else Const(1.0), Const(0.5)))
        chosen = self.names.var("", INT)
        nested.add(If((chosen,), cond, Block((), (), (Const(1),)), Block((), (), (Const(0),))))
        whole = Block((*body.params, flag), (*body.stmts, *nested.stmts), (*body.yields, chosen))
        outs = (*self.outs(types, scope), self.names.var("", INT))
        count = self.names.var("", INT) if self.random.random() < 0.5 else None
        builder.add(Loop(outs, bounds, (*inits, Const(0)), None, whole, len(types), count, builder.loc))
        if count is not None:
            scope.append(count)

    def repeat(self, builder, scope, depth):
        types = self.types(scope)
        params, inits = self.carried(scope, types)
        k, k_test = self.names.var("k", INT), self.names.var("k", INT)
        tested = tuple(self.names.var("", t) for t in types)
        test = builder.nested()
        cond = test.call(COMPARE["lt"], (k_test, Const(3)))
        body = self.inner(builder, scope, types, depth, params)
        step = builder.nested()
        more = step.call(BINARY["add"], (k, Const(1)), INT)
        whole = Block((k, *params), (*body.stmts, *step.stmts), (more, *body.yields))
        out = self.names.var("k", INT)
        outs = (out, *self.outs(types, scope))
        builder.add(Loop(outs, None, (Const(0), *inits), test.block((k_test, *tested), (cond,)), whole, loc=builder.loc))

    def each(self, builder, scope, depth):
        if not self.has(scope, FLOATS):
            return
        types = self.types(scope)
        params, inits = self.carried(scope, types)
        items = (self.names.var("e", FLOAT), self.names.var("i", INT))
        seqs = (self.pick(scope, FLOATS), Range(Const(0), Const(2), Const(1)))
        both = self.random.random() < 0.5
        body = self.inner(builder, scope, types, depth, (*items[: 1 + both], *params))
        builder.add(Loop(self.outs(types, scope), Each(seqs[: 1 + both], not both and self.random.random() < 0.5), inits, None, body, loc=builder.loc))

    def attempt(self, builder, scope, depth):
        types = self.types(scope)
        body = self.inner(builder, scope, types, depth)
        if self.random.random() < 0.5:
            nested = builder.nested()
            nested.add(If((), self.condition(nested, scope), Block((), (Call((), RAISE, (Ref("builtins:ValueError", ValueError),)),), ()), Block((), (), ())))
            body = Block((), (*nested.stmts, *body.stmts), body.yields)
        handler = self.inner(builder, scope, types, depth)
        path = self.names.var("path", INT) if self.random.random() < 0.5 else None
        outs = self.outs(types, scope)
        builder.add(Try(outs, body, (Handler(Ref("builtins:ValueError", ValueError), handler),), Block((), (), ()) if self.random.random() < 0.3 else None, path))
        if path is not None:
            scope.append(path)

    def call(self, builder, scope, depth):
        if self.callee is not None:
            outs = (self.names.var("r", FLOAT), self.names.var("", FLOAT))
            builder.add(Call(outs, FuncRef(self.callee.name), (self.pick(scope, FLOAT), self.pick(scope, FLOAT), Const(2)), (), builder.loc))
            scope.extend(outs)


def random_program(seed):
    """A program of two functions that runs on (float, float, int)."""
    callee = Generator(seed + 1).func("g", size=4)
    entry = Generator(seed, callee).func("f")
    return Program((entry, callee), (("key", "def f(x):\n    return x\n"),))


__all__ = ["UNDEF", "random_program"]
