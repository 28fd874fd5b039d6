"""The pipeline: from a function object to a callable derivative, one line per stage."""
from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from srcad.ad.batched import batched
from srcad.ad.checkpointing import without_slots
from srcad.ad.forward import jvp_program
from srcad.ad.fused import Derived, SplitForm, Wanted, fused, result_leaves, split_form
from srcad.analysis.activity import Cut, Piece, activity
from srcad.backend.emit import Emitted, emit
from srcad.backend.load import load
from srcad.cache import Cache
from srcad.custom import Deferred
from srcad.frontend.lower import lower_function
from srcad.frontend.lowered import Lowered
from srcad.errors import ArgumentError, NoRule, SrcadError
from srcad.ir.core import BANNER
from srcad.ir.nodes import Arg, Call, Const, Func, Pack, Program, Var
from srcad.ir.types import FLOAT, UNKNOWN, Array, holds_one
from srcad.ir.verify import verify
from srcad.ir.visit import callees, renamed
from srcad.ops.augmented import LINEAR
from srcad.ops.effects import effects
from srcad.ops.entry import REGISTRY
from srcad.kept import Kept, keep, key_of, recall
from srcad.options import checking
from srcad.parts import Outputs, Part
from srcad.passes.augment import augment
from srcad.passes.cse import cse
from srcad.passes.dce import dce
from srcad.passes.filled import filled
from srcad.passes.handed_back import handed_back
from srcad.passes.inline import ALMOST_ALL, inline
from srcad.passes.inplace import inplace
from srcad.passes.kills import kills
from srcad.passes.nested import nested
from srcad.passes.newest import newest
from srcad.passes.outers import outers
from srcad.passes.replaced import replaced
from srcad.passes.restored import restored
from srcad.passes.roots import roots
from srcad.passes.simplify import simplify
from srcad.passes.sweeps import sweeps
from srcad.passes.thread import thread
from srcad.passes.unread import unread
from srcad.source import Source
from srcad.specialise.facts import NO_FACTS, Facts
from srcad.specialise.refusals import located
from srcad.specialise.run import Specialised, specialise
from srcad.specialise.signature import path_along
from srcad.specialise.templates import key as key_of_template
from srcad.specialise.values import Value
from srcad.typed import Shared, Typed


_MOST_ORDERS = 6


@dataclass(frozen=True, slots=True)
class Request:
    """What to compile: `form` is value_and_grad, grad, vjp, jvp, tangent (jvp without the value) or primal.

    With `many`, tangents or cotangents have one more axis, the last one, whose length is one more argument: `ad.batched`.
    `wrt` says what is differentiated, `outputs` what counts as the result of the primal (None: what it returns).  `of`: the request
    whose derivative program takes the place of the primal.
    """

    form: str
    wrt: tuple[Part, ...]
    bare: bool = True
    aux: bool = False
    of: Request | None = None
    outputs: Outputs | None = None
    many: bool = False

    @property
    def varied(self) -> frozenset[Part]:
        """What is differentiated by this request or by one that it is made of."""
        return frozenset(self.wrt) | (frozenset() if self.of is None else self.of.varied)


@dataclass(frozen=True, slots=True)
class Stages:
    """Every intermediate of one compilation, by stage name."""

    source: str
    lowered: Lowered
    specialised: Specialised
    derived: Derived
    split: SplitForm | None
    lean: Program
    emitted: Emitted


def compile_stages(
    function: types.FunctionType, arguments: list[Value], request: Request, header: tuple[str, ...] = (), cache: Cache | None = None,
    facts: Facts = NO_FACTS, *, exact: bool = False,
) -> Stages:  # fmt: skip
    """Compile the derivative of a function for abstract arguments (its parameters, then its captured names).

    What `cache` keeps is not made again: then `derived` and `lean` hold the primal, and only `cuts` and `emitted` the derivative.
    """
    lowered = lower_function(function)
    for orders in range(1, _MOST_ORDERS):
        with contextlib.suppress(Deferred):
            return _compiled(lowered, arguments, function.__globals__, request, header, cache, orders, facts, exact=exact)
    try:
        return _compiled(lowered, arguments, function.__globals__, request, header, cache, _MOST_ORDERS, facts, exact=exact)
    except Deferred:
        what = f"solvers stand inside the derivatives of solvers more than {_MOST_ORDERS} deep"
        raise NoRule(what, "lower the order of differentiation, or nest fewer solvers") from None


def _compiled(
    lowered: Lowered, arguments: list[Value], namespace: dict[str, object], request: Request, header: tuple[str, ...], cache: Cache | None,
    orders: int, facts: Facts, *, exact: bool,
) -> Stages:  # fmt: skip
    """The stages with the rules of solvers made for as many orders; Deferred where they do not do."""
    typed = _typed(lowered, arguments, namespace, request.outputs, orders, facts, exact=exact)
    program, specialised = typed.program, typed.specialised
    key = None if cache is None or checking() else key_of(program, repr(request), header)
    if cache is None or key is None:
        return Stages(lowered.source.text, lowered, specialised, *_derivative(program, request, header, typed.cuts, specialised.origins))
    with cache.lock(key):
        known = recall(cache, key)
        if known is not None:
            derived, split = _recalled(program, request, known)
            return Stages(lowered.source.text, lowered, specialised, derived, split, program, known.emitted)
        derived, split, lean, emitted = _derivative(program, request, header, typed.cuts, specialised.origins)
        keep(cache, key, Kept(emitted, derived.cuts))
    return Stages(lowered.source.text, lowered, specialised, derived, split, lean, emitted)


_SHARED = Shared()


def _typed(
    lowered: Lowered, arguments: list[Value], namespace: dict[str, object], outputs: Outputs | None, orders: int, facts: Facts, *,
    exact: bool,
) -> Typed:  # fmt: skip
    """The typed primal, made once for all requests."""
    made_of = (id(lowered), id(namespace), outputs, orders, facts, exact, REGISTRY.edition, *map(key_of_template, arguments))
    typed = _SHARED.find(made_of)
    if typed is None:
        inner = Inner()
        specialised = specialise(lowered, arguments, namespace, _name(lowered.name), inner, outputs, orders, facts, exact=exact)
        typed = Typed(specialised, _checked("specialise", _optimised_primal(specialised.program)), inner.cuts)
        _SHARED.keep(made_of, typed, (lowered, namespace, arguments))
    return typed


def _derivative(
    program: Program, request: Request, header: tuple[str, ...], cuts: tuple[Cut, ...], origins: dict[str, Source]
) -> tuple[Derived, SplitForm | None, Program, Emitted]:
    """The stages behind the typed primal; `cuts` are those of derivatives inside it, `origins` where its functions come from."""
    try:
        derived, split = differentiate(program, request)
    except SrcadError as error:
        raise located(error, origins) from None
    derived = replace(derived, cuts=tuple(dict.fromkeys((*cuts, *derived.cuts))))
    lean = _checked("passes", optimised(_with_header(_checked("ad", derived.program), header)))
    return derived, split, lean, emit(lean, effects=effects)


class Inner:
    """Differentiates functions of a program while that is still being typed; collects the cuts of their derivatives."""

    def __init__(self) -> None:
        self.cuts: tuple[Cut, ...] = ()

    def __call__(
        self, func: Func, funcs: Sequence[Func], sources: dict[str, str], form: str, wrt: tuple[int, ...], aux: bool
    ) -> tuple[Func, ...]:
        """The functions that a derivative of `func` consists of, the one to call first (for vjp: the forward half, the backward half)."""
        program = _optimised_primal(_reachable(Program((func, *funcs), tuple(sources.items())), rules=True))
        program = _for_more(program, form)
        if form in ("grad", "value_and_grad"):
            check_real(program.entry, aux=aux)
        derived, _ = differentiate(program, Request(form, tuple(map(Part, wrt)), bare=False, aux=aux))
        self.cuts += derived.cuts
        known = {f.name for f in program.funcs}
        made = [f for f in _without_banners(derived.program).funcs if f.name not in known]
        return renamed(made, {f.name for f in funcs})


def _recalled(program: Program, request: Request, known: Kept) -> tuple[Derived, SplitForm | None]:
    """What the cache does not hold of the derivative, since the primal tells it."""
    derived = Derived(program, known.cuts)
    if request.form != "vjp":
        return derived, None
    primal = program if request.of is None else differentiate(program, request.of)[0].program
    name = primal.entry.name
    return derived, SplitForm(derived, f"{name}_fwd", f"{name}_bwd", result_leaves(primal.entry))


def differentiate(program: Program, request: Request) -> tuple[Derived, SplitForm | None]:
    """The derivative program in the form asked for: of the program, or of a derivative of it.

    Where a rule is missing that only tuples handed from function to function ask for, since they are differentiated as wholes, the
    functions are made one.
    """
    try:
        return _requested(program, request, lambda p: p)
    except NoRule:
        with contextlib.suppress(NoRule):
            return _requested(program, request, _opened)
        raise


def _requested(program: Program, request: Request, prepared: Callable[[Program], Program]) -> tuple[Derived, SplitForm | None]:
    """The derivative of what `prepared` makes of a program, or of a derivative of that."""
    if request.of is None:
        return _differentiated(prepared(program), request)
    inner, _ = _requested(_for_more(program, request.of.form), request.of, prepared)
    program = prepared(_checked("ad", replace(inner.program, funcs=tuple(map(roots, inner.program.funcs)))))
    forward = request.form in ("jvp", "tangent")
    derived, split = _differentiated(program if forward else _without_banners(program), request)
    cuts = tuple(dict.fromkeys((*inner.cuts, *derived.cuts)))
    return replace(derived, cuts=cuts), split


def _opened(program: Program) -> Program:
    """The program with its calls inlined, and with tuples that are taken apart where they are made as their items."""
    whole = inline(program, ALMOST_ALL)
    return program if whole == program else _optimised_primal(whole)


def _for_more(program: Program, form: str) -> Program:
    """The program as its derivative of this form takes it where that is differentiated again: reverse sweeps then have ordinary loops."""
    return program if form in ("jvp", "tangent", "primal") else without_slots(program)


def _differentiated(program: Program, request: Request) -> tuple[Derived, SplitForm | None]:
    wrt = pieces(program, request.wrt)
    match request.form:
        case "vjp":
            split = split_form(program, wrt)
            if request.many:
                whole = split.derived.program
                bars = range(1, len(whole.func(split.backward).body.params))
                split = replace(split, derived=replace(split.derived, program=batched(whole, split.backward, bars)))
            return split.derived, split
        case "jvp" | "tangent":
            forward = jvp_program(program, wrt, value=request.form == "jvp")
            if request.many:
                forward = batched(forward, forward.entry.name, range(len(program.entry.body.params), len(forward.entry.body.params)))
            return Derived(forward, activity(program.entry, wrt, program).cuts), None
        case "primal":
            return Derived(program, ()), None
    if request.of is not None:
        check_real(program.entry, aux=request.aux)
    return fused(program, Wanted(wrt, request.form == "value_and_grad", request.bare, request.aux)), None


def transposed_halves(stages: Stages, request: Request) -> tuple[SplitForm, Emitted]:
    """The two halves of the derivative of a backward half by its cotangents, in which it is linear."""
    split = stages.split
    assert split is not None
    if split.backward not in {f.name for f in split.derived.program.funcs}:  # the cache knew the text
        _, split = differentiate(split.derived.program, request)
        assert split is not None
    program = _without_banners(split.derived.program)
    backward = program.func(split.backward)
    alone = replace(program, funcs=(backward, *(f for f in program.funcs if f is not backward)))
    made = split_form(without_slots(_reachable(alone)), tuple(Piece(n, ()) for n in range(1, len(backward.body.params))))
    return made, emit(_checked("passes", optimised(_checked("ad", made.derived.program))), effects=effects)


def pieces(program: Program, wrt: Sequence[Part]) -> tuple[Piece, ...]:
    """What is differentiated, in terms of the types of the entry's parameters."""
    params = program.entry.body.params
    return tuple(Piece(part.number, path_along(params[part.number].type, part.steps)) for part in wrt)


def _without_banners(program: Program) -> Program:
    """The program without the headings of its sweeps, which are one sweep of what is made of it."""
    body = program.entry.body
    stmts = tuple(s for s in body.stmts if not (isinstance(s, Call) and s.op == BANNER))
    return replace(program, funcs=(replace(program.entry, body=replace(body, stmts=stmts)), *program.funcs[1:]))


def check_real(func: Func, *, aux: bool) -> None:
    """Raise ArgumentError where a function of the program does not return one real number, as gradients need."""
    tree: Arg = Const(0) if func.result is None else func.result
    if aux and isinstance(tree, Pack) and len(tree.items) == 2:
        tree = tree.items[0]
    what = "a container"
    if isinstance(tree, Const):
        found = func.body.yields[int(str(tree.value))]
        t = found.type if isinstance(found, Var) else FLOAT
        if t == UNKNOWN or holds_one(t):
            return
        what = f"an array of rank {t.ndim}" if isinstance(t, Array) else "no real number"
    raise ArgumentError(f"grad needs a function that returns one real number; '{func.name}' returns {what}",
                        "use srcad.jacobian or srcad.hessian, srcad.vjp with a cotangent, or srcad.jvp")  # fmt: skip


def optimised(program: Program) -> Program:
    """The passes, in order, on every function; functions that nothing calls any more are dropped."""
    program = unread(handed_back(program))
    return _reachable(replace(program, funcs=tuple(_passes(f) for f in program.funcs)))


def _passes(func: Func) -> Func:
    for stage in (simplify, filled, cse, simplify, _dead, _stored, _shared, _threaded, kills, inplace, _dead, augment, newest, outers):
        func = stage(func)
    return func


def _lean(func: Func) -> Func:
    return augment(roots(nested(_dead(replaced(cse(_threaded(simplify(func))))))), LINEAR)


def _threaded(func: Func) -> Func:
    found = thread(func)
    return func if found == func else simplify(found)


def _dead(func: Func) -> Func:
    return dce(func, effects)


def _stored(func: Func) -> Func:
    """Places that are set to zero only to be added to, stored into at once."""
    found = restored(func)
    return func if found is func else _dead(found)


def _shared(func: Func) -> Func:
    """What both sweeps compute, computed once."""
    found = sweeps(func)
    return func if found is func else _dead(simplify(found))


def _optimised_primal(program: Program) -> Program:
    """What no value needs is taken out of the primal, and what is computed twice is computed once; the operations stay the user's."""
    lean = replace(program, funcs=tuple(map(_lean, program.funcs)))
    whole = inline(lean)
    return lean if whole == lean else _optimised_primal(_reachable(whole, rules=True))


def _reachable(program: Program, *, rules: bool = False) -> Program:
    """The functions that the entry needs, with `rules` those that it needs to be differentiated too."""
    by_name = {f.name: f for f in program.funcs}
    keep = [program.entry.name]
    backward = program.entry.name.removesuffix("_fwd") + "_bwd"
    if backward in by_name and program.entry.name.endswith("_fwd"):
        keep.append(backward)
    for name in keep:
        for callee in callees(by_name[name].body):
            if callee not in keep:
                keep.append(callee)
        custom = by_name[name].custom
        if rules and custom is not None:
            keep.extend(n for n in custom.names if n not in keep and n in by_name)
    return replace(program, funcs=tuple(f for f in program.funcs if f.name in keep))


def _with_header(program: Program, header: tuple[str, ...]) -> Program:
    entry = replace(program.entry, doc=header)
    return replace(program, funcs=(entry, *program.funcs[1:]))


def _checked(stage: str, program: Program) -> Program:
    """Verify the IR after a stage: a thousandth of the time of a compilation, and a mistake of ours is an error, not a wrong number."""
    for func in program.funcs:
        verify(func, stage=stage)
    return program


def _name(name: str) -> str:
    return "anonymous" if name == "<lambda>" else name


def loaded(stages: Stages) -> dict[str, Any]:
    """The functions of the generated text, by name."""
    return loaded_text(stages.emitted.text, stages.specialised.namespaces)


def loaded_text(text: str, namespaces: dict[str, dict[str, object]]) -> dict[str, Any]:
    """The functions of a generated text, by name; `namespaces` are global namespaces that no import finds.

    A text that reads these is loaded for each of them: the same text may be that of functions in several namespaces.
    """
    proxies = {name: _proxy(name, namespace) for name, namespace in namespaces.items()}
    sys.modules.update(proxies)
    return vars(load(text, globals=proxies))


def _proxy(name: str, namespace: dict[str, object]) -> types.ModuleType:
    """A module whose names are those of a namespace."""

    class Namespace(types.ModuleType):
        def __getattr__(self, attribute: str) -> object:
            try:
                return namespace[attribute]
            except KeyError:
                raise AttributeError(attribute) from None

        def __setattr__(self, attribute: str, value: object) -> None:
            namespace[attribute] = value

    return Namespace(name)
