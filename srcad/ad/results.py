"""Result trees of derivative functions: their leaves are the numbers of yields."""
from __future__ import annotations

from srcad.ir.nodes import Arg, Atom, Const, Pack


def numbered(tree: Arg, yields: list[Atom]) -> Arg:
    """The tree with its leaves moved to `yields` and replaced by their numbers (dict keys stay)."""
    if isinstance(tree, Pack):
        return Pack(tree.kind, tuple(numbered(i, yields) for i in tree.items), tree.keys)
    yields.append(tree)  # type: ignore[arg-type]
    return Const(len(yields) - 1)


def only_used(tree: Arg, yields: list[Atom]) -> tuple[Arg, tuple[Atom, ...]]:
    """The result tree renumbered over the yields that it uses."""
    if not isinstance(tree, Pack):
        assert isinstance(tree, Const)
        return Const(0), (yields[int(tree.value)],)  # type: ignore[call-overload]
    parts: list[Arg] = []
    kept: list[Atom] = []
    for item in tree.items:
        found, more = only_used(item, yields)
        parts.append(_shifted(found, len(kept)))
        kept.extend(more)
    return Pack(tree.kind, tuple(parts), tree.keys), tuple(kept)


def _shifted(tree: Arg, by: int) -> Arg:
    if isinstance(tree, Pack):
        return Pack(tree.kind, tuple(_shifted(i, by) for i in tree.items), tree.keys)
    assert isinstance(tree, Const)
    return Const(int(tree.value) + by)  # type: ignore[call-overload]
