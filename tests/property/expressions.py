"""Random expressions of known kind.

A kind is what the generator knows of a name: `float`, `int`, `index` (an int that may subscript any array), `("vec", n)`,
`("mat", rows, columns)`, `("list", n)` and `("tuple", n)` of floats, `("dict", keys)`, `("fn", arity)`.  Lengths are known
while a program is made, so that every subscript is in range.  Values stay of order one: products meet `sin` and `tanh`.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.property.choose import Choose

Kind = Any
SMOOTH = ("math.sin({})", "math.cos({})", "math.tanh({})", "np.sin({})", "math.atan({})", "np.tanh({})", "math.exp(-({}) ** 2)")
SMOOTH_ARRAY = ("np.sin({})", "np.cos({})", "np.tanh({})", "np.exp(-np.abs({}))", "np.arctan({})", "np.sqrt(1.5 + ({}) ** 2)", "np.log(2.5 + ({}) ** 2)")


class Expressions:
    """Makes expressions from the names in scope; `marks` counts the constructs used."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.scope: dict[str, Kind] = {}
        self.helpers: dict[str, Callable[[Expressions, int], str]] = {}
        self.marks: Counter[str] = Counter()
        self.fresh = 0

    def mark(self, construct: str) -> None:
        """Count a construct."""
        self.marks[construct] += 1

    def names(self, shape: str, size: int | None = None) -> list[str]:
        """Names in scope of a kind."""
        if shape in {"float", "int", "index"}:
            return [name for name, kind in self.scope.items() if kind == shape]
        return [name for name, kind in self.scope.items() if isinstance(kind, tuple) and kind[0] == shape and size in (None, kind[1])]

    def temp(self, stem: str) -> str:
        """A name that no other part of the program uses."""
        self.fresh += 1
        return f"{stem}{self.fresh}"

    # ---- numbers -----------------------------------------------------------------------------------------------------
    def literal(self) -> str:
        """A float literal of order one."""
        return f"{self.choose.between(2, 17) / 10}"

    def count(self, high: int) -> str:
        """An int in [0, high], as a literal or through a length."""
        options = [str(self.choose.between(0, high))]
        options += [f"len({name})" for name, kind in self.scope.items() if isinstance(kind, tuple) and kind[0] in {"vec", "list"} and kind[1] <= high]
        return self.choose.one(options)

    def subscript(self, name: str, size: int) -> str:
        """An element of a sequence."""
        loops = self.names("index")
        if loops and self.choose.chance(60):
            self.mark("subscript by loop index")
            index = self.choose.one(loops)
            return f"{name}[{self.choose.one((index, f'-1 - {index}'))}]" if size >= 3 else f"{name}[{index} % {size}]"
        index = str(self.choose.between(-size, size - 1))
        self.mark("negative subscript" if index.startswith("-") else "subscript")
        return f"{name}[{index}]"

    def leaf(self) -> str:
        """A float that needs no parentheses."""
        options: list[tuple[int, Callable[[], str]]] = [(1, self.literal)]
        floats = self.names("float")
        if floats:
            recent = floats[-4:]
            options.append((7, lambda: self.choose.one(recent if self.choose.chance(60) else floats)))
        sequences = [(name, kind[1]) for name, kind in self.scope.items() if isinstance(kind, tuple) and kind[0] in {"vec", "list", "tuple"} and kind[1]]
        if sequences:
            options.append((4, lambda: self.subscript(*self.choose.one(sequences))))
        dicts = self.names("dict")
        if dicts:
            options.append((2, lambda: self.lookup(self.choose.one(dicts))))
        mats = self.names("mat")
        if mats:
            options.append((2, lambda: self.entry(self.choose.one(mats))))
        rows = self.names("rows")
        if rows:
            options.append((2, lambda: self.in_row(self.choose.one(rows))))
        return self.choose.weighted(options)()

    def lookup(self, name: str) -> str:
        """An item of a dict."""
        self.mark("dict read")
        key = self.choose.one(self.scope[name][1])
        return self.choose.one((f'{name}["{key}"]', f'{name}["{key}"]', f'{name}.get("{key}", 0.5)'))

    def entry(self, name: str) -> str:
        """An element of a matrix."""
        self.mark("matrix element")
        _, rows, columns = self.scope[name]
        return f"{name}[{self.choose.between(-rows, rows - 1)}, {self.choose.between(0, columns - 1)}]"

    def in_row(self, name: str) -> str:
        """A float read from a list of arrays."""
        self.mark("list of arrays read")
        _, count, size = self.scope[name]
        form = self.choose.one(("{n}[{i}][{j}]", "np.sum({n}[{i}])", "0.3 * np.sum(np.stack({n}))", "0.3 * np.sum({n})"))
        return form.format(n=name, i=self.choose.between(-count, count - 1), j=self.choose.between(0, size - 1))

    def number(self, depth: int = 2) -> str:
        """A float."""
        if depth <= 0:
            return self.leaf()
        options: list[tuple[int, Callable[[int], str]]] = [
            (3, lambda d: self.leaf()), (5, self.smooth), (6, self.arithmetic), (2, self.conditional), (1, self.extremum),
            (3, self.reduction), (1, self.odd_number), (1, self.over_items), (1, self.immediate),
        ]  # fmt: skip
        functions = [name for name, kind in self.scope.items() if isinstance(kind, tuple) and kind[0] == "fn"]
        if functions:
            options.append((3, lambda d: self.local_call(self.choose.one(functions), d)))
        if self.helpers:
            options.append((3, lambda d: self.helpers[self.choose.one(sorted(self.helpers))](self, d)))
        return self.choose.weighted(options)(depth - 1)

    def bounded(self, depth: int = 2) -> str:
        """A float within [-2, 2] whatever the operands are."""
        e = self.number(depth)
        forms = ("math.sin({})", "math.tanh(0.5 * ({}))", "0.9 * math.cos({})", "np.tanh({})", "math.atan({})", "float(np.sin({}))")
        return self.choose.one(forms).format(e)

    def smooth(self, depth: int) -> str:
        """A smooth function of a float."""
        self.mark("math call")
        if self.choose.chance(25):
            v = self.leaf()
            return self.choose.one(("math.sqrt(1.2 + {0} * {0})", "math.log(2.0 + {0} * {0})", "math.hypot({0}, 1.3)", "1.0 / (1.0 + {0} ** 2)",
                                    "math.log1p({0} ** 2)", "math.erf({0})", "math.atan2({0}, 1.4)")).format(v)  # fmt: skip
        return self.choose.one(SMOOTH).format(self.number(depth))

    def arithmetic(self, depth: int) -> str:
        """A binary or unary operation."""
        if self.choose.chance(12):
            return f"-({self.number(depth)})"
        sign = self.choose.one("++-***")
        left, right = self.number(depth), self.number(depth)
        if sign == "*":
            return f"({left}) * ({right})"
        return f"({left} {sign} ({right}))"

    def conditional(self, depth: int) -> str:
        """A conditional expression, sometimes with a walrus."""
        if self.choose.chance(25):
            self.mark("walrus")
            name = self.temp("w")
            return f"({name} * {self.leaf()} if ({name} := {self.number(depth)}) > {self.literal()} else {self.number(depth)} - {name})"
        self.mark("conditional expression")
        return f"({self.number(depth)} if {self.condition()} else {self.number(depth)})"

    def extremum(self, depth: int) -> str:
        """The greater or smaller of two, an absolute value."""
        self.mark("max, min, abs")
        form = self.choose.one(("max({}, {})", "min({}, {})", "abs({} + 0.1 * {})", "float(np.maximum({}, {}))"))
        return form.format(self.number(depth), self.leaf())

    def reduction(self, depth: int) -> str:
        """An array reduced to a float."""
        if self.choose.chance(20):
            self.mark("reduction of a matrix")
            rows, columns = self.choose.between(2, 3), self.choose.between(2, 3)
            form = self.choose.one(("np.mean({})", "0.3 * np.sum({})", "np.max({})", "np.mean(({}).T @ np.ones({r}))", "0.2 * ({}).sum()"))
            return form.format(self.matrix(rows, columns, depth), r=rows)
        size = self.choose.between(2, 4)
        v = self.vector(size, depth)
        if self.choose.chance(25):
            self.mark("dot product")
            form = self.choose.one(("0.3 * np.dot({}, {})", "0.3 * (({}) @ ({}))", "0.3 * np.vdot({}, {})", "0.2 * np.sum(({}) * ({}))"))
            return form.format(v, self.vector(size, 0))
        if self.choose.chance(15):
            self.mark("mask")
            name = self.pick_vector()
            if name:
                return f"0.3 * np.sum({name}[{name} > {self.literal()}])"
        self.mark("reduction")
        forms = ("np.mean({})", "0.3 * np.sum({})", "np.max({})", "np.min({})", "np.prod(0.4 * np.cos({}) + 0.8)", "np.linalg.norm(({}) + 2.5)",
                 "({}).mean()", "0.4 * ({}).sum()", "({})[-1]", "0.3 * sum({})", "float(np.std({}))")  # fmt: skip
        return self.choose.one(forms).format(v)

    def pick_vector(self) -> str:
        """The name of some vector, '' if there is none."""
        names = self.names("vec")
        return self.choose.one(names) if names else ""

    def odd_number(self, depth: int) -> str:
        """Rarer operators: remainder, powers, rounding, value semantics of and/or."""
        form = self.choose.one(("({}) % 1.9", "(1.1 + math.sin({})) ** 1.5", "(0.7) ** ({})", "({}) - 0.3 * ({} // 0.7)", "({}) * round({} + 0.2)",
                                "(False or ({}))", "(True and ({}))", "({}) + 0.2 * int(10.0 * {})", "divmod({}, 1.3)[1]", "float({} > 0.4) * ({})",
                                "abs(complex({}, 0.8))", "sum([{}, {}, 0.1])", "math.fsum([{}, {}])", "pow(1.3, {})"))  # fmt: skip
        self.mark("rare operator")
        v = self.leaf()
        return form.format(*[v if k else self.number(depth) for k in range(form.count("{}"))])

    def over_items(self, depth: int) -> str:
        """A comprehension or generator reduced to a float."""
        source, item = self.items()
        body = self.inside({item: "float"}, lambda: self.number(depth))
        self.mark("comprehension")
        test = f" if {item} > {self.literal()}" if self.choose.chance(30) else ""
        form = self.choose.one(("0.4 * sum([{} for {} in {}{}])", "0.4 * sum({} for {} in {}{})", "0.4 * float(np.sum(np.array([{} for {} in {}{}])))"))
        return form.format(body, item, source, test)

    def items(self) -> tuple[str, str]:
        """Something to iterate whose items are floats, and a name for the item."""
        sequences = self.names("list") + self.names("tuple") + self.names("vec")
        source = self.choose.one(sequences) if sequences and self.choose.chance(80) else f"({self.leaf()}, {self.leaf()})"
        return source, self.temp("e")

    def immediate(self, depth: int) -> str:
        """A lambda called at once, or mapped."""
        self.mark("lambda")
        name = self.temp("t")
        body = self.inside({name: "float"}, lambda: self.number(depth))
        if self.choose.chance(40):
            return f"0.4 * sum(map(lambda {name}: {body}, {self.items()[0]}))"
        return f"(lambda {name}: {body})({self.leaf()})"

    def local_call(self, name: str, depth: int) -> str:
        """A call of a function that is in scope."""
        self.mark("call of a closure")
        return f"{name}({', '.join(self.number(depth - 1) for _ in range(self.scope[name][1]))})"

    def inside(self, more: dict[str, Kind], make: Callable[[], str]) -> str:
        """What `make` gives with more names in scope."""
        before = dict(self.scope)
        self.scope.update(more)
        text = make()
        self.scope = before
        return text

    # ---- conditions --------------------------------------------------------------------------------------------------
    def condition(self, depth: int = 1) -> str:
        """A bool."""
        kind = self.choose.weighted(((6, "compare"), (2, "chain"), (2, "both"), (1, "not"), (1, "int"), (1, "items")))
        if kind == "chain":
            self.mark("chained comparison")
            return f"-{self.literal()} < {self.number(depth)} < {self.literal()}"
        if kind == "both" and depth:
            self.mark("and, or")
            return f"({self.condition(0)} {self.choose.one(('and', 'or'))} {self.condition(0)})"
        if kind == "not" and depth:
            self.mark("not")
            return f"not ({self.condition(0)})"
        loops = self.names("index")
        if kind == "int" and loops:
            return f"{self.choose.one(loops)} % 2 == {self.choose.between(0, 1)}"
        if kind == "items" and self.pick_vector():
            self.mark("any, all")
            item = self.temp("e")
            return f"{self.choose.one(('any', 'all'))}({item} > {self.literal()} for {item} in {self.pick_vector()})"
        return f"{self.number(depth)} {self.choose.one(('<', '<=', '>', '>='))} {self.number(0)}"

    # ---- arrays ------------------------------------------------------------------------------------------------------
    def vector(self, size: int, depth: int = 2) -> str:
        """An array of rank 1."""
        named = self.names("vec", size)
        options: list[tuple[int, Callable[[int], str]]] = [(1, lambda d: self.array_of(size)), (3, lambda d: self.view(size))]
        if named:
            options.append((5, lambda d: self.choose.one(named)))
        if depth > 0:
            options += [(4, lambda d: self.choose.one(SMOOTH_ARRAY).format(self.vector(size, d))), (5, lambda d: self.array_arithmetic(size, d)),
                        (2, lambda d: self.odd_vector(size, d))]  # fmt: skip
        return self.choose.weighted(options)(depth - 1)

    def array_of(self, size: int) -> str:
        """A display, or something constant."""
        self.mark("array display")
        lists = self.names("list", size)
        if lists and self.choose.chance(50):
            return f"np.array({self.choose.one(lists)})"
        if self.choose.chance(50):
            return f"np.array([{', '.join(self.leaf() for _ in range(size))}])"
        return self.choose.one(("np.ones({n}) * {e}", "np.full({n}, {e})", "np.linspace(0.1, 0.9, {n}) + {e}", "np.arange({n}) * {e}")).format(n=size, e=self.leaf())

    def view(self, size: int) -> str:
        """A part of a longer vector, read as a slice or by an index array."""
        longer = [(name, kind[1]) for name, kind in self.scope.items() if isinstance(kind, tuple) and kind[0] == "vec" and kind[1] >= size]
        if not longer:
            return self.array_of(size)
        name, have = self.choose.one(longer)
        start = self.choose.between(0, have - size)
        if self.choose.chance(20):
            self.mark("index array")
            picks = ", ".join(str(self.choose.between(-have, have - 1)) for _ in range(size))
            return self.choose.one((f"{name}[[{picks}]]", f"{name}[np.array([{picks}])]")) if picks else f"{name}[:0]"
        if have == size:
            self.mark("reversed view")
            return self.choose.one((f"{name}[::-1]", f"{name}[...]", f"np.flip({name})", f"np.roll({name}, 1)"))
        self.mark("slice")
        if have >= 2 * size - 1 and size > 1 and self.choose.chance(30):
            return f"{name}[:{2 * size - 1}:2]"
        back = f"{name}[{start}:{start + size}]"
        return self.choose.one((back, f"{name}[{start}:][:{size}]", f"{name}[{start}:{start - have + size or None}]", f"{back}[::-1]"))

    def array_arithmetic(self, size: int, depth: int) -> str:
        """An elementwise operation, also with a scalar."""
        left = self.vector(size, depth)
        if self.choose.chance(35):
            self.mark("broadcast of a scalar")
            form = self.choose.one(("({v}) * {e}", "{e} * ({v})", "({v} + {e})", "({v}) / (1.5 + {e} ** 2)", "({e} - ({v}))", "np.maximum({v}, {e})",
                                    "({v} + np.array([{e}]))"))  # fmt: skip
            return form.format(v=left, e=self.leaf())
        right = self.vector(size, depth - 1)
        return self.choose.one(("({} + {})", "({} - ({}))", "({}) * ({})", "np.minimum({}, {})", "np.multiply({}, {})", "({}) / (1.5 + ({}) ** 2)")).format(left, right)

    def odd_vector(self, size: int, depth: int) -> str:
        """Rarer array functions."""
        v, w, other = self.vector(size, depth), self.vector(size, 0), self.choose.between(2, 3)
        kind = self.choose.between(0, 7)
        if kind == 0:
            self.mark("where")
            return f"np.where({w} > {self.leaf()}, {v}, {self.choose.one((w, self.leaf()))})"
        if kind == 1 and size > 1:
            self.mark("concatenate")
            cut = self.choose.between(0, size)
            return f"np.concatenate([{self.vector(cut, 0)}, {self.vector(size - cut, depth)}])"
        if kind == 2:
            self.mark("matmul")
            return f"0.4 * (({self.matrix(size, other, depth - 1)}) @ ({self.vector(other, 0)}))"
        if kind == 3:
            self.mark("axis reduction")
            return self.choose.one(("np.sum({}, axis=0)", "({}).mean(axis=0)", "np.max({}, axis=0)", "({})[-1]")).format(self.matrix(other, size, depth - 1))
        if kind == 4:
            self.mark("stack")
            return f"np.stack([{v}, {w}])[{self.choose.between(-2, 1)}]"
        if kind == 5:
            self.mark("cumsum")
            return f"0.4 * np.cumsum({v})"
        if kind == 6:
            self.mark("comprehension")
            item = self.temp("e")
            return f"np.array([{self.inside({item: 'float'}, lambda: self.number(1))} for {item} in {self.pick_name(size) or v}])"
        self.mark("broadcast against length 1")
        return f"({v} * np.array([{self.leaf()}]))"

    def pick_name(self, size: int) -> str:
        """The name of a vector of a size, '' if there is none."""
        names = self.names("vec", size)
        return self.choose.one(names) if names else ""

    def matrix(self, rows: int, columns: int, depth: int = 1) -> str:
        """An array of rank 2."""
        named = [name for name, kind in self.scope.items() if kind == ("mat", rows, columns)]
        if named and self.choose.chance(60):
            return self.choose.one(named)
        v, w = self.vector(rows, depth - 1), self.vector(columns, depth - 1)
        self.mark("matrix")
        form = self.choose.one(("np.outer({v}, {w})", "({v})[:, None] * ({w})[None, :]", "(({v})[:, None] + {w})", "np.stack([{w}] * {r})", "np.outer({w}, {v}).T",
                                "np.tanh(np.outer({v}, {w}))", "np.concatenate([{v}] * {c}).reshape({r}, {c})", "np.array([{w}, {w}, {w}])[:{r}]"))  # fmt: skip
        return form.format(v=v, w=w, r=rows, c=columns)
