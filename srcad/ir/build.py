"""Building blocks of IR: a cursor that appends statements and gives unique names."""
from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from srcad.ir import lengths
from srcad.ir.lengths import Lengths
from srcad.ir.nodes import NOWHERE, Arg, Atom, Block, Call, FuncRef, Loc, Op, Stmt, Var
from srcad.ir.types import INT, UNKNOWN, Struct, Type, with_tokens

Mark: TypeAlias = tuple[dict[str, int], set[str], Lengths]


class Names:
    """Unique SSA names of one function: `x`, `x.1`, `x.2`; `%1` for temporaries."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._count: dict[str, int] = {}
        self._taken = set(taken)
        self._pinned: set[str] = set()
        self.lengths: Lengths = {}

    def fresh(self, hint: str = "") -> str:
        """A name that was not given before; `hint` is the user's name, '' for a temporary."""
        while True:
            n = self._count.get(hint, 0)
            self._count[hint] = n + 1
            name = f"%{n + 1}" if not hint else hint if n == 0 else f"{hint}.{n}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def mark(self) -> Mark:
        """The state to return to by `reset` when what was named since is thrown away."""
        return dict(self._count), set(self._taken), dict(self.lengths)

    def reset(self, mark: Mark) -> None:
        """Forget the names given since `mark`, pinned ones excepted."""
        self._count, self._taken, self.lengths = dict(mark[0]), mark[1] | self._pinned, dict(mark[2])

    def since(self, mark: Mark) -> set[str]:
        """The names given since `mark`."""
        return self._taken - mark[1]

    def pinned(self, hint: str, type: Type) -> Var:
        """A new variable whose name outlives a `reset`."""
        var = self.var(hint, type)
        self._pinned.add(var.name)
        return var

    def var(self, hint: str = "", type: Type = UNKNOWN) -> Var:
        """A new variable."""
        name = self.fresh(hint)
        return Var(name, with_tokens(type, name))


class Builder:
    """Appends statements to one block.  Builders of nested blocks share `names`."""

    def __init__(self, names: Names, loc: Loc = NOWHERE, note: str = "") -> None:
        self.names = names
        self.stmts: list[Stmt] = []
        self.begun = 0  # where the statement of the program that is being followed began
        self.loc = loc
        self.note = note

    def nested(self) -> Builder:
        """A builder for a block inside this one."""
        return Builder(self.names, self.loc, self.note)

    def add(self, stmt: Stmt) -> None:
        """Append a finished statement."""
        self.stmts.append(stmt)

    def call(
        self, op: Op | FuncRef, args: Iterable[Arg] = (), type: Type = UNKNOWN, *, hint: str = "",
        params: Iterable[tuple[str, Arg]] = (), note: str = "",
    ) -> Var:  # fmt: skip
        """Append `out = op(*args, **params)` and return the out."""
        out = self.names.var(hint, type)
        made = Call((out,), op, tuple(args), tuple(params), self.loc, note or self.note)
        if type == INT or isinstance(type, Struct):
            lengths.note(self.names.lengths, op, made.args, out)
        self.stmts.append(made)
        return out

    def do(self, op: Op | FuncRef, args: Iterable[Arg] = (), params: Iterable[tuple[str, Arg]] = ()) -> None:
        """Append a statement without outs."""
        self.stmts.append(Call((), op, tuple(args), tuple(params), self.loc, self.note))

    def block(self, params: Iterable[Var] = (), yields: Iterable[Atom] = ()) -> Block:
        """The statements so far, as a block."""
        return Block(tuple(params), tuple(self.stmts), tuple(yields))
