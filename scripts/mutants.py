"""Seeded wrong rules: `python scripts/mutants.py` makes the rules of the table wrong, one place at a time, and reports what its tests see.

Two kinds of faults.  Of an entry: the partial of one operand with the other sign, halved, left out, or given to another operand, in both
modes alike, so that only a comparison with differences can tell.  In the source of a rule: a sign, an operator, a number or the order of
two operands changed.  Each is run against the checks that the entries' samples generate.  Exit code 1 if a fault of an entry is not seen.
"""
from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import itertools
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from srcad.ops import table
from srcad.ops.entry import Entry, Sample
from srcad.ops.trace import o
from tests.ops import probe
from tests.ops.test_complex import HOLOMORPHIC, complexified
from tests.ops.test_recording import agree, takes_lists
from tests.ops.test_rules import check, test_single_operands

MODULES = ("elementwise", "reduce", "ufuncs", "shape", "index", "pieces", "linalg", "chains", "factor", "norms", "contract", "matrix",
    "statistics", "quantiles", "polynomial", "calculus", "complex", "constructors", "fft", "python")  # fmt: skip
_TYPES = ("spd", "typical", "slice_dim", "infer", "_infer", "like_", "same", "vector_of", "rank_of", "literal_shape", "with_shape",
    "dtype_name", "index_array")  # fmt: skip
"""Functions of the modules that tell types: `test_inferred_type` looks at those."""


# ---- faults of an entry ----------------------------------------------------------------------------------------------


def scaled(tree: Any, factor: float) -> Any:
    """A cotangent or tangent times a number."""
    if isinstance(tree, list | tuple):
        return type(tree)(scaled(v, factor) for v in tree)
    return None if tree is None else tree * factor


def with_factor(entry: Entry, k: int, factor: float) -> Entry:
    """The entry with its partial of operand k times `factor`, in both modes."""
    assert entry.backward is not None
    assert entry.forward is not None
    backward, forward = entry.backward, entry.forward

    def back(g: Any, y: Any, operands: Any, statics: Any, wanted: Any) -> Any:
        found = backward(g, y, operands, statics, wanted)
        return tuple(scaled(c, factor) if j == k else c for j, c in enumerate(found))

    def forth(tangents: Any, y: Any, operands: Any, statics: Any) -> Any:
        return forward(tuple(scaled(t, factor) if j == k else t for j, t in enumerate(tangents)), y, operands, statics)

    return replace(entry, backward=back, forward=forth)


def crossed(entry: Entry, i: int, j: int) -> Entry:
    """The entry with the partials of two operands interchanged, in both modes."""
    assert entry.backward is not None
    assert entry.forward is not None
    backward, forward = entry.backward, entry.forward

    def swapped(items: Any) -> Any:
        found = list(items)
        found[i], found[j] = found[j], found[i]
        return tuple(found)

    return replace(entry, backward=lambda *args: swapped(backward(*args)), forward=lambda t, *rest: forward(swapped(t), *rest))


def matters(entry: Entry, sample: Sample, k: int) -> bool:
    """Whether the value changes with operand k, by differences: of some operands only the shape counts."""
    t = tuple(scaled(probe.direction(a), float(j == k)) for j, a in enumerate(sample.args))
    found = probe.difference(probe.call(entry, sample), sample.args, t)
    return any(np.any(v) for v in probe.leaves([found]))


def entry_faults(entry: Entry, samples: tuple[Sample, ...]) -> Iterator[tuple[str, Entry]]:
    """The wrong versions of an entry; for operands that its samples make active."""
    active = sorted({k for s in samples for k, a in enumerate(s.args) if probe.leaves([a]) and matters(entry, s, k)})
    for k in active:
        yield f"operand {k}: sign", with_factor(entry, k, -1.0)
        yield f"operand {k}: half", with_factor(entry, k, 0.5)
        yield f"operand {k}: none", with_factor(entry, k, 0.0)
    for i, j in itertools.pairwise(active):
        yield f"operands {i} and {j}: interchanged", crossed(entry, i, j)


# ---- faults in the source --------------------------------------------------------------------------------------------

_OTHER: dict[type, type] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.MatMult: ast.Mult}


@dataclass(frozen=True)
class Fault:
    """A change of one node of a module's tree."""

    module: str
    line: int
    what: str
    tree: ast.Module


def change(node: ast.AST) -> Callable[[ast.AST], str] | None:
    """What makes this node wrong; None if there is nothing to change."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OTHER and not isinstance(node.left, ast.Constant | ast.Tuple | ast.List):
        return _operator
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        return _sign
    if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value != 0.0:
        return _number
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "apply" and _two_values(node):
        return _order
    return None


def _two_values(node: ast.Call) -> bool:
    plain = (ast.Constant, ast.Starred, ast.UnaryOp)
    return len(node.args) > 2 and not isinstance(node.args[1], plain) and not isinstance(node.args[2], plain)


def _operator(node: Any) -> str:
    old, node.op = node.op, _OTHER[type(node.op)]()
    return f"{type(old).__name__} -> {type(node.op).__name__}"


def _sign(node: Any) -> str:
    node.op = ast.UAdd()
    return "sign dropped"


def _number(node: Any) -> str:
    old, node.value = node.value, node.value * 1.5
    return f"{old} -> {node.value}"


def _order(node: Any) -> str:
    node.args[1], node.args[2] = node.args[2], node.args[1]
    return f"operands of {ast.unparse(node.args[0])} swapped"


def sites(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes of rules that can be made wrong: those in functions and lambdas, not in samples and types."""
    for top in tree.body:
        if isinstance(top, ast.FunctionDef):
            private = top.name.startswith("_") and not any(isinstance(n, ast.Name) and n.id in ("apply", "o") for n in ast.walk(top))
            samples = top.returns is not None and "Sample" in ast.unparse(top.returns)
            if not top.name.startswith(_TYPES) and not private and not samples:
                yield from (n for stmt in top.body for n in ast.walk(stmt) if change(n))
        elif isinstance(top, ast.Assign):
            lambdas = [n for n in ast.walk(top) if isinstance(n, ast.Lambda)]
            yield from (n for f in lambdas for n in ast.walk(f.body) if change(n))


def source_of(name: str) -> ast.Module:
    """The tree of a module of rules."""
    return ast.parse(Path(str(importlib.import_module(f"srcad.ops.{name}").__file__)).read_text())


def source_faults(name: str, every: int) -> Iterator[Fault]:
    """The wrong versions of a module, each `every`-th."""
    original = source_of(name)
    for k in range(0, sum(1 for _ in sites(original)), every):
        tree = copy.deepcopy(original)
        node = list(sites(tree))[k]
        make = change(node)
        assert make is not None
        line = int(getattr(node, "lineno", 0))
        yield Fault(name, line, make(node), ast.fix_missing_locations(tree))


def entries_of(rules: Any) -> list[Entry]:
    """The differentiable entries with samples of some rules."""
    found: dict[int, Entry] = {}
    for spellings in rules:
        for s in spellings:
            if s.entry.differentiable and s.entry.samples is not None:
                found.setdefault(id(s.entry), s.entry)
    return list(found.values())


# ---- running ---------------------------------------------------------------------------------------------------------


def seen(entry: Entry, samples: tuple[Sample, ...], recorded: bool) -> bool:
    """Whether the checks of an entry fail on some sample."""
    for sample in samples:
        try:
            check(entry, sample)
            if recorded:
                further_checks(entry, sample)
        except Exception:
            return True
    return False


def further_checks(entry: Entry, sample: Sample) -> None:
    """What the tests do beside: recorded rules, one operand at a time, lists as run-time values, complex numbers."""
    agree(entry, sample, known=True)
    agree(entry, sample, known=False)
    test_single_operands(entry, sample)
    if takes_lists(entry, sample):
        agree(entry, sample, known=True, whole_lists=True)
    if entry.name in HOLOMORPHIC and entry.name != "power" and "dtype" not in sample.params:
        check(entry, Sample(tuple(complexified(a, k) for k, a in enumerate(sample.args)), sample.params))


def caught_in_source(fault: Fault, start: int = 0) -> int | None:
    """The number of an entry of the changed module that fails its checks, tried from `start` on; None if there is none.

    It is `start` where the module cannot be made.
    """
    special = dict(o.special)
    space: dict[str, Any] = {"__name__": f"srcad.ops.{fault.module}", "__file__": fault.module}
    try:
        exec(compile(fault.tree, fault.module, "exec"), space)
        entries = entries_of(space["RULES"])
        numbers = (*range(start, len(entries)), *range(start))
        return next((k for k in numbers if seen(entries[k], entries[k].samples() if entries[k].samples else (), recorded=True)), None)
    except Exception:
        return start
    finally:
        o.special.clear()
        o.special.update(special)


def run_source(name: str, every: int) -> list[tuple[Fault, bool]]:
    """The faults of a module, and which are seen.

    Neighbours in the source belong to neighbours in the table, so that each fault is first tried where the last one was seen.
    """
    results, start = [], 0
    for fault in source_faults(name, every):
        found = caught_in_source(fault, start)
        results.append((fault, found is not None))
        start = start if found is None else found
    return results


def run_entries() -> tuple[int, list[str]]:
    """How many faults of entries there are, and which are not seen."""
    total, left = 0, []
    for name, entry in table.entries().items():
        if not entry.differentiable or entry.samples is None or name.startswith(("special.", "linalg.", "stats.", "scipy")):
            continue
        samples = entry.samples()
        if seen(entry, samples, recorded=False):
            left.append(f"{name}: fails as it is")
        for what, wrong in entry_faults(entry, samples):
            total += 1
            if not seen(wrong, samples, recorded=False):
                left.append(f"{name}: {what}")
    return total, left


def main() -> int:
    """Run all and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=MODULES, help="modules whose source is made wrong")
    parser.add_argument("--every", type=int, default=1, help="take each n-th place of the source only")
    chosen = parser.parse_args()
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    started = time.monotonic()
    total, left = run_entries()
    print(f"entries: {total - len(left)} of {total} faults seen, {time.monotonic() - started:.0f} s")
    print(*(f"  not seen: {text}" for text in left), sep="\n", end="\n" if left else "")
    seen_in_source = count = 0
    for name in chosen.modules:
        if caught_in_source(Fault(name, 0, "nothing", source_of(name))) is not None:
            left.append(f"{name}.py: fails as it is")
        results = run_source(name, chosen.every)
        count, seen_in_source = count + len(results), seen_in_source + sum(found for _, found in results)
        print(f"{name}: {sum(found for _, found in results)} of {len(results)} seen, {time.monotonic() - started:.0f} s", flush=True)
        for fault, found in results:
            if not found:
                print(f"  not seen: srcad/ops/{fault.module}.py:{fault.line}: {fault.what}")
    print(*(f"  {text}" for text in left if "as it is" in text), sep="\n", end="\n" if left else "")
    print(f"source: {seen_in_source} of {count} faults seen, {100.0 * seen_in_source / max(count, 1):.1f} %")
    return 1 if left else 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
