"""The source of a function, found and checked against the bytecode that is running.

A `def` is found by name and line, a `lambda` by the code positions of its body.  What is found is compiled with the file
around it, and the bytecode compared: a file that changed since it was imported is refused, not differentiated.
"""
from __future__ import annotations
import __future__

import ast
import builtins
import functools
import hashlib
import linecache
import sys
import textwrap
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

import gast

from srcad.errors import Place, SourceNotFound

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Extent: TypeAlias = tuple[int, int, int, int]  # line, column, end line, end column, as `ast` counts them

_FUTURE = functools.reduce(lambda flags, name: flags | getattr(__future__, name).compiler_flag, __future__.all_feature_names, 0)
_DEEP = 30_000
_REWRITTEN_BY_PYTEST = "@py"


class _Recursion:
    """Lets deep expressions pass: while somebody is inside, Python's recursion limit is high."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.before = 0

    def enter(self) -> None:
        """Raise the limit."""
        with self.lock:
            if not self.inside:
                self.before = sys.getrecursionlimit()
                sys.setrecursionlimit(max(self.before, _DEEP))
            self.inside += 1

    def leave(self) -> None:
        """Restore the limit when the last one leaves, unless somebody else changed it."""
        with self.lock:
            self.inside -= 1
            if not self.inside and sys.getrecursionlimit() == _DEEP:
                sys.setrecursionlimit(self.before)


_RECURSION = _Recursion()


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Walk syntax trees of some thousand levels (a sum of so many terms) without RecursionError."""
    _RECURSION.enter()
    try:
        yield
    finally:
        _RECURSION.leave()


class Located(Protocol):
    """A place relative to a `def`: lines count from 1 there, columns from 0."""

    @property
    def line(self) -> int:
        """First line."""

    @property
    def column(self) -> int:
        """First column."""

    @property
    def end_line(self) -> int:
        """Last line."""

    @property
    def end_column(self) -> int:
        """Column behind the last character."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The source of one function: `text` are its whole lines, `tree` its node (gast), whose lines count from the file's start."""

    text: str
    filename: str
    first_line: int  # of the `def` or `lambda` in the file
    tree: Any = field(repr=False)
    name: str
    freevars: tuple[str, ...] = ()
    code: types.CodeType | None = field(default=None, repr=False)
    shadowed: frozenset[str] = frozenset()  # names of built-ins that stand for something else in the module

    @property
    def key(self) -> str:
        """A name for it that depends on its text only."""
        return f"{self.name}-{hashlib.sha256(self.text.encode()).hexdigest()[:10]}"

    @property
    def dedented(self) -> str:
        """The text as it would stand at the top of a file."""
        return textwrap.dedent(self.text)

    def line(self, number: int) -> str:
        """The line of that number, counted from 1 at the `def`; '' if there is none."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    @property
    def head(self) -> Place:
        """Where it begins: the line of the `def`, `lambda` or first decorator."""
        text = self.line(1)
        return Place(self.filename, self.first_line, len(text) - len(text.lstrip()), None, text)

    def code_of_class(self, name: str, lines: tuple[int, ...]) -> types.CodeType | None:
        """The code of the body of a class inside the function, which starts on one of these lines; None if it cannot be told."""
        inner = [] if self.code is None else [c for c in _codes(self.code) if c.co_name == name and c.co_firstlineno in lines]
        found = [c for c in inner if "__qualname__" in c.co_names]  # what tells a class from a function
        return found[0] if len(found) == 1 else None

    def place(self, where: Located) -> Place:
        """The place in the user's file, with the source line; columns become counts of characters."""
        text = self.line(where.line)
        one_line = where.end_line == where.line
        end = _characters(text, where.end_column) if one_line else None
        return Place(self.filename, where.line + self.first_line - 1, _characters(text, where.column), end, text)


def _characters(text: str, column: int) -> int:
    """A count of UTF-8 bytes as a count of characters."""
    return len(text.encode()[:column].decode(errors="ignore"))


# ---- finding ---------------------------------------------------------------------------------------------------------
def find(function: types.FunctionType | types.MethodType | types.CodeType) -> Source:
    """The source of a function; SourceNotFound if there is none, if it is ambiguous, or if it is not what is running."""
    if isinstance(function, types.MethodType):
        function = function.__func__  # type: ignore[assignment]
    code = function if isinstance(function, types.CodeType) else getattr(function, "__code__", None)
    if not isinstance(code, types.CodeType):
        name = getattr(function, "__name__", type(function).__name__)
        raise SourceNotFound(f"{name!r} is not a Python function, so it has no source.", "Give it a rule, or call it outside the function.")
    found = _of_code(code, code.co_filename)
    shadowed = _shadowed(function.__globals__) if isinstance(function, types.FunctionType) else None
    return _in_module(found, shadowed) if shadowed else found


def _shadowed(namespace: dict[str, Any]) -> frozenset[str]:
    """The names of built-ins that a module has given to something else."""
    own = vars(builtins)
    return frozenset(n for n in namespace.keys() & own.keys() if namespace[n] is not own[n] and not n.startswith("__"))


@functools.lru_cache(maxsize=1024)
def _in_module(source: Source, shadowed: frozenset[str]) -> Source:
    return replace(source, shadowed=shadowed)


@functools.lru_cache(maxsize=1024)
def _of_code(code: types.CodeType, filename: str) -> Source:
    # Equal code of two files is equal to Python too: the file's name is part of the key.
    with deep_recursion():
        return _searched(code, filename)


def _searched(code: types.CodeType, filename: str) -> Source:
    problem = SourceNotFound("")
    for refresh in (False, True):
        if refresh:
            linecache.checkcache(filename)
        text = "".join(linecache.getlines(filename))
        if not text:
            problem = _missing(code, "has no source text that can be read")
            continue
        try:
            return _in_text(code, filename, text)
        except SourceNotFound as error:
            problem = error
    raise problem


def _missing(code: types.CodeType, why: str, advice: str = "") -> SourceNotFound:
    place = Place(code.co_filename, code.co_firstlineno, text=linecache.getline(code.co_filename, code.co_firstlineno))
    advice = advice or "Define the function in a file, a notebook cell, or register its text in `linecache`."
    return SourceNotFound(f"The function '{code.co_name}' {why}.", advice, place=place)


@dataclass(frozen=True, slots=True)
class _Site:
    """A definition in a file: its node, the names of the scopes around it joined by dots, the class whose names it mangles."""

    node: Definition
    qualname: str
    owner: str


@dataclass(frozen=True, slots=True)
class _File:
    """A parsed and compiled text."""

    sites: tuple[_Site, ...]
    codes: tuple[types.CodeType, ...]


@functools.lru_cache(maxsize=32)
def _parse(text: str, filename: str, flags: int) -> _File | None:
    try:
        flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = compile(text, filename, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
        top = compile(text, filename, "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return _File(tuple(_sites(tree, "", "")), tuple(_codes(top)))


def _sites(node: ast.AST, prefix: str, owner: str) -> Iterator[_Site]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield _Site(child, prefix + name, owner)
                yield from _sites(child, f"{prefix}{name}.<locals>.", owner)
            case ast.Lambda():
                yield _Site(child, prefix + "<lambda>", owner)
                yield from _sites(child, f"{prefix}<lambda>.<locals>.", owner)
            case ast.ClassDef(name=name):
                yield from _sites(child, f"{prefix}{name}.", name)
            case _:
                yield from _sites(child, prefix, owner)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield const
            yield from _codes(const)


def _in_text(code: types.CodeType, filename: str, text: str) -> Source:
    file = _parse(text, filename, code.co_flags & _FUTURE)
    changed = "Restart Python, or reload the module, so that what runs is what the file says."
    if file is None:
        raise _missing(code, "stands in a file that no longer compiles", changed)
    is_lambda = code.co_name == "<lambda>"
    there = [c for c in file.codes if (c.co_name, c.co_firstlineno) == (code.co_name, code.co_firstlineno)]
    if is_lambda:
        there = [c for c in there if _extent(c) == _extent(code) or None in (_extent(c), _extent(code))]
    found = _lambda_sites(code, file, text) if is_lambda else _def_sites(code, file)
    if not found or not any(same_code(c, code) for c in there):
        raise _missing(code, "is not what its file says: the source was changed after it was imported", changed)
    if len(found) > 1:
        raise _missing(code, "cannot be told from others on its line", "Give it a `def` of its own.")
    return _source(code, filename, text, found[0])


def _def_sites(code: types.CodeType, file: _File) -> list[_Site]:
    named = [s for s in file.sites if not isinstance(s.node, ast.Lambda) and s.node.name == code.co_name]
    return [s for s in named if _first_line(s.node) == code.co_firstlineno]


def _first_line(node: Definition) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min((d.lineno for d in decorators), default=node.lineno)


def _lambda_sites(code: types.CodeType, file: _File, text: str) -> list[_Site]:
    """Lambdas whose body is where the code's positions are; by line and text where Python keeps none."""
    near = [s for s in file.sites if isinstance(s.node, ast.Lambda) and s.node.lineno == code.co_firstlineno]
    extent = _extent(code)
    if extent is not None:  # shorter than the body where Python has left a branch out
        bodies = [(s, _node_extent(s.node.body)) for s in near]  # type: ignore[arg-type]
        around = [(s, body) for s, body in bodies if _contains(body, extent)]
        return [s for s, body in around if all(_contains(other, body) for _, other in around)]
    alike = {_extent(c) for c in file.codes if c.co_firstlineno == code.co_firstlineno and same_code(c, code)} - {None}
    if alike:  # what runs was compiled without positions, and the file now with them
        near = [s for s in near if _node_extent(s.node.body) in alike]  # type: ignore[arg-type]
    elif any(_extent(c) is not None for c in file.codes):
        # Python 3.12 keeps no position for a body that is a literal.
        value = repr(code.co_consts[-1]) if code.co_consts else ""
        near = [s for s in near if isinstance(s.node.body, ast.Constant) and repr(s.node.body.value) == value]
    texts = {ast.get_source_segment(text, s.node) for s in near}
    return near[:1] if len(texts) == 1 else near


def _node_extent(node: ast.expr) -> Extent:
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def _contains(outer: Extent, inner: Extent) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]


def _extent(code: types.CodeType) -> Extent | None:
    """What the positions of a code span, the instructions that only enter it left out."""
    spans = [p for p in code.co_positions() if None not in p and (p[0], p[2]) != (p[1], p[3])]
    if not spans:
        return None
    starts = min((p[0], p[2]) for p in spans)
    ends = max((p[1], p[3]) for p in spans)
    return starts[0], starts[1], ends[0], ends[1]  # type: ignore[return-value]


def _source(code: types.CodeType, filename: str, text: str, site: _Site) -> Source:
    node = site.node
    lines = text.splitlines(keepends=True)[node.lineno - 1 : node.end_lineno]
    tree = gast.ast_to_gast(node)
    if site.owner:
        tree = _Mangler(site.owner).visit(tree)
    return Source("".join(lines), filename, node.lineno, tree, code.co_name, code.co_freevars, code)


# ---- names of a class ------------------------------------------------------------------------------------------------
def _mangled(name: str, owner: str) -> str:
    owner = owner.lstrip("_")
    return f"_{owner}{name}" if owner and name.startswith("__") and not name.endswith("__") and "." not in name else name


class _Mangler(gast.NodeTransformer):  # type: ignore[misc]
    """Spells private names (`__x` in a class) as the compiler does."""

    def __init__(self, owner: str) -> None:
        self.owner = owner

    def visit(self, node: Any) -> Any:
        """Rename in this node and below it."""
        for name in ("id", "attr", "name", "arg", "asname"):
            value = getattr(node, name, None)
            if isinstance(value, str):
                setattr(node, name, _mangled(value, self.owner))
        if isinstance(node, gast.ClassDef):
            return node
        return self.generic_visit(node)


# ---- comparing bytecode ----------------------------------------------------------------------------------------------
def same_code(found: types.CodeType, running: types.CodeType) -> bool:
    """Whether two code objects do the same; asserts that pytest rewrote are not compared."""
    rewritten = any(n.startswith(_REWRITTEN_BY_PYTEST) for n in (*running.co_names, *running.co_varnames))
    if rewritten:
        return _same_but_asserts(found, running)
    return (
        found.co_code == running.co_code
        and found.co_names == running.co_names
        and found.co_varnames == running.co_varnames
        and found.co_freevars == running.co_freevars
        and found.co_cellvars == running.co_cellvars
        and _shape(found) == _shape(running)
        and _same_consts(found.co_consts, running.co_consts)
    )


def _shape(code: types.CodeType) -> tuple[int, int, int]:
    return code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount


def _same_consts(found: tuple[object, ...], running: tuple[object, ...]) -> bool:
    if len(found) != len(running):
        return False
    for a, b in zip(found, running, strict=True):
        if isinstance(a, types.CodeType) and isinstance(b, types.CodeType):
            if a.co_name != b.co_name or not same_code(a, b):
                return False
        elif type(a) is not type(b) or (repr(a) != repr(b) and not (isinstance(a, frozenset) and a == b)):
            return False
    return True


def _same_but_asserts(found: types.CodeType, running: types.CodeType) -> bool:
    """A weaker comparison: parameters, locals, names that are read, and the constants that are numbers."""
    ours = tuple(n for n in running.co_varnames if not n.startswith(_REWRITTEN_BY_PYTEST))
    numbers = {repr(c) for c in found.co_consts if isinstance(c, int | float | complex)}
    kept = {repr(c) for c in running.co_consts}
    names = set(found.co_names) - {"AssertionError"}
    return _shape(found) == _shape(running) and found.co_varnames == ours and names <= set(running.co_names) and numbers <= kept


__all__ = ["Located", "Source", "deep_recursion", "find", "same_code"]
