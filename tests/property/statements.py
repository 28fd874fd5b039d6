"""Random statements and functions.

A name keeps its kind inside a loop or branch that may not run; elsewhere it is rebound to other kinds on purpose.  Names
that a closure has captured are not assigned again.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.property import writing
from tests.property.choose import Choose
from tests.property.expressions import Expressions, Kind

POOL = ("p", "q", "r", "s", "u", "v", "w", "z")


@dataclass(frozen=True)
class Features:
    """What the generator may use; later stages of the project switch more on."""

    writes: bool = False  # in-place writes into arrays
    effects: bool = True  # prints and calls of a recorder
    raises: bool = True  # programs that end in an exception


class Statements(Expressions):
    """Writes statements into `lines`."""

    def __init__(self, choose: Choose, features: Features) -> None:
        super().__init__(choose)
        self.features = features
        self.lines: list[str] = []
        self.indent = 1
        self.locked: frozenset[str] = frozenset()  # names whose kind must not change here
        self.frozen: set[str] = set()  # names captured by a closure
        self.in_loop = 0
        self.can_return = True
        self.budget = 0
        self.changers: list[tuple[str, str]] = []  # helpers that change their argument, and what they give
        self.taint: dict[str, frozenset[str]] = {}  # which parameters a name may depend on

    def emit(self, text: str) -> None:
        """One line at the current depth."""
        self.lines.append("    " * self.indent + text)

    def target(self, kind: Kind) -> str:
        """A name to assign a value of this kind to."""
        pool = (*POOL, "a", "b", "x", "y") if self.choose.chance(40) else POOL
        options = [n for n in pool if n not in self.frozen]
        same = [n for n in options if self.scope.get(n) == kind]
        new = [n for n in options if n not in self.scope and n not in self.locked]
        change = [n for n in options if n not in self.locked and n in self.scope]
        if same and self.choose.chance(65):
            return self.choose.one(same)
        if new and (not change or self.choose.chance(80)):
            return self.choose.one(new)
        if change and self.choose.chance(50):
            self.mark("name rebound to another kind")
            return self.choose.one(change)
        return self.temp("n")

    def bind(self, name: str, kind: Kind) -> None:
        """Enter a name, as the most recent one; what it depends on is read off the line just emitted."""
        self.scope.pop(name, None)
        self.scope[name] = kind
        words = re.findall(r"[A-Za-z_]\w*", self.lines[-1]) if self.lines else []
        self.taint[name] = frozenset[str]().union(*(self.taint[word] for word in words if word in self.taint))

    # ---- blocks ------------------------------------------------------------------------------------------------------
    def block(self, least: int, most: int) -> bool:
        """Statements one level deeper; says whether control can leave at the end."""
        self.indent += 1
        open_end = True
        for _ in range(self.choose.between(least, most)):
            if not self.statement():
                open_end = False
                break
        if self.lines[-1].endswith(":"):
            self.emit("pass")
        self.indent -= 1
        return open_end

    def branch(self, least: int = 1, most: int = 2) -> dict[str, Kind] | None:
        """A block that may not run: the names after it, None if control does not come out."""
        before = dict(self.scope)
        open_end = self.block(least, most)
        after, self.scope = self.scope, before
        return after if open_end else None

    def join(self, *scopes: dict[str, Kind] | None) -> bool:
        """Keep what all scopes that come out agree on."""
        alive = [scope for scope in scopes if scope is not None]
        if not alive:
            return False
        self.scope = {n: k for n, k in alive[0].items() if all(other.get(n) == k for other in alive)}
        return True

    def loop_body(self, names: dict[str, Kind]) -> None:
        """The body of a loop, whose items are bound to `names`."""
        before, locked = dict(self.scope), self.locked
        self.locked |= frozenset(before)
        self.in_loop += 1
        for name, kind in names.items():
            self.bind(name, kind)
        self.block(1, 3)
        self.in_loop -= 1
        self.locked, self.scope = locked, {n: k for n, k in before.items() if n not in names or names[n] == k}

    # ---- statements --------------------------------------------------------------------------------------------------
    def statement(self) -> bool:
        """One random statement; says whether control comes out at its end."""
        self.budget -= 1
        deep = self.indent > 3 or self.budget < 0
        options: list[tuple[int, Callable[[], bool | None]]] = [
            (10, self.assign), (5, self.assign_vector), (5, self.augment), (3, self.unpack), (3, self.container), (2, self.swap),
            (1, self.dead), (2 * self.features.effects, self.effect), (36 * self.features.writes, lambda: writing.write(self)), (1, self.assign_matrix),
            (1, self.annotated), (1, self.assertion), (1, self.delete),
        ]  # fmt: skip
        if not deep:
            options += [(6, self.if_), (6, self.for_), (3, self.while_), (2, self.try_), (1, self.errstate), (1, self.nested)]
        if self.indent == 1:
            options += [(2, self.closure)]
        if self.in_loop:
            options += [(3, self.exit_)]
        elif self.can_return and not deep:
            options += [(1, self.exit_)]
        return self.choose.weighted(options)() is not False

    def assign(self) -> None:
        """`name = float`."""
        value = self.bounded() if self.in_loop or self.choose.chance(60) else self.number(1)
        name = self.target("float")
        if self.choose.chance(6):
            self.mark("chained assignment")
            other = self.target("float")
            self.emit(f"{name} = {other} = {value}")
            self.bind(other, "float")
        else:
            self.emit(f"{name} = {value}")
        self.bind(name, "float")

    def annotated(self) -> None:
        """`name: float = value`."""
        self.mark("annotated assignment")
        value = self.bounded(1)
        name = self.temp("n")
        self.emit(f"{name}: float = {value}")
        self.bind(name, "float")

    def assign_vector(self) -> None:
        """`name = array`; inside a loop of a fixed size, and bounded."""
        size = self.choose.one((0, 2, 3, 3, 4, 4)) if not self.in_loop else self.choose.between(2, 4)
        value = self.vector(size)
        if self.in_loop:
            value = self.choose.one(("np.sin({})", "np.tanh({})", "0.9 * np.cos({})")).format(value)
        name = self.target(("vec", size))
        if not size:
            self.mark("empty array")
        self.emit(f"{name} = {value}")
        self.bind(name, ("vec", size))

    def assign_matrix(self) -> None:
        """`name = matrix`."""
        rows, columns = self.choose.between(2, 3), self.choose.between(2, 3)
        value = f"np.tanh({self.matrix(rows, columns)})"
        name = self.target(("mat", rows, columns))
        self.emit(f"{name} = {value}")
        self.bind(name, ("mat", rows, columns))

    def augment(self) -> None:
        """`name op= float` on scalars (on arrays it would write in place)."""
        floats = [n for n in self.names("float") if n not in self.frozen]
        if not floats:
            return self.assign()
        name = self.choose.one(floats)
        self.mark("augmented assignment")
        form = self.choose.one(("{} += 0.6 * {}", "{} -= 0.5 * {}", "{} *= {}", "{} += {}", "{} /= 1.4 + ({}) ** 2", "{} -= {}"))
        self.emit(form.format(name, self.bounded(1)))
        self.bind(name, "float")
        return None

    def swap(self) -> None:
        """`p, q = q, p` for two names of one kind, or a rotation."""
        kind = self.choose.one(("float", ("vec", 3), ("vec", 4)))
        names = [n for n, k in self.scope.items() if k == kind and n not in self.frozen]
        if len(names) < 2:
            return self.assign()
        self.mark("swap of names")
        some = names[-3:] if self.choose.chance(30) else names[-2:]
        self.emit(f"{', '.join(some)} = {', '.join(some[1:] + some[:1])}")
        return None

    def unpack(self) -> None:
        """Tuple unpacking: flat, nested, starred, from a named tuple or an array."""
        self.mark("unpacking")
        kind = self.choose.between(0, 4)
        first, second = self.bounded(1), self.bounded(1)
        names = [self.temp("n"), self.target("float")]
        if kind == 0:
            self.emit(f"{names[0]}, {names[1]} = {first}, {second}")
        elif kind == 1:
            names.append(self.temp("n"))
            self.emit(f"{names[0]}, ({names[1]}, {names[2]}) = {first}, ({second}, {self.leaf()})")
        elif kind == 2:
            rest = self.temp("rest")
            self.emit(f"{names[0]}, *{rest}, {names[1]} = {first}, {second}, {self.leaf()}, {self.leaf()}")
            self.bind(rest, ("list", 2))
            self.mark("starred unpacking")
        elif kind == 3:
            self.emit(f"{names[0]}, {names[1]} = {self.vector(2, 1)}")
        else:
            vectors = [self.temp("n"), self.temp("n")]
            self.emit(f"{vectors[0]}, {vectors[1]} = {self.vector(3, 1)}, {self.vector(2, 1)}")
            self.bind(vectors[0], ("vec", 3))
            self.bind(vectors[1], ("vec", 2))
            names = []
        for name in names:
            self.bind(name, "float")

    def container(self) -> None:
        """A list, tuple or dict of floats."""
        size = self.choose.between(2, 4)
        items = [self.bounded(1) if self.choose.chance(50) else self.leaf() for _ in range(size)]
        name, kind = self.temp("c"), self.choose.one(("list", "list", "tuple", "dict", "comprehension"))
        self.mark(f"{kind} built")
        if kind == "dict":
            keys = ("k0", "k1", "k2", "k3")[:size]
            pairs = ", ".join(f'"{key}": {item}' for key, item in zip(keys, items, strict=True))
            call = ", ".join(f"{key}={item}" for key, item in zip(keys, items, strict=True))
            self.emit(f"{name} = {self.choose.one((f'{{{pairs}}}', f'dict({call})'))}")
            self.bind(name, ("dict", keys))
        elif kind == "comprehension":
            source = self.names("vec", size)
            item = self.temp("e")
            body = self.inside({item: "float"}, lambda: self.bounded(1))
            self.emit(f"{name} = [{body} for {item} in {self.choose.one(source) if source else f'({chr(44).join(items)})'}]")
            self.bind(name, ("list", size))
        elif kind == "tuple":
            self.emit(f"{name} = ({', '.join(items)})")
            self.bind(name, ("tuple", size))
        else:
            more = self.names("list", size)
            extra = self.choose.one(more) if more and self.choose.chance(30) else ""
            self.emit(f"{name} = [{', '.join(items)}]" + (f" + {extra}[1:]" if extra else ""))
            self.bind(name, ("list", size + (size - 1 if extra else 0)))

    def dead(self) -> None:
        """Code whose value nobody reads, or that never runs."""
        self.mark("dead code")
        if self.choose.chance(50):
            self.emit(f"{self.temp('unused')} = {self.number(2)}")
        else:
            self.emit("if False:")
            self.branch()

    def effect(self) -> None:
        """A print, or a call of a recorder that has no source."""
        self.mark("effect")
        tag = self.choose.between(0, 99)
        floats = self.names("float")
        forms = [f'print("at", {tag})', f"note({tag})", f'note(f"tag {tag}")', f"note(len({self.vector(2, 0)}))"]
        if floats:
            forms += [f"print({floats[-1]})", f'print(f"{{{floats[-1]}:.3f}}")', f"note(round(float({floats[-1]}), 3))"]
        loops = self.names("index")
        if loops:
            forms += [f"note(({tag}, {loops[-1]}))", f"print({loops[-1]}, end=';')"]
        self.emit(self.choose.one(forms))

    def assertion(self) -> None:
        """An assert that holds."""
        self.mark("assert")
        self.emit(f'assert {self.leaf()} > -1e9, "never"')

    def delete(self) -> bool | None:
        """`del` of a name of its own."""
        self.mark("del")
        name = self.temp("n")
        self.emit(f"{name} = {self.leaf()}")
        self.emit(f"del {name}")
        return None

    def if_(self) -> bool:
        """if, elif, else."""
        before = dict(self.scope)
        self.mark("if")
        self.emit(f"if {self.condition(2)}:")
        scopes = [self.branch()]
        while self.choose.chance(30):
            self.mark("elif")
            self.emit(f"elif {self.condition()}:")
            scopes.append(self.branch())
        if self.choose.chance(55):
            self.mark("else")
            self.emit("else:")
            scopes.append(self.branch())
        else:
            scopes.append(before)
        return self.join(*scopes)

    def exit_(self) -> bool:
        """break, continue or return under a condition."""
        kinds = ["break", "continue"] if self.in_loop else []
        kind = self.choose.one((*kinds, *kinds, "return") if self.can_return else kinds)
        self.mark(kind if self.in_loop else "early return")
        self.emit(f"if {self.condition()}:")
        self.indent += 1
        if self.choose.chance(30):
            self.augment()
        if kind == "return" and self.features.raises and self.choose.chance(8):
            self.mark("raise")
            self.emit('raise ValueError("out of bounds")')
        else:
            self.emit(kind if kind != "return" else f"return {self.returned()}")
        self.indent -= 1
        return True

    def returned(self) -> str:
        """What a function returns: a mix of recent values."""
        usable = [n for n, k in self.scope.items() if k == "float" or (isinstance(k, tuple) and k[0] in {"vec", "list", "mat", "rows"} and k[1])]
        chosen = usable[-2:] if self.choose.chance(60) else []
        for parameter in sorted(frozenset[str]().union(*self.taint.values())):
            if not any(parameter in self.taint.get(n, ()) for n in chosen):
                chosen += [n for n in usable if parameter in self.taint.get(n, ())][-1:]
        terms = [*map(self.term, chosen), *([self.number(1)] if self.choose.chance(40) or not chosen else [])]
        return " + ".join(terms)

    def term(self, name: str) -> str:
        """A float that depends on a name."""
        kind = self.scope[name]
        forms = {"vec": ("np.mean(np.sin({}))", "0.4 * np.sum({})"), "list": ("0.4 * sum({})",), "mat": ("np.mean({})",), "rows": ("0.3 * np.sum({})",)}
        return self.choose.one(forms[kind[0]]).format(name) if kind != "float" else self.choose.one((name, name, f"0.7 * math.sin({name})"))

    def for_(self) -> None:
        """for over everything that can be iterated, with else."""
        kind = self.choose.weighted(((6, "range"), (3, "array"), (2, "list"), (2, "zip"), (2, "enumerate"), (2, "reversed"), (1, "dict"), (1, "rows"), (1, "strings")))
        vectors = [(name, k[1]) for name, k in self.scope.items() if isinstance(k, tuple) and k[0] == "vec" and k[1] >= 2]
        lists = self.names("list") + self.names("tuple")
        item, index = self.temp("e"), self.temp("i")
        header, names = self.header(kind, vectors, lists, item, index)
        self.mark(f"for over {kind}")
        self.emit(header)
        self.loop_body(names)
        self.loop_else()

    def header(self, kind: str, vectors: list[tuple[str, int]], lists: list[str], item: str, index: str) -> tuple[str, dict[str, Kind]]:
        """The first line of a for, and the names that it binds."""
        ch = self.choose
        if kind == "array" and vectors:
            if ch.chance(25) and "float" in self.scope.values():
                floats = [n for n in self.names("float") if n not in self.frozen]
                item = ch.one(floats) if floats else item  # the item takes a name that exists
                self.mark("loop target shadows a name")
            return f"for {item} in {ch.one(vectors)[0]}:", {item: "float"}
        if kind == "list":
            return f"for {item} in {ch.one(lists) if lists else f'[{self.leaf()}, {self.leaf()}, {self.leaf()}]'}:", {item: "float"}
        if kind == "zip" and vectors:
            other = self.temp("e")
            return f"for {item}, {other} in zip({ch.one(vectors)[0]}, {ch.one(lists or [ch.one(vectors)[0]])}):", {item: "float", other: "float"}
        if kind == "enumerate" and vectors:
            name, size = ch.one(vectors)
            return f"for {index}, {item} in enumerate({name}):", {index: "index" if size <= 3 else "int", item: "float"}
        if kind == "reversed" and (lists or vectors):
            return f"for {item} in reversed({ch.one(lists or [ch.one(vectors)[0]])}):", {item: "float"}
        if kind == "dict" and self.names("dict"):
            name, key = ch.one(self.names("dict")), self.temp("key")
            form = ch.one((f"for {key}, {item} in {name}.items():", f"for {item} in {name}.values():"))
            return form, {item: "float"}
        if kind == "rows":
            columns = ch.between(2, 3)
            return f"for {item} in {self.matrix(2, columns)}:", {item: ("vec", columns)}
        if kind == "strings":
            return f"for {item} in {self.choose.one(('(0.5, 1.5)', '[0.3, 0.6, 0.9]'))}:", {item: "float"}
        form = ch.one(("range(3)", "range(2)", "range(1, 3)", "range(2, -1, -1)", "range(0, 3, 2)", "range(0)", f"range({self.count(3)})", "reversed(range(3))", "range(2, 0)",
                       "range(min(2, 5))"))  # fmt: skip
        if form in {"range(0)", "range(2, 0)"}:
            self.mark("zero trips")
        return f"for {index} in {form}:", {index: "index"}

    def loop_else(self) -> None:
        """An else clause now and then."""
        if self.choose.chance(12):
            self.mark("loop else")
            self.emit("else:")
            before = dict(self.scope)
            locked, self.locked = self.locked, self.locked | frozenset(before)
            self.branch()
            self.locked, self.scope = locked, before

    def while_(self) -> None:
        """while with a counter, with a tolerance, or ended by break."""
        kind = self.choose.between(0, 2)
        counter = self.temp("k")
        self.mark("while")
        if kind == 0:
            self.emit(f"{counter} = 0")
            self.emit(f"while {counter} < {self.choose.between(0, 3)}{f' and {self.condition()}' if self.choose.chance(40) else ''}:")
            self.indent += 1
            self.emit(f"{counter} += 1")
            self.indent -= 1
            self.loop_body({})
        elif kind == 1:
            self.mark("while to a tolerance")
            name = self.temp("n")
            self.emit(f"{name} = 1.5 + {self.bounded(1)} / 2.0")
            self.emit(f"while abs({name}) > {self.choose.one(('0.3', '0.15'))}:")
            self.indent += 1
            self.emit(f"{name} = {name} * {self.choose.one(('0.55', '0.4'))} + 0.02 * {self.bounded(1)}")
            self.indent -= 1
            self.loop_body({})
            self.bind(name, "float")
            self.frozen.discard(name)
            return
        else:
            self.mark("while True")
            self.emit(f"{counter} = {self.choose.between(0, 2)}")
            self.emit("while True:")
            self.indent += 1
            self.emit(f"{counter} += 1")
            self.emit(f"if {counter} > 3:")
            self.emit("    break")
            self.indent -= 1
            self.loop_body({})
            return
        self.loop_else()

    def try_(self) -> None:
        """try around something that may divide by zero or raise."""
        loops = self.names("index") + self.names("int")
        zero = self.choose.one((*(f"{n} % 2" for n in loops), "0", "2", "len([])"))
        name = self.temp("n")
        self.mark("try")
        self.emit("try:")
        self.indent += 1
        if self.choose.chance(25):
            self.emit(f"{self.temp('unused')} = {self.bounded(1)}")
        self.emit(f"{name} = float({self.bounded(1)}) / ({zero})")
        if self.choose.chance(25):
            self.emit(f"{name} = {name} * {self.leaf()}")
        self.indent -= 1
        self.emit("except ZeroDivisionError:")
        self.indent += 1
        self.emit(f"{name} = {self.bounded(1)}")
        self.indent -= 1
        if self.choose.chance(20):
            self.mark("try else")
            self.emit("else:")
            self.emit(f"    {name} = math.sin({name})")
        if self.choose.chance(20) and self.features.effects:
            self.mark("finally")
            self.emit("finally:")
            self.emit("    note(0)")
        self.bind(name, "float")

    def errstate(self) -> None:
        """Code under `np.errstate`."""
        self.mark("with np.errstate")
        name = self.temp("n")
        self.emit(self.choose.one(('with np.errstate(divide="ignore", invalid="ignore"):', 'with np.errstate(all="ignore"):')))
        self.indent += 1
        self.emit(f"{name} = np.where({self.vector(3, 0)} > 0.0, np.log({self.vector(3, 0)} ** 2 + 1.2), {self.vector(3, 0)})")
        self.indent -= 1
        self.bind(name, ("vec", 3))

    def nested(self) -> None:
        """A loop in a loop."""
        outer = self.temp("i")
        self.mark("nested loops")
        self.emit(f"for {outer} in range({self.choose.between(1, 3)}):")
        before, locked = dict(self.scope), self.locked
        self.locked |= frozenset(before)
        self.in_loop += 1
        self.indent += 1
        self.bind(outer, "index")
        self.assign()
        self.for_()
        if self.choose.chance(50):
            self.exit_()
        self.augment()
        self.indent -= 1
        self.in_loop -= 1
        self.locked, self.scope = locked, before

    def closure(self) -> None:
        """A nested function or lambda over active values."""
        name, arity = self.temp("fn"), self.choose.between(1, 2)
        parameters = [self.temp("t") for _ in range(arity)]
        captured = dict(self.scope)
        kinds = dict.fromkeys(parameters, "float")
        if self.choose.chance(40):
            self.mark("lambda closure")
            body = self.inside(kinds, lambda: self.bounded(1))
            self.emit(f"{name} = lambda {', '.join(parameters)}: {body}")
        else:
            self.mark("nested def")
            self.emit(f"def {name}({', '.join(parameters)}):")
            locked, frozen, returns = self.locked, set(self.frozen), self.can_return
            self.frozen |= set(captured)  # its own assignments would make these names local
            self.scope.update(kinds)
            self.can_return = False
            self.indent += 1
            for _ in range(self.choose.between(0, 2)):
                self.choose.one((self.assign, self.for_, self.if_))()
            self.emit(f"return {self.bounded(1)}")
            self.indent -= 1
            self.locked, self.frozen, self.can_return, self.scope = locked, frozen, returns, captured
        self.frozen |= set(captured)
        self.bind(name, ("fn", arity))
        self.frozen.add(name)
