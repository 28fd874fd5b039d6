"""What generated code imports, and under which names."""
from __future__ import annotations

import ast
import builtins
import importlib
import keyword
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from srcad.backend.nodes import Builtin, Imported
from srcad.errors import InternalError

_ALIASES = {"numpy": "np"}
BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Spec:
    """One import: `import module as name` or, with an `attr`, `from module import attr as name`."""

    module: str
    attr: str
    name: str  # the usual one
    aliased: bool = False

    def line(self, name: str) -> str:
        """The statement that binds it to `name`."""
        if hidden(self.module) and not self.attr:
            return f'{name} = importlib.import_module("{self.module}")'
        if self.attr:
            return f"from {self.module} import {self.attr}" + ("" if name == self.attr else f" as {name}")
        plain = name == self.module or (not self.aliased and name == self.module.partition(".")[0])
        return f"import {self.module}" + ("" if plain else f" as {name}")


def parse(text: str) -> Spec:
    """Read an item of `Op.imports`: `numpy as np`, `math`, `srcad.runtime:unbroadcast`."""
    path, _, alias = text.partition(" as ")
    module, _, attr = path.strip().partition(":")
    return Spec(module, attr, alias.strip() or attr or module.partition(".")[0], bool(alias))


def hidden(module: str) -> bool:
    """Whether an `import` statement finds something else: a package attribute of the same name hides the module.

    The module is imported, as the generated text does anyway: so the answer is not about what was imported before.
    """
    package, _, last = module.rpartition(".")
    if not package:
        return False
    try:
        found = importlib.import_module(module)
    except ImportError:  # a namespace that the loader puts into `sys.modules`
        return False
    return getattr(sys.modules[package], last, found) is not found


def of_module(module: str) -> Spec:
    """The import through which a module's contents are reached."""
    package, _, last = module.rpartition(".")
    if hidden(module):
        return Spec(module, "", last, aliased=True)
    if module in _ALIASES:
        return Spec(module, "", _ALIASES[module], aliased=True)
    return Spec(package, last, last) if package else Spec(module, "", module)


def reference(path: str) -> ast.expr:
    """The expression for a `Ref`: `numpy:float64` is `np.float64`, `builtins:len` is `len`."""
    module, _, rest = path.partition(":")
    names = rest.split(".") if rest else []
    if not all(n.isidentifier() and not keyword.iskeyword(n) for n in (*module.split("."), *names)):
        msg = f"'{path}' cannot be imported"
        raise InternalError(msg, stage="backend")
    node: ast.expr
    if module == "builtins" and names:
        node = Builtin(names.pop(0))
    else:
        spec = of_module(module)
        node = Imported(spec_text(spec), spec.name)
    for name in names:
        node = ast.Attribute(value=node, attr=name, ctx=ast.Load())
    return node


def spec_text(spec: Spec) -> str:
    """The inverse of `parse`."""
    path = f"{spec.module}:{spec.attr}" if spec.attr else spec.module
    return f"{path} as {spec.name}" if spec.aliased else path


def name_imports(tree: Iterable[ast.AST], parameters: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Choose the names of all imports in place.  The import lines, sorted.

    `parameters` cannot give way: they are part of a signature.  `taken` are names of the module.
    """
    fixed, used = set(parameters), set(taken)
    specs: dict[Spec, list[Imported]] = {}
    for node in _nodes(tree):
        if isinstance(node, Imported):
            specs.setdefault(parse(node.spec), []).append(node)
        elif isinstance(node, Builtin) and (node.builtin in fixed or node.builtin in used):
            node.id = f"builtins.{node.builtin}"
            specs.setdefault(Spec("builtins", "", "builtins"), [])
    lines: set[str] = set()
    for spec in sorted(specs, key=lambda s: (s.module, s.attr, s.name)):
        name = spec.name
        line = spec.line(name)
        while line not in lines and (name in fixed or name in used or (name in BUILTINS and spec.attr != name)):
            name += "_"
            line = Spec(spec.module, spec.attr, name, aliased=True).line(name)
        used.add(name)
        lines.add(line)
        for node in specs[spec]:
            node.id = name
    if any("importlib.import_module(" in line for line in lines):
        lines.add("import importlib")
    return _joined(lines)


def _joined(lines: Iterable[str]) -> list[str]:
    """`import`, then `from`, one line for each module, then the modules that only a call finds."""
    parts: dict[str, list[str]] = {}
    plain: list[str] = []
    found: list[str] = []
    for line in sorted(lines):
        if line.startswith("from "):
            module, _, name = line.removeprefix("from ").partition(" import ")
            parts.setdefault(module, []).append(name)
        else:
            (plain if line.startswith("import ") else found).append(line)
    return [*plain, *(f"from {module} import {', '.join(names)}" for module, names in parts.items()), *found]


def _nodes(tree: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for top in tree:
        yield from ast.walk(top)
