"""Rules recorded on IR values and executed as printed: equal to the rules called on arrays; every value has its inferred type."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.ir.nodes import Call
from srcad.ops import table
from srcad.ops.entry import REGISTRY, Entry, Sample
from srcad.ops.infer import infer_spelling
from srcad.ops.trace import type_in
from tests.ops import probe
from tests.ops.interpret import Recorder, fits
from tests.ops.test_rules import EVERY, close, each

LENGTHS = (True, False)
"""Whether the lengths of arrays have tokens, or are unknown."""


def recorded(entry: Entry, sample: Sample, recorder: Recorder, whole_lists: bool = False) -> tuple[Any, Any, Any]:
    """Traced arguments and result, and the result."""
    y = entry.fn(*sample.args, **sample.params)
    make = recorder.var if whole_lists else recorder.tree
    args = tuple((make if probe.leaves([a]) else recorder.tree)(a, f"x{k}") for k, a in enumerate(sample.args))
    return args, recorder.var(y, "y") if not isinstance(y, tuple) else recorder.tree(y, "y"), y


def agree(entry: Entry, sample: Sample, known: bool, whole_lists: bool = False) -> None:
    agree_forward(entry, sample, Recorder(known), whole_lists)
    agree_reverse(entry, sample, Recorder(known), whole_lists)


def run(recorder: Recorder) -> None:
    """Execute what was recorded, all of which is in the table."""
    for stmt in recorder.builder.stmts:
        assert isinstance(stmt, Call)
        assert REGISTRY.by_op(stmt.op.name) is not None, f"{stmt.op.name} is not in the table"
    recorder.run()


def agree_forward(entry: Entry, sample: Sample, recorder: Recorder, whole_lists: bool = False) -> None:
    args, y, value = recorded(entry, sample, recorder, whole_lists)
    make, t = recorder.var if whole_lists else recorder.tree, probe.direction(sample.args)
    tangent = entry.jvp(tuple(None if d is None else make(d, "t") for d in t), y, args, sample.params)
    run(recorder)
    close(recorder.value(tangent), entry.jvp(t, value, sample.args, sample.params), 1e-9)


def agree_reverse(entry: Entry, sample: Sample, recorder: Recorder, whole_lists: bool = False) -> None:
    args, y, value = recorded(entry, sample, recorder, whole_lists)
    g, wanted = probe.direction(value, 11), tuple(bool(probe.leaves([a])) for a in sample.args)
    bars = entry.vjp(recorder.tree(g, "g"), y, args, sample.params, wanted)
    run(recorder)
    expected = entry.vjp(g, value, sample.args, sample.params, wanted)
    for got, want in zip(recorder.value(bars), expected, strict=True):
        close(got, want, 1e-9)
        for a, b in zip(probe.leaves(got), probe.leaves(want), strict=True):
            assert np.shape(a) == np.shape(b)


@EVERY
def test_recorded_rule(entry: Entry, sample: Sample) -> None:
    for known in LENGTHS:
        agree(entry, sample, known)


def takes_lists(entry: Entry, sample: Sample) -> bool:
    """Whether there are lists of floats, which the rule takes where their lengths are not known."""
    lists = [a for a in sample.args if isinstance(a, list)]
    whole = entry.name not in ("multi_dot", "np.choose", "block") and not any(isinstance(v, int) for a in lists for v in a)
    return whole and any(map(probe.leaves, lists))


@each(takes_lists)
def test_recorded_rule_on_lists(entry: Entry, sample: Sample) -> None:
    """Lists as run-time values of unknown length."""
    agree(entry, sample, True, whole_lists=True)


@EVERY
def test_inferred_type(entry: Entry, sample: Sample) -> None:
    """`infer` against what every spelling gives."""
    for spelling in REGISTRY.spellings(entry.name):
        try:
            value = spelling.object(*sample.args, **sample.params)
        except (TypeError, ValueError, AttributeError, NotImplementedError):
            continue
        if spelling.op.inplace:
            continue
        for known in LENGTHS:
            recorder = Recorder(known)
            found = infer_spelling(spelling, tuple(type_in(recorder.tree(a)) for a in sample.args), dict(sample.params))
            assert fits(value, found), (spelling.op.name, value, found, known)


@each(lambda entry, _sample: entry.order2)
def test_second_order(entry: Entry, sample: Sample) -> None:
    second_order(entry, sample)


def second_order(entry: Entry, sample: Sample) -> None:
    """The recorded tangent, differentiated again op by op, agrees with differences of the first tangent."""
    t = probe.direction(sample.args)

    def first(*args: Any) -> Any:
        return entry.jvp(t, entry.fn(*args, **sample.params), args, sample.params)

    recorder = Recorder(known=True)
    args, y, value = recorded(entry, sample, recorder)
    seeds = tuple(None if d is None else recorder.tree(d, "t") for d in t)
    tangent = entry.jvp(seeds, y, args, sample.params)
    stmts = list(recorder.builder.stmts)
    recorder.run()
    moved = probe.direction(sample.args, 3)
    dots: dict[str, Any] = {}
    probe_leaves(args, moved, dots)
    probe_leaves(y, entry.jvp(moved, value, sample.args, sample.params), dots)
    for stmt in stmts:
        rule = table.entry(stmt.op.name)
        assert rule is not None
        values = tuple(map(lambda a: operand(recorder, a), stmt.args))
        moves = tuple(map(lambda a: motion(dots, a), stmt.args))
        if all(empty(m) for m in moves) or not rule.differentiable:
            continue
        params = {k: operand(recorder, v) for k, v in stmt.params}
        dots[stmt.outs[0].name] = rule.jvp(moves, recorder.values[stmt.outs[0].name], values, params)
    close(zeroed(recorder, tangent, dots), probe.difference(first, sample.args, moved), 1e-5)


def empty(move: Any) -> bool:
    return move is None or (isinstance(move, list | tuple) and all(map(empty, move)))


def probe_leaves(traced: Any, moves: Any, dots: dict[str, Any]) -> None:
    if isinstance(traced, list | tuple):
        for a, b in zip(traced, moves, strict=True):
            probe_leaves(a, b, dots)
    elif moves is not None and hasattr(traced, "atom"):
        dots[traced.atom.name] = moves


def operand(recorder: Recorder, arg: Any) -> Any:
    return eval(recorder.text(arg), {"v": recorder.values, "importlib": __import__("importlib")})


def motion(dots: dict[str, Any], arg: Any) -> Any:
    from srcad.ir.nodes import Pack, Var

    if isinstance(arg, Var):
        return dots.get(arg.name)
    if isinstance(arg, Pack):
        found = [motion(dots, i) for i in arg.items]
        return None if empty(found) else found if arg.kind == "list" else tuple(found)
    return None


def zeroed(recorder: Recorder, tangent: Any, dots: dict[str, Any]) -> Any:
    """The second tangent, zeros where nothing moved."""
    if isinstance(tangent, list | tuple):
        return type(tangent)(zeroed(recorder, t, dots) for t in tangent)
    value = recorder.value(tangent)
    name = getattr(getattr(tangent, "atom", None), "name", "")
    found = dots.get(name)
    return probe.map_tree(lambda v: v * 0, value) if empty(found) else found
