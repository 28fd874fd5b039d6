"""Runs IR directly, statement by statement: an oracle for passes and for `ad` that needs no emitter."""
from __future__ import annotations

import copy
import operator
from functools import reduce
from importlib import import_module

from srcad.ir.nodes import Call, Const, Each, FuncRef, If, Loop, Pack, Range, Ref, SliceArg, Star, Try, Undef, Var, With
from srcad.ops import table

UNBOUND = object()


class Interpreter:
    """Runs the functions of a program; `log` lists the operations with effects that ran."""

    def __init__(self, program):
        self.program = program
        self.steps = 0

    def call(self, name, args):
        func = self.program.func(name)
        env = dict(zip(func.body.params, args, strict=True))
        return func, self.block(func.body, env)

    def run(self, *args):
        func, values = self.call(self.program.entry.name, args)
        return self.assembled(func.result, values)

    def assembled(self, tree, values):
        if tree is None:
            return values[0]
        if isinstance(tree, Const):
            return values[tree.value]
        items = [self.assembled(i, values) for i in tree.items]
        if tree.kind == "dict":
            return {k.value: i for k, i in zip(tree.keys, items, strict=True)}
        return items if tree.kind == "list" else tuple(items)

    def arg(self, a, env):
        match a:
            case Var():
                value = env[a]
                assert value is not UNBOUND
                return value
            case Const(value):
                return value
            case Ref(path, value):
                if value is not None:
                    return value
                module, _, name = path.partition(":")
                return reduce(getattr, name.split("."), import_module(module))
            case Undef():
                return UNBOUND
            case SliceArg(x, y, z):
                return slice(self.arg(x, env), self.arg(y, env), self.arg(z, env))
            case Pack("dict", items, keys):
                return {self.arg(k, env): self.arg(i, env) for k, i in zip(keys, items, strict=True)}
            case Pack(kind, items):
                found = []
                for i in items:
                    found.extend(self.arg(i.value, env)) if isinstance(i, Star) else found.append(self.arg(i, env))
                return {"list": list, "tuple": tuple, "set": set}[kind](found)
        raise AssertionError(a)

    def value(self, atom, env):
        return env[atom] if isinstance(atom, Var) else self.arg(atom, env)

    def block(self, block, env):
        for stmt in block.stmts:
            self.stmt(stmt, env)
        return [self.value(y, env) for y in block.yields]

    def bind(self, outs, values, env):
        env.update(zip(outs, values, strict=True))

    def stmt(self, stmt, env):
        self.steps += 1
        assert self.steps < 200_000
        match stmt:
            case Call():
                self.bind(stmt.outs, self.operation(stmt, env)[: len(stmt.outs)], env)
            case If():
                chosen = stmt.then if self.arg(stmt.cond, env) else stmt.orelse
                self.bind(stmt.outs, self.block(chosen, dict(env)), env)
            case Loop():
                self.loop(stmt, env)
            case Try():
                self.try_(stmt, env)
            case With():
                manager = self.operation(stmt, env)[0]
                with manager as target:
                    inner = dict(env)
                    self.bind(stmt.body.params, [target][: len(stmt.body.params)], inner)
                    values = self.block(stmt.body, inner)
                self.bind(stmt.outs, values, env)

    def operation(self, stmt, env):
        args = [self.arg(a, env) for a in stmt.args]
        params = {k: self.arg(v, env) for k, v in stmt.params}
        if isinstance(stmt.op, FuncRef):
            return self.call(stmt.op.name, args)[1]
        name = stmt.op.name
        if stmt.op.inplace:
            args[0] = copy.copy(args[0])
        match name:
            case "pack":
                return args
            case "unpack":
                values = list(args[0])
                if "star" in params:
                    n, behind = params["star"], len(stmt.outs) - params["star"] - 1
                    stop = len(values) - behind
                    values = [*values[:n], values[n:stop], *values[stop:]]
                return values
            case "getattr":
                return [getattr(*args)]
            case "call":
                return [args[0](*args[1:], **params)]
            case "list_append" | "tape_push":
                args[0].append(args[1])
                return [args[0]]
            case "list_pop":
                item = args[0].pop()
                return [args[0], item]
            case "fstring":
                return ["".join(a if isinstance(a, str) else self.formatted(*a) for a in args)]
            case "refuse":
                raise NotImplementedError(args[-1])
            case "build":
                return [args[0](**params)]
            case "tape_new":
                return [[]]
            case "not_":
                return [not args[0]]
            case "is_" | "is_not":
                return [(args[0] is args[1]) == (name == "is_")]
            case "raise":
                raise args[0]
        if name.startswith("accum"):
            return [self.accumulate(name, *args)]
        if hasattr(operator, name):
            return [getattr(operator, name)(*args)]
        spelling = table.spelling(name)
        return [spelling.object(*args, **params)]

    def formatted(self, value, conversion, spec):
        return format({115: str, 114: repr, 97: ascii}.get(conversion, lambda v: v)(value), spec or "")

    def accumulate(self, name, x, *rest):
        from srcad import runtime

        if name == "accum":
            x += rest[0]
            return x
        return runtime.accum_at(x, *rest)

    def trips(self, it, env):
        match it:
            case Range(a, b, c, reverse):
                r = range(self.arg(a, env), self.arg(b, env), self.arg(c, env))
                return ((i,) for i in (reversed(r) if reverse else r))
            case Each(seqs, reverse):
                found = [list(t[0] for t in self.trips(s, env)) if isinstance(s, Range) else list(self.arg(s, env)) for s in seqs]
                return zip(*([s[::-1] for s in found] if reverse else found))
        return iter(lambda: (), None)

    def loop(self, stmt, env):
        carried = [self.value(a, env) for a in stmt.inits]
        count = 0
        trips = self.trips(stmt.iter, env)
        while True:
            if stmt.test is not None:
                inner = dict(env)
                self.bind(stmt.test.params, carried, inner)
                if not self.block(stmt.test, inner)[0]:
                    break
            items = next(trips, None)
            if items is None:
                break
            count += 1
            inner = dict(env)
            self.bind(stmt.body.params, [*items, *carried], inner)
            carried = self.block(stmt.body, inner)
            if stmt.exit is not None and carried[stmt.exit] != 0:
                break
        self.bind(stmt.outs, carried, env)
        if stmt.count is not None:
            env[stmt.count] = count

    def try_(self, stmt, env):
        path = 0
        try:
            try:
                values = self.block(stmt.body, dict(env))
            except Exception as error:
                for n, h in enumerate(stmt.handlers):
                    if h.type is None or isinstance(error, self.arg(h.type, env)):
                        inner = dict(env)
                        self.bind(h.block.params, [error][: len(h.block.params)], inner)
                        values, path = self.block(h.block, inner), n + 1
                        break
                else:
                    raise
        finally:
            if stmt.final is not None:
                self.block(stmt.final, dict(env))
        self.bind(stmt.outs, values, env)
        if stmt.path is not None:
            env[stmt.path] = path
