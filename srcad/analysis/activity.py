"""Activity: which values carry derivatives, and where a derivative is cut off.

A value is varied if it depends on a differentiated parameter through derivatives, useful if the result depends on it so,
and active if it is both and its type can carry a derivative.  A cut is an operation that is piecewise constant (`int()`,
`floor`, `argmax`, an index) on a varied value whose result matters.  Comparisons are cuts only for a parameter that
reaches the result in no other way.
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from srcad.analysis.flow import CUT, NOTHING, TEST, VALUE, Kind, edges, is_operation, steps, table_kind
from srcad.ir.nodes import Atom, Block, Call, Const, Each, Effect, Func, FuncRef, If, Loc, Loop, Op, Program, Stmt, Try, Var, With
from srcad.ir.types import Struct, Type, is_dict, may_carry_derivative
from srcad.ir.visit import blocks, iter_atoms, leaves, operands, walk

Mask = frozenset[int]


@dataclass(frozen=True, slots=True)
class Piece:
    """What is differentiated: the parameter of a number, or the part of it that the numbers of items in `path` lead to."""

    param: int
    path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where a derivative is cut off."""

    loc: Loc
    op: str


@dataclass(frozen=True, slots=True)
class Activity:
    """The result: `active` is a part of `varied`."""

    active: frozenset[Var]
    varied: frozenset[Var]
    cuts: tuple[Cut, ...] = ()


def activity(
    func: Func, wrt: Iterable[Var | int | Piece], program: Program | None = None, *, kind: Kind = table_kind,
    useful: Collection[int] | None = None,
) -> Activity:  # fmt: skip
    """The activity of a function's values for the parameters `wrt`; `useful` numbers the yields that count (all by default)."""
    pieces = [w if isinstance(w, Piece) else Piece(w if isinstance(w, int) else func.body.params.index(w)) for w in wrt]
    summaries = _Summaries(program or Program((func,)), kind, _partly(func, pieces))
    mask = frozenset(p.param for p in pieces)
    outs = frozenset(range(len(func.body.yields)) if useful is None else useful)
    varied = summaries.settled(lambda: summaries.varied_in(func, mask))
    needed = summaries.settled(lambda: summaries.useful_in(func, outs))
    active = frozenset(v for v in varied & needed if may_carry_derivative(v.type))
    cuts = _Cuts(summaries)
    cuts.collect(func, mask, outs, tests=False)
    for i in sorted(mask):
        param = func.body.params[i]
        if param not in active and may_carry_derivative(param.type):
            cuts.collect(func, frozenset((i,)), outs, tests=True)
    return Activity(active, frozenset(varied), tuple(dict.fromkeys(cuts.found)))


def _partly(func: Func, pieces: Iterable[Piece]) -> dict[Var, frozenset[tuple[int, ...]]]:
    """The parameters of which only parts are differentiated, with the paths to these."""
    found: dict[Var, frozenset[tuple[int, ...]]] = {}
    for piece in pieces:
        if piece.path:
            param = func.body.params[piece.param]
            found[param] = found.get(param, frozenset()) | {piece.path}
    return found


class _Summaries:
    """Which outs of a call vary if some arguments do, and which arguments count if some outs do; recursion by fixpoint.

    `partly`: parameters of the entry that vary only in the parts that paths lead to.
    """

    def __init__(self, program: Program, kind: Kind, partly: dict[Var, frozenset[tuple[int, ...]]]) -> None:
        self.kind = kind
        self.partly = partly
        self.funcs = {f.name: f for f in program.funcs}
        self._varied: dict[tuple[str, Mask], Mask] = {}
        self._useful: dict[tuple[str, Mask], Mask] = {}
        self._open: set[tuple[str, Mask, str]] = set()  # summaries that are being made
        self._recursive = False  # whether one was asked for meanwhile: then it was less than it will be

    def settled(self, compute: Callable[[], frozenset[Var]]) -> frozenset[Var]:
        """A value computed from summaries: those of callees come first, and only where functions call themselves there is more to do."""
        self._recursive = False
        value = compute()
        while self._recursive:
            before = dict(self._varied), dict(self._useful)
            for key in list(self._varied):
                self._varied[key] = self._varied_now(*key)
            for key in list(self._useful):
                self._useful[key] = self._useful_now(*key)
            value = compute()
            self._recursive = before != (self._varied, self._useful)
        return value

    def _varied_now(self, name: str, mask: Mask) -> Mask:
        f = self.funcs[name]
        found = self.varied_in(f, mask)
        return frozenset(i for i, y in enumerate(f.body.yields) if y in found)

    def _useful_now(self, name: str, outs: Mask) -> Mask:
        f = self.funcs[name]
        found = self.useful_in(f, outs)
        return frozenset(i for i, p in enumerate(f.body.params) if p in found)

    def _summary(
        self, known: dict[tuple[str, Mask], Mask], key: tuple[str, Mask], make: Callable[[str, Mask], Mask]
    ) -> Mask:  # fmt: skip
        """A summary, made on first use; inside itself what is known of it so far."""
        mark = (*key, make.__name__)
        if key not in known:
            known[key] = frozenset()
            self._open.add(mark)
            known[key] = make(*key)
            self._open.remove(mark)
        elif mark in self._open:
            self._recursive = True
        return known[key]

    def varied_outs(self, call: Call, mask: Mask) -> Mask:
        """Numbers of the outs that vary if the arguments in `mask` do."""
        if call.op.name not in self.funcs or self.funcs[call.op.name].custom is not None:
            return frozenset(range(len(call.outs))) if mask else mask
        return self._summary(self._varied, (call.op.name, mask), self._varied_now) if mask else mask

    def useful_args(self, call: Call, outs: Mask) -> Mask:
        """Numbers of the arguments that the outs in `outs` depend on."""
        if call.op.name not in self.funcs or self.funcs[call.op.name].custom is not None:
            return frozenset(range(len(call.args))) if outs else outs
        return self._summary(self._useful, (call.op.name, outs), self._useful_now) if outs else outs

    def varied_in(self, func: Func, mask: Mask) -> frozenset[Var]:
        """The varied values of a function."""
        flow = _Varied(self)
        flow.add(func.body.params[i] for i in sorted(mask))
        return flow.fixpoint(func.body)

    def useful_in(self, func: Func, outs: Mask) -> frozenset[Var]:
        """The useful values of a function."""
        flow = _Useful(self)
        flow.add(func.body.yields[i] for i in sorted(outs))
        return flow.fixpoint(func.body)


def _around(block: Block) -> Iterator[Stmt]:
    """The statements of a block and of those inside; what has blocks stands before and behind them, since it hands values in and out."""
    for stmt in block.stmts:
        yield stmt
        inner = blocks(stmt)
        if inner:
            for b in inner:
                yield from _around(b)
            yield stmt


class _Flow:
    """A growing set of variables."""

    def __init__(self, summaries: _Summaries) -> None:
        self.found: set[Var] = set()
        self._summaries = summaries

    def add(self, atoms: Iterable[Atom]) -> None:
        """These belong to the set, as far as their types carry derivatives."""
        self.found.update(a for a in atoms if isinstance(a, Var) and may_carry_derivative(a.type))

    def fixpoint(self, block: Block) -> frozenset[Var]:
        """The set once it no longer grows."""
        stmts = self.order(list(_around(block)))
        before = -1
        while len(self.found) != before:
            before = len(self.found)
            for stmt in stmts:
                self.step(stmt)
        return frozenset(self.found)

    def order(self, stmts: list[Stmt]) -> list[Stmt]:
        """Statements in the order that makes the set grow fastest."""
        return stmts

    def step(self, stmt: Stmt) -> None:
        """Grow the set by one statement."""
        raise NotImplementedError

    def has(self, atom: Atom) -> bool:
        """Whether an atom is in the set."""
        return isinstance(atom, Var) and atom in self.found

    def mask(self, call: Call) -> Mask:
        """Numbers of the arguments in the set."""
        return frozenset(i for i, a in enumerate(call.args) if any(map(self.has, leaves(a))))


class _Varied(_Flow):
    """Forward: what depends on the differentiated parameters."""

    def __init__(self, summaries: _Summaries) -> None:
        super().__init__(summaries)
        self._partly = dict(summaries.partly)

    def step(self, stmt: Stmt) -> None:
        match stmt:
            case Call(outs, Op(), (Var() as base, *_)) if base in self._partly and (places := _places(stmt, base.type)) is not None:
                for out, place in zip(outs, places, strict=True):
                    self._part(out, frozenset(path[1:] for path in self._partly[base] if path[0] == place))
            case Call(outs, FuncRef()):
                self.add(outs[i] for i in sorted(self._summaries.varied_outs(stmt, self.mask(stmt))))
            case Call(outs):
                if any(self.has(a) and way == VALUE for a, way in edges(stmt, self._summaries.kind)):
                    self.add(outs)
            case Loop(outs, it, inits, test, body):
                items = len(body.params) - len(inits)
                if isinstance(it, Each):
                    self.add(p for p, s in zip(body.params, it.seqs, strict=False) if isinstance(s, Var) and s in self.found)
                for i, out in enumerate(outs):
                    group = (out, body.params[items + i], *(() if test is None else (test.params[i],)))
                    if self.has(inits[i]) or self.has(body.yields[i]):
                        self.add(group)
            case If() | Try() | With():
                for b in blocks(stmt):
                    self.add(o for o, y in zip(stmt.outs, b.yields, strict=False) if self.has(y))


    def _part(self, out: Var, paths: frozenset[tuple[int, ...]]) -> None:
        """An item that was read from a value of which only parts vary: those at the end of `paths` from here."""
        if paths:
            self.add((out,))
        if paths and () not in paths:
            self._partly[out] = paths


def _places(call: Call, t: Type) -> tuple[int, ...] | None:
    """Which items of a value of known structure are the outs of a call; None if it is no such read."""
    if not isinstance(t, Struct):
        return None
    if call.op.name == "unpack" and not call.params and len(call.outs) == len(t.items):
        return tuple(range(len(t.items)))
    if call.op.name not in ("getitem", "getattr") or not isinstance(call.args[1], Const):
        return None
    key = call.args[1].value
    if call.op.name == "getattr" or is_dict(t.cls):
        return (t.keys.index(key),) if key in t.keys else None
    return (key % len(t.items),) if type(key) is int and -len(t.items) <= key < len(t.items) else None


class _Useful(_Flow):
    """Backward: what the results depend on."""

    def order(self, stmts: list[Stmt]) -> list[Stmt]:
        return stmts[::-1]

    def step(self, stmt: Stmt) -> None:
        match stmt:
            case Call(outs, FuncRef()):
                wanted = self._summaries.useful_args(stmt, frozenset(i for i, o in enumerate(outs) if o in self.found))
                self.add(a for i in sorted(wanted) for a in leaves(stmt.args[i]))
            case Call(outs):
                if any(o in self.found for o in outs):
                    self.add(a for a, way in edges(stmt, self._summaries.kind) if way == VALUE)
            case Loop(outs, it, inits, _, body):
                items = len(body.params) - len(inits)
                if isinstance(it, Each):
                    self.add(s for p, s in zip(body.params, it.seqs, strict=False) if p in self.found and isinstance(s, Var))
                for i, out in enumerate(outs):
                    if out in self.found or body.params[items + i] in self.found:
                        self.add((inits[i], body.yields[i]))
            case If() | Try() | With():
                for b in blocks(stmt):
                    self.add(y for o, y in zip(stmt.outs, b.yields, strict=False) if o in self.found)


class _Reach(_Flow):
    """Backward: whatever the results depend on, through cuts too; with `steering` through conditions and loop tests as well."""

    def __init__(self, summaries: _Summaries, *, steering: bool) -> None:
        super().__init__(summaries)
        self._steering = steering

    def add(self, atoms: Iterable[Atom]) -> None:
        self.found.update(a for a in atoms if isinstance(a, Var))

    def order(self, stmts: list[Stmt]) -> list[Stmt]:
        return stmts[::-1]

    def step(self, stmt: Stmt) -> None:
        match stmt:
            case Call(outs, op):
                if op.name == "getattr" and stmt.args[0] in self.found:
                    self.add(outs)  # a method, which may change what it is of
                if _matters(stmt, self.found):
                    flows = edges(stmt, self._summaries.kind) if isinstance(op, Op) else ((a, VALUE) for a in operands(stmt))
                    self.add(a for a, way in flows if way != NOTHING)
            case Loop():
                self._loop(stmt)
            case If() | Try() | With():
                for b in blocks(stmt):
                    self.add(y for o, y in zip(stmt.outs, b.yields, strict=False) if o in self.found)
                if isinstance(stmt, If) and self._steering and any(o in self.found for o in stmt.outs):
                    self.add((stmt.cond,))

    def _loop(self, stmt: Loop) -> None:
        items = len(stmt.body.params) - len(stmt.inits)
        needed = any(v in self.found for v in (*stmt.outs, *stmt.body.params, *(() if stmt.test is None else stmt.test.params)))
        for i, out in enumerate(stmt.outs):
            tested = stmt.test is not None and stmt.test.params[i] in self.found
            stops = needed and self._steering and i == stmt.exit
            if out in self.found or stmt.body.params[items + i] in self.found or tested or stops:
                self.add((stmt.inits[i], stmt.body.yields[i]))
        if needed:
            self.add(iter_atoms(stmt.iter))
        if needed and self._steering and stmt.test is not None:
            self.add(stmt.test.yields)


def _matters(call: Call, needed: Collection[Var]) -> bool:
    """Whether a result depends on a call: on what it gives, or on the object that it may put its arguments into (`print(x, file=f)`)."""
    into = (call.args[0], *dict(call.params).values()) if call.op.name == "call" else ()
    return any(a in needed for a in (*call.outs, *into) if isinstance(a, Var))


def _of_a_rule(call: Call) -> bool:
    """Whether a rule wrote a statement, rather than the user: then it may lose what it likes."""
    return isinstance(call.op, Op) and call.op.effects is Effect.NONE and call.op.name != "pack"


def _loss(atom: Atom, way: str, call: Call) -> str:
    """How a value flows through an operation; what turns a number into a text or a whole number cuts, whatever else the operation does.

    What carries no derivative, as a whole number that stood beside floats, has none to lose.
    """
    if not isinstance(atom, Var) or not may_carry_derivative(atom.type):
        return NOTHING if way == CUT else way
    computes = is_operation(call) or call.op.name == "pack"  # into a dict or set whose keys it is among
    lost = way == VALUE and computes and not any(may_carry_derivative(o.type) for o in call.outs)
    return CUT if lost else way


def _steps_matter(call: Call, func: Func, needed: Collection[Var]) -> bool:
    """Whether the result depends on an item that is constant but for steps of the tuple that a call gives.

    A function that gives the tuple itself has it read elsewhere: forward halves of derivatives hand it to rules, which need all of it.
    """
    stepped = steps(call)
    return stepped != () and any(_reads_item(call.outs[0], stepped, stmt, needed) for stmt in walk(func.body))


def _reads_item(made: Var, items: tuple[int, ...], stmt: Stmt, needed: Collection[Var]) -> bool:
    """Whether a statement of the user's that matters reads one of these items of a tuple, or all of it."""
    if isinstance(stmt, Call) and _of_a_rule(stmt):
        return False
    match stmt:
        case Call(outs, Op(name="unpack"), (Var() as whole,)) if whole == made:
            return any(outs[k] in needed for k in items)
        case Call(outs, Op(name="getitem"), (Var() as whole, Const(int(k)))) if whole == made:
            return outs[0] in needed and k % 2 in items  # the tuples are pairs
        case Call():
            return is_operation(stmt) and made in operands(stmt) and _matters(stmt, needed)
    return made in operands(stmt) or any(made in b.yields for b in blocks(stmt))


class _Cuts:
    """Collects the cuts of a function and of those it calls."""

    def __init__(self, summaries: _Summaries) -> None:
        self.found: list[Cut] = []
        self._summaries = summaries
        self._seen: set[tuple[str, Mask, bool]] = set()

    def collect(self, func: Func, mask: Mask, outs: Mask, *, tests: bool) -> None:
        """Cuts of derivatives with respect to the parameters in `mask`; with `tests`, comparisons count."""
        if (func.name, mask, tests) in self._seen:
            return
        self._seen.add((func.name, mask, tests))
        summaries = self._summaries
        varied = summaries.settled(lambda: summaries.varied_in(func, mask))
        reach = _Reach(summaries, steering=tests)
        reach.add(func.body.yields[i] for i in sorted(outs))
        needed = reach.fixpoint(func.body)
        for stmt in walk(func.body):
            match stmt:
                case Call(_, FuncRef()):
                    self._callee(stmt, varied, needed, tests=tests)
                case Call() if _matters(stmt, needed) and not _of_a_rule(stmt):
                    ways = {_loss(a, way, stmt) for a, way in edges(stmt, summaries.kind) if a in varied}
                    if CUT in ways or (tests and TEST in ways) or (VALUE in ways and _steps_matter(stmt, func, needed)):
                        self.found.append(Cut(stmt.loc, stmt.op.name))
                case If(made, cond) if tests and cond in varied and any(o in needed for o in made):
                    self.found.append(Cut(stmt.loc, "if"))
                case Loop(test=Block(yields=(cond,))) if tests and cond in varied and cond in needed:
                    self.found.append(Cut(stmt.loc, "while"))
                case _:
                    pass

    def _callee(self, call: Call, varied: frozenset[Var], needed: frozenset[Var], *, tests: bool) -> None:
        callee = self._summaries.funcs.get(call.op.name)
        mask = frozenset(i for i, a in enumerate(call.args) if any(leaf in varied for leaf in leaves(a)))
        outs = frozenset(i for i, o in enumerate(call.outs) if o in needed)
        if callee is not None and callee.custom is None and mask and outs:
            self.collect(callee, mask, outs, tests=tests)
