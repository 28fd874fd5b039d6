"""Random programs: two floats and two arrays in, a float out, with helper functions beside."""
from __future__ import annotations

import linecache
import sys
import types
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.property import writing
from tests.property.choose import Choose, FromDraw, FromSeed, Source
from tests.property.expressions import Expressions, Kind
from tests.property.statements import Features, Statements

OPENINGS: tuple[tuple[tuple[str, str, Kind | None], ...], ...] = (  # values that depend on several parameters; None: like x
    (),
    (("p = 0.8 * a * b + np.mean(x)", "p", "float"),),
    (("v = np.sin(x) * a", "v", None), ("q = b * np.mean(y)", "q", "float")),
    (("z = 0.6 * y + b", "z", ("vec", 4)),),
    (("r = math.sin(a) + y[0] * x[-1]", "r", "float"), ("w = b * y[1:]", "w", ("vec", 3))),
)
SAME_SIZE: tuple[tuple[tuple[str, str, Kind], ...], ...] = (  # where x and y are equally long, so that cotangents can be shared
    (("v = x + y", "v", ("vec", 4)),),
    (("v = x - y", "v", ("vec", 4)), ("w = v + x", "w", ("vec", 4))),
    (("u = x", "u", ("vec", 4)), ("v = (u + y) * a + u", "v", ("vec", 4))),
    (("v = x * y", "v", ("vec", 4)),),
)
CLOSINGS = ("np.sum(np.sin({v})) + np.sum({v} * {w})", "np.sum({v} * {w})", "np.dot({v}, {w})", "np.sum(np.sin({v} + {w}))")  # cotangents that are arguments, or one array
HEAD = ["import math", "", "import numpy as np", "", "LOG = []", "note = LOG.append", ""]


@dataclass(frozen=True)
class Program:
    """The text of a module with a function `f(a, b, x, y)`, and arguments for it."""

    text: str
    seed: int  # of the arguments
    float32: bool = False
    size: int = 3  # of x
    duals: bool = True  # whether dual numbers know what it calls
    marks: Counter[str] = field(default_factory=Counter, compare=False)

    def args(self) -> tuple[Any, ...]:
        """Fresh arguments."""
        rng = np.random.default_rng(self.seed)
        a, b = (float(v) for v in rng.uniform(0.3, 1.3, 2) * rng.choice([1.0, -1.0], 2))
        x, y = (rng.uniform(0.2, 1.2, n) * rng.choice([1.0, -1.0], n) for n in (self.size, 4))
        return a, b, x, y.astype(np.float32) if self.float32 else y

    def load(self, name: str) -> dict[str, Any]:
        """Execute the text as module `name`, with its source where `inspect` finds it; gives the namespace."""
        filename = f"<{name}>"
        linecache.cache[filename] = (len(self.text), None, self.text.splitlines(keepends=True), filename)
        module = types.ModuleType(name)
        module.__file__ = filename
        sys.modules[name] = module
        exec(compile(self.text, filename, "exec"), module.__dict__)
        return module.__dict__


def unload(name: str) -> None:
    """Forget a module made by `Program.load`."""
    sys.modules.pop(name, None)
    linecache.cache.pop(f"<{name}>", None)


def _helper_floats(w: Statements) -> None:
    """A helper of floats with defaults, star and keyword arguments."""
    name, style = w.temp("g"), w.choose.between(0, 4)
    headers = ("p, q", "p, q=0.7", "p, *more", "p, q=0.4, *, scale=1.3", "p, **options")
    names = ({"p": "float", "q": "float"}, {"p": "float", "q": "float"}, {"p": "float"}, {"p": "float", "q": "float", "scale": "float"}, {"p": "float"})[style]
    w.lines.append(f"def {name}({headers[style]}):")
    w.scope = dict(names)
    if style == 2:
        w.emit("q = 0.2 + 0.5 * sum(more)")
        w.bind("q", "float")
    if style == 4:
        w.emit('q = options.get("q", 0.6)' if w.choose.chance(30) else 'q = options["q"]')
        w.bind("q", "float")
    _body(w)

    def call(e: Expressions, depth: int) -> str:
        e.mark("call of a helper")
        first, second = e.number(depth - 1), e.leaf()
        forms = (
            (f"{name}({first}, {second})", f"{name}(q={second}, p={first})"),
            (f"{name}({first})", f"{name}({first}, q={second})"),
            (f"{name}({first})", f"{name}({first}, {second}, {e.leaf()})", f"{name}({first}, *[{second}, {e.leaf()}])"),
            (f"{name}({first}, scale={second})", f"{name}({first}, {second})", f"{name}(*({first}, {second}))"),
            (f"{name}({first}, q={second})", f'{name}({first}, **{{"q": {second}}})'),
        )[style]
        e.mark(("plain arguments", "default argument", "star arguments", "keyword-only argument", "double star arguments")[style])
        return e.choose.one(forms)

    w.helpers[name] = call


def _helper_array(w: Statements) -> None:
    """A helper of an array and a float that gives a float, or part of a tuple."""
    name, size, pair = w.temp("g"), w.choose.between(2, 4), w.choose.chance(30)
    w.lines.append(f"def {name}(v, s):")
    w.scope = {"v": ("vec", size), "s": "float"}
    _body(w, pair=pair)

    def call(e: Expressions, depth: int) -> str:
        e.mark("helper that returns a tuple" if pair else "helper of an array")
        return f"{name}({e.vector(size, depth - 1)}, {e.leaf()}){e.choose.one(('[0]', '[-1]')) if pair else ''}"

    w.helpers[name] = call


def _helper_recursive(w: Statements) -> None:
    """Recursion on an int, or on halves of an array."""
    name = w.temp("rec")
    if w.choose.chance(50):
        w.scope = {"s": "float"}
        w.lines += [f"def {name}(s, n):", "    if n <= 0:", f"        return {w.bounded(1)}", f"    h = {name}({w.bounded(1)}, n - {w.choose.between(1, 2)})"]
        w.scope["h"] = "float"
        w.lines += [f"    return {w.bounded(1)} + 0.5 * h", ""]
        call = f"{name}({{}}, {w.choose.between(0, 4)})"
    else:
        w.scope = {"s": "float", "left": "float", "right": "float"}
        w.lines += [f"def {name}(v, lo, hi, s):", "    if hi - lo == 1:", "        return math.sin(v[lo] * s)", "    mid = (lo + hi) // 2",
                    f"    left = {name}(v, lo, mid, s)", f"    right = {name}(v, mid, hi, s * 0.9)", f"    return {w.bounded(1)} + left * right", ""]  # fmt: skip
        call = ""

    def made(e: Expressions, depth: int) -> str:
        e.mark("recursion")
        return call.format(e.number(depth - 1)) if call else f"{name}({e.vector(3, 0)}, 0, 3, {e.leaf()})"

    w.helpers[name] = made


def _helper_higher(w: Statements) -> None:
    """A helper that calls a function given to it."""
    name = w.temp("apply")
    w.lines += [f"def {name}(fn, s, times=2):", "    for i in range(times):", "        s = fn(s) + 0.1 * s", "    return s", ""]

    def call(e: Expressions, depth: int) -> str:
        e.mark("function as argument")
        t = e.temp("t")
        body = e.inside({t: "float"}, lambda: e.number(1))
        return f"{name}(lambda {t}: math.sin({body}), {e.leaf()})"

    w.helpers[name] = call


def _body(w: Statements, *, pair: bool = False) -> None:
    w.budget = 3
    w.can_return = not pair
    for _ in range(w.choose.between(0, 2)):
        w.statement()
    w.emit(f"return {w.bounded(1)}, {w.bounded(1)}" if pair else f"return {w.returned()}")
    w.lines.append("")
    w.scope, w.taint, w.frozen, w.can_return = {}, {}, set(), True


def _main(w: Statements, size: int, length: int) -> None:
    w.lines.append("def f(a, b, x, y):")
    kinds: dict[str, Kind] = {"a": "float", "b": "float", "x": ("vec", length), "y": ("vec", 4)}
    w.scope = dict(kinds)
    w.budget = size
    w.taint = {name: frozenset(name) for name in "abxy"}
    for line, name, kind in w.choose.one(OPENINGS if length != 4 else (*OPENINGS, *SAME_SIZE, *SAME_SIZE)):
        w.emit(line)
        w.bind(name, kind or kinds["x"])
    for _ in range(w.choose.between(2, size)):
        if not w.statement():
            w.emit("return 0.0")  # nobody comes here
            return
    untouched = [n for n in "abxy" if w.scope.get(n) == kinds[n] and w.taint[n] == frozenset(n) and w.choose.chance(45)]
    whole = [n for n, k in w.scope.items() if k == ("vec", 4)]
    if length == 4 and whole and w.choose.chance(25):
        plain = [n for n in "ab" if w.scope.get(n) == "float"]
        rest = w.returned() if w.choose.chance(50) or not plain else " * ".join(plain)
        w.emit(f"return {w.choose.one(CLOSINGS).format(v=whole[0], w=whole[-1])} + {rest}")
        return
    w.emit("return " + " + ".join([w.returned(), *map(w.term, untouched)]))


def generate(source: Source, features: Features | None = None, size: int = 8) -> Program:
    """A random program."""
    w = Statements(Choose(source), features or Features())
    for _ in range(w.choose.weighted(((5, 0), (4, 1), (2, 2)))):
        w.choose.weighted(((4, _helper_floats), (3, _helper_array), (3, _helper_recursive), (1, _helper_higher)))(w)
    for _ in range(w.features.writes * w.choose.between(0, 2)):
        writing.helper(w)
    length = w.choose.one((3, 4))
    _main(w, size, length)
    float32 = w.choose.chance(8)
    if float32:
        w.mark("float32")
    return Program("\n".join([*HEAD, *w.lines, ""]), w.choose.below(1 << 30), float32, length, marks=w.marks)


def from_seed(seed: int, features: Features | None = None, size: int = 8) -> Program:
    """The program of a seed: the same everywhere."""
    return generate(FromSeed(seed), features, size)


@st.composite
def programs(draw: Callable[[Any], Any], features: Features | None = None, size: int = 6) -> Program:
    """Hypothesis strategy for programs."""
    return generate(FromDraw(draw, st.integers), features, size)
