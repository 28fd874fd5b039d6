"""Functions with the same text are one: two that were compiled for arguments of different types need not differ in what they say."""
from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from srcad.backend.nodes import Slot, parts
from srcad.backend.unparse import unparse

_NUMBER = re.compile(r"_\d+")


def merged(trees: Sequence[ast.FunctionDef], kept: Collection[str]) -> list[ast.FunctionDef]:
    """The functions without those that say what others say, which are called in their place; `kept`: names asked for from outside.

    Only functions of one name, but for numbers, that stem from the same lines of the primal.
    """
    families: dict[str, list[ast.FunctionDef]] = defaultdict(list)
    for tree in trees:
        if tree.name not in kept:
            families[_NUMBER.sub("", tree.name)].append(tree)
    labels = {t.name: family for family, members in families.items() if len(members) > 1 for t in members}
    stands = _stand_ins([t for t in trees if t.name in labels], labels)
    if all(name == other for name, other in stands.items()):
        return list(trees)
    left = [t for t in trees if stands.get(t.name, t.name) == t.name]
    for tree in left:
        _rename(tree, stands)
    return left


def _stand_ins(trees: Sequence[ast.FunctionDef], labels: dict[str, str]) -> dict[str, str]:
    """For each function the one that stands for it: functions are taken for the same until what they say, or call, tells them apart."""
    while True:
        classes: dict[object, list[str]] = defaultdict(list)
        for tree in trees:
            classes[labels[tree.name], _said(tree, labels)].append(tree.name)
        if len(classes) == len(set(labels.values())):
            return {name: min(names, key=lambda n: (len(n), n)) for names in classes.values() for name in names}
        labels = {name: names[0] for names in classes.values() for name in names}


def _said(tree: ast.FunctionDef, labels: dict[str, str]) -> object:
    """The text of a function, and which lines of the primal it is from, by the labels of functions."""
    name, found = tree.name, [(n, n.id) for n in _references(tree) if n.id in labels]
    tree.name = ""
    _rename(tree, labels)
    printed = unparse([tree])
    tree.name = name
    for node, old in found:
        node.id = old
    return printed.text, tuple(printed.places.items())


def _rename(tree: ast.FunctionDef, names: dict[str, str]) -> None:
    for node in _references(tree):
        node.id = names.get(node.id, node.id)


def _references(tree: ast.FunctionDef) -> list[ast.Name]:
    """The names of what is not local."""
    return [n for n in parts(tree) if isinstance(n, ast.Name) and not isinstance(n, Slot)]
