"""Random programs full of control flow, for comparing a function with what lowering made of it."""
from __future__ import annotations

import random

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "x", "y", "z")
PRELUDE = "    x = 1\n    y = 2\n    z = 3\n"
COMPARISONS = ("<", "<=", "==", "!=", ">")
OPERATORS = ("+", "-", "*", "&", "|", "^")


class Writer:
    """Writes one function; `r` decides everything, so that failures shrink."""

    def __init__(self, r, *, unbound: bool, size: int) -> None:
        self.r = r
        self.unbound = unbound
        self.left = size
        self.helpers = 0

    def pick(self, *choices):
        return choices[self.r.randrange(len(choices))]

    def chance(self, percent: int) -> bool:
        return self.r.randrange(100) < percent

    # ---- expressions -------------------------------------------------------------------------------------------------
    def name(self) -> str:
        name = self.pick(*NAMES)
        # A bare read of an unbound name raises in Python; here what uses the value does.
        return f"(+{name})" if self.unbound else name

    def expr(self, depth: int = 2) -> str:
        if depth == 0 or self.chance(35):
            return self.name() if self.chance(75) else str(self.r.randrange(4))
        e = lambda: self.expr(depth - 1)
        kind = self.r.randrange(12)
        if kind < 5:
            op = self.pick(*OPERATORS)
            # Squares of squares in loops would be numbers of a million digits.
            return f"({e()} {op} {e()}{' % 97' if op == '*' else ''})"
        if kind == 5:
            return f"({e()} if {self.cond(depth - 1)} else {e()})"
        if kind == 6:
            return f"note({e()})"
        if kind == 7:
            return f"({e()} {self.pick('and', 'or')} {e()})"
        if kind == 8:
            return f"({self.pick('x', 'y', 'z')} := {e()})"
        if kind == 9:
            return f"({e()} // {e()})"
        if kind == 10:
            return self.consumed(depth - 1)
        return f"(lambda q: q {self.pick('+', '-')} {e()})({e()})" if not self.unbound and self.chance(50) else f"-{e()}"

    def consumed(self, depth: int) -> str:
        target = self.pick("t", "x", "y")
        items = f"range({self.r.randrange(4)})"
        element = self.pick(target, f"note({target})", f"({target} * {self.name()} % 97)", f"({target} + {self.expr(depth)})")
        if ":=" in element:
            element = f"note({target})"
        where = f" if {target} {self.pick(*COMPARISONS)} {self.r.randrange(3)}" if self.chance(50) else ""
        inner = f" for u in range({target})" if self.chance(20) else ""
        body = f"{element} for {target} in {items}{where}{inner}"
        return self.pick(f"sum([{body}])", f"len([{body}])", f"int(any({body}))", f"int(all({body}))", f"next(({body}), 5)", f"sum({body})")

    def cond(self, depth: int = 2) -> str:
        kind = self.r.randrange(6)
        if kind < 3:
            return f"{self.expr(depth)} {self.pick(*COMPARISONS)} {self.expr(depth)}"
        if kind == 3:
            return f"{self.expr(depth)} {self.pick(*COMPARISONS)} {self.expr(depth)} {self.pick(*COMPARISONS)} {self.expr(depth)}"
        if kind == 4:
            return f"not {self.expr(depth)}"
        return self.expr(depth)

    # ---- statements --------------------------------------------------------------------------------------------------
    def block(self, indent: int, *, loop: bool, handler: bool = False, final: bool = False) -> list[str]:
        lines: list[str] = []
        for _ in range(1 + self.r.randrange(4)):
            lines += self.statement(indent, loop=loop, handler=handler, final=final)
        return lines

    def statement(self, indent: int, *, loop: bool, handler: bool, final: bool) -> list[str]:
        pad = "    " * indent
        self.left -= 1
        kind = self.r.randrange(100)
        if self.left < 0 or indent > 5:
            kind %= 45
        if kind < 30:
            return [pad + self.simple()]
        if kind < 45:
            if final:
                return [f"{pad}note({self.expr(1)})"]
            leave = ["return " + self.expr(1), "return", "raise ValueError(7)", f"return {self.name()}"] + (["break", "continue"] * 3 if loop else [])
            leave += ["raise"] if handler else []
            return [pad + self.pick(*leave)] if self.chance(60) else [f"{pad}if {self.cond(1)}:", f"{pad}    {self.pick(*leave)}"]
        inner = dict(loop=loop, handler=handler, final=final)
        if kind < 65:
            return self.if_(pad, indent, inner)
        if kind < 88:
            return self.loop(pad, indent, handler=handler, final=final)
        if kind < 95:
            return self.try_(pad, indent, inner)
        if kind < 98:
            return [f"{pad}with manager({self.expr(1)}) as {self.pick('x', 'y', 'w')}:", *self.block(indent + 1, **inner)]
        return self.helper(pad)

    def simple(self) -> str:
        target = self.pick(*NAMES)
        kind = self.r.randrange(10)
        if kind < 5:
            return f"{target} = {self.expr()}"
        if kind == 5:
            return (f"note({target}); " if self.unbound else "") + f"{target} {self.pick('+', '-', '&', '|', '^', '%')}= {self.expr(1)}"
        if kind == 6:
            return f"{target}, {self.pick(*NAMES)} = {self.expr(1)}, {self.expr(1)}"
        if kind == 7:
            return f"note({self.expr()})"
        if kind == 8:
            return f"note({target}); del {target}" if self.unbound else f"assert {self.cond(1)}"
        return f"{target} = {self.pick(*NAMES)} = {self.expr(1)}"

    def if_(self, pad: str, indent: int, inner) -> list[str]:
        lines = [f"{pad}if {self.cond()}:", *self.block(indent + 1, **inner)]
        if self.chance(30):
            lines += [f"{pad}elif {self.cond()}:", *self.block(indent + 1, **inner)]
        if self.chance(55):
            lines += [f"{pad}else:", *self.block(indent + 1, **inner)]
        return lines

    def loop(self, pad: str, indent: int, *, handler: bool, final: bool) -> list[str]:
        if self.chance(55):
            head = f"for {self.pick(*NAMES, 'i', 'j')} in range({self.r.randrange(5)}):"
        elif self.chance(30):
            head = "while tick():"
        else:
            head = f"while tick() and {self.cond(1)}:"
        lines = [pad + head, *self.block(indent + 1, loop=True, handler=handler, final=False if not final else True)]
        if self.chance(30):
            # Behind the loop it is not inside it; what is around it may still be a loop, but that need not be tried.
            lines += [f"{pad}else:", *self.block(indent + 1, loop=False, handler=handler, final=final)]
        return lines

    def try_(self, pad: str, indent: int, inner) -> list[str]:
        lines = [f"{pad}try:", *self.block(indent + 1, **inner)]
        final = self.chance(35)
        handlers = 0 if final and self.chance(30) else 1 + self.chance(30)
        for n in range(handlers):
            kind = self.pick("ValueError", "(ValueError, ZeroDivisionError)", "ZeroDivisionError") if n == 0 else "Exception"
            name = self.pick("", "", " as err")
            lines += [f"{pad}except {kind}{name}:", *self.block(indent + 1, **{**inner, "handler": True})]
        if handlers and self.chance(35):
            lines += [f"{pad}else:", *self.block(indent + 1, **inner)]
        if final:
            lines += [f"{pad}finally:", *self.block(indent + 1, loop=False, handler=False, final=True)]
        return lines

    def helper(self, pad: str) -> list[str]:
        self.helpers += 1
        name, captured = f"h{self.helpers}", self.name()
        return [
            f"{pad}def {name}(p, k={self.r.randrange(3)}):",
            f"{pad}    if p > 2:",
            f"{pad}        return k",
            f"{pad}    return p + {captured}",
            f"{pad}{self.pick(*NAMES)} = {name}({self.r.randrange(5)})",
        ]


def program(r: random.Random) -> str:
    """The text of a function `f(a, b, c)`."""
    unbound = r.randrange(4) == 3
    writer = Writer(r, unbound=unbound, size=r.randrange(4, 22))
    lines = writer.block(1, loop=False)
    while writer.left > 0:
        lines += writer.block(1, loop=False)
    return "def f(a, b, c):\n" + ("" if unbound else PRELUDE) + "\n".join(lines) + "\n"


PROGRAMS = st.randoms(use_true_random=False).map(program)
"""The same for hypothesis, which makes failures small."""
