"""Random programs in which arrays have several names: items of lists, dicts and tuples, attributes, views, what a branch chose.

They write by all of these, bind them anew, exchange them, in loops within loops, so that what a name is depends on the way that was taken.
"""
from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable

from tests.property.programs import Program

HEAD = """\
import numpy as np

LOG = []


class Box:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def step(self, q):
        self.a += np.sin(q)
        return self.b

    def turn(self):
        self.a, self.b = self.b, self.a

"""

Sets = dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]

SETS: Sets = {
    "l": ("l = [z, y]", ("l[0]", "l[1]", "l[-1]", "l[n % 2]"), ("l[0], l[1] = l[1], l[0]", "l[0] = {value}", "l.reverse()", "l[1] = l[0]")),
    "d": ('d = {"a": y, "b": z}', ('d["a"]', 'd["b"]'), ('d["a"] = {value}', 'd["a"], d["b"] = d["b"], d["a"]', 'd["b"] = y')),
    "o": ("o = Box(z, y)", ("o.a", "o.b"), ("o.turn()", "s += np.sum(o.step({value}))", "o.a = {value}", "o.a = y", "z = o.b")),
    "w": ("w = y", ("w",), ("w = z", "w = y", "w = {value}")),
    "v": ("v = y[1:3]", (), ("v[0] = s", "v *= 0.5", "s += np.sum(v)", "v[...] = x[:2]")),
    "p": ("p = [[z, 1.0], [y, 2.0]]", ("p[0][0]", "p[1][0]"), ("p[0][1] += s", "p[0][0] = y", "p[0], p[1] = p[1], p[0]")),
    "t": ("t = (z, y)", ("t[0]", "t[1]"), ("s += np.sum(t[0])",)),
    "e": ('e = {"k": [y, z], "m": 0.5}', ('e["k"][0]', 'e["k"][1]'), ('e["k"][0] = z', 'e["m"] += s', 'e["k"] = [z, y]')),
    "u": ("u = y.T", ("u",), ("u = z.T",)),
    "c": ("c = Box([z, y], x)", ("c.a[0]", "c.a[1]", "c.b"), ("c.a[0] = y", "c.a = [y, x]")),
    "r": ("r = [y.copy() for _ in range(3)]", ("r[0]", "r[n % 3]"), ("r[0] = r[1]", "r[0], r[2] = r[2], r[0]")),
    "h": ("h = [y, z] if a > 0.0 else [z, y]", ("h[0]", "h[1]"), ("h[0], h[1] = h[1], h[0]", "h[0] = {value}")),
}
"""By a name that is bound: how, what else it makes an array's name, and what may become of these names; `{value}` is an array.

The names that begin with `t` and an index or attribute are parts of a tuple.  Statements may have several lines.
"""

LOOPS = ("for i in range(3):", "for i in range(40):", "while n < 9:", "while n < 50:", "for q in x:", "for q, g in zip(x, y.copy()):")
VALUES = (
    "np.sin({m})", "np.cos({m} * {n})", "0.3 * {m}", "np.roll({m}, 1)", "np.tanh({m} + {n})", "{m} * a", "{m}[::-1]",
    "0.5 * np.sum({m}) * np.cos({n})", "{m}",
)  # fmt: skip
_TESTS = ("x[0] > x[1]", "np.sum({m}) > 0.3", "a > 0.5", "n % 2 == 0")
_LEAVING = ("s > 3.0", "n > 5", "x[0] > 1.0")


@dataclasses.dataclass(frozen=True)
class Topic:
    """What the programs of a kind are about."""

    head: str  # of the module
    sets: Sets
    values: tuple[str, ...] = VALUES  # arrays made of others
    loops: tuple[str, ...] = LOOPS
    share: float = 0.0  # of the statements that come from `sets` before the others have their turn
    starts: tuple[str, ...] = ("np.zeros(4)",)  # what z may be


class _Writer:
    """Writes statements; `names` are what arrays are called."""

    def __init__(self, seed: int, topic: Topic) -> None:
        self.rng = random.Random(seed)
        self.topic = topic
        self.chosen = self.rng.sample(sorted(topic.sets), self.rng.randrange(1, 4))
        self.names = [n for k in self.chosen for n in topic.sets[k][1]]
        self.arrays = ["x", "y", "z", *self.names, *self.names]

    def filled(self, text: str) -> str:
        """Text with arrays in the place of `{m}` and `{n}`."""
        return text.format(m=self.rng.choice(self.arrays), n=self.rng.choice(self.arrays))

    def value(self) -> str:
        return self.filled(self.rng.choice(self.topic.values))

    def target(self) -> str:
        """An array that may be the target of an augmented assignment: no part of a tuple, no result of a call."""
        return self.rng.choice([n for n in self.arrays if not n.startswith(("t[", "t.")) and not n.endswith(")")])

    def statement(self, depth: int, loops: int) -> list[str]:
        if self.topic.share and self.rng.random() < self.topic.share:
            return self._bound()
        makers: list[Callable[[], list[str]]] = [self._stored] * 3 + [self._augmented] * 5 + [self._element, self._bound, self._bound, self._counted]
        if depth < 3:
            makers.append(lambda: self._branch(depth, loops))
        if loops < 2:
            makers.append(lambda: self._loop(depth, loops))
        if loops:
            makers.append(lambda: [f"if {self.rng.choice(_LEAVING)}:", f"    {self.rng.choice(('break', 'continue'))}"])
        return self.rng.choice(makers)()

    def block(self, depth: int, loops: int, most: int) -> list[str]:
        return ["    " + line for _ in range(self.rng.randrange(1, most)) for line in self.statement(depth, loops)]

    def _stored(self) -> list[str]:
        return [f"{self.rng.choice(self.arrays)}[...] = {self.value()}"]

    def _augmented(self) -> list[str]:
        return [f"{self.target()} {self.rng.choice(('+=', '*=', '-=', '+='))} {self.value()}"]

    def _element(self) -> list[str]:
        index = self.rng.choice(("0", "1:", "-1", "::2", "n % 4"))
        return [f"{self.rng.choice(self.arrays)}[{index}] = {self.rng.choice(('a', 's', self.filled('{m}[1] * 0.5')))}"]

    def _bound(self) -> list[str]:
        ways = [way for k in self.chosen for way in self.topic.sets[k][2]]
        return self.rng.choice([*ways, "y, z = z, y"]).replace("{value}", self.value()).splitlines()

    def _counted(self) -> list[str]:
        return [self.rng.choice(("n += 1", f"s += np.sum({self.value()})"))]

    def _branch(self, depth: int, loops: int) -> list[str]:
        lines = [f"if {self.filled(self.rng.choice(_TESTS))}:", *self.block(depth + 1, loops, 3)]
        return [*lines, "else:", *self.block(depth + 1, loops, 3)] if self.rng.random() < 0.5 else lines

    def _loop(self, depth: int, loops: int) -> list[str]:
        head = self.rng.choice(self.topic.loops)
        return [head, *(["    n += 1"] if head.startswith("while") else []), *self.block(depth + 1, loops + 1, 4)]


TOPIC = Topic(HEAD, SETS)


def from_seed(seed: int, topic: Topic = TOPIC) -> Program:
    """The program of a seed: the same everywhere."""
    w = _Writer(seed, topic)
    lines = [f"z = {topic.starts[seed % len(topic.starts)]}", "n = 0", "s = b + np.sin(a) + np.sum(x * y)"]
    lines += [line for k in w.chosen for line in topic.sets[k][0].splitlines()]
    for _ in range(w.rng.randrange(2, 6)):
        lines += w.statement(0, 0)
    names = dict.fromkeys([*w.names, "y", "z", "x"])
    terms = [f"{0.1 * k:.1f} * np.sum(np.sin({name}))" for k, name in enumerate(names, start=1)]
    lines.append("return " + " + ".join(["s", *terms, *(["np.sum(v)"] if "v" in w.chosen else [])]))
    body = "".join(f"    {line}\n" for line in lines)
    return Program(f"{topic.head}\ndef f(a, b, x, y):\n{body}", seed, size=4)
