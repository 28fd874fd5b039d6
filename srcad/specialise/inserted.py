"""`cotangent_of`: a block of the user becomes a function of the program that takes a cotangent and gives back what it shall be.

The call itself gives back its first argument; the block stands in its rule, and the reverse sweep takes it in.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.ir.build import Builder
from srcad.ir.nodes import Atom, Block, Call, Custom, Effect, Func, FuncRef, Var
from srcad.ir.types import may_carry_derivative
from srcad.specialise import matching
from srcad.specialise.canonical import Canonical
from srcad.specialise.derived import flat, hints
from srcad.specialise.frames import Callee, Unit
from srcad.specialise.function_names import free_name
from srcad.specialise.memory import can_change, recelled
from srcad.specialise.templates import key, leaves, rebuild, template
from srcad.specialise.values import Closure, Dyn, Seq, Value, hint_of, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_CODE = "SRC193"


def point(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`cotangent_of(h, block, *variables)`, as the front end writes it: `h` itself."""
    if len(args) < 2 or not isinstance(args[1], Closure):
        raise engine.refuse("UnsupportedSyntax", _CODE, "`cotangent_of` is used under another name, or not in a `with` statement",
                            "write `with srcad.cotangent_of(h) as h_bar:`")  # fmt: skip
    value, block, variables = args[0], args[1], args[2:]
    if not is_varied(value):
        return value
    whole = Seq(tuple, (value, *variables))
    tokens = Canonical()
    shape = template(tokens.inward(whole))
    assert isinstance(shape, Seq)
    ident = ("inserted", key(template(block)), key(shape), engine.in_try > 0)
    callee = engine.callees.get(ident)
    if callee is None:
        callee = engine.callees[ident] = _made(engine, block, shape)
    given = list(leaves(value))
    outs = tuple(engine.unit.names.var(hint_of(leaf), leaf.type) for leaf in given)
    atoms = tuple(leaf.atom for leaf in leaves(whole))
    engine.builder.add(Call(outs, FuncRef(callee.name, Effect.NONE), atoms, (), engine.builder.loc))
    roots = set(engine.memory.roots(value))
    for out in outs:
        if roots and can_change(out.type):
            engine.memory.relate(out, roots)
    return rebuild(template(value), iter(outs))


def _made(engine: Engine, block: Closure, shape: Seq) -> Callee:
    """The two functions of the program: what is called, and the block."""
    name = free_name(engine, block.name)
    types = [leaf.type for leaf in leaves(shape)]
    count = sum(1 for _ in leaves(shape.items[0]))
    saved = engine.unit, engine.builder, engine.conditional
    engine.unit = Unit(f"{name}_bar")
    engine.builder = Builder(engine.unit.names, saved[1].loc)
    engine.conditional = 0
    try:
        words = [*("" for _ in range(count)), *list(hints(Seq(tuple, (block, *shape.items))))[count:]]
        params = [engine.unit.names.var(h, t) for h, t in zip(words, types, strict=True)]
        bars = [engine.unit.names.var(block.lowered.args[0], t) for t in types[:count] if may_carry_derivative(t)]
        yields = _body(engine, block, shape, params, bars)
        body = Block((*params, *bars), (*engine.unit.prologue, *engine.builder.stmts), yields)
        backward = Func(engine.unit.name, body, flat(len(yields)), engine.frames[-1].lowered.key)
    finally:
        engine.unit, engine.builder, engine.conditional = saved
    own = Block(tuple(params), (), tuple(params[:count]))
    func = Func(name, own, flat(count), backward.key, custom=Custom(backward=backward.name))
    engine.funcs.extend((func, backward))
    return Callee(name, busy=False)


def _body(engine: Engine, block: Closure, shape: Seq, params: list[Var], bars: list[Var]) -> tuple[Atom, ...]:
    """Interpret the block; the cotangents that it leaves behind."""
    outer = engine.memory
    engine.memory = outer.fork()
    try:
        given = rebuild(shape, iter(params))
        assert isinstance(given, Seq)
        likes = [Dyn(b, b.type, varied=True) for b in bars]
        found = engine.call(block, [recelled(matching.in_structure(given.items[0], iter(likes))), *given.items[1:]], {})
        changed = [i for i in engine.memory.changed_since(outer) if i in params]
        if changed:
            raise engine.refuse("UnsupportedSyntax", _CODE, "a block for the reverse sweep changes a variable of the function",
                                "only the cotangent itself goes on")  # fmt: skip
        if isinstance(found, Seq | Dyn):
            found = engine.now(found)
        return tuple(matching.whole(engine, found, given.items[0], likes, f"the cotangent that `{block.lowered.args[0]}` stands for"))
    finally:
        engine.memory = outer
