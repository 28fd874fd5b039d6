"""What srcad makes of every public callable of NumPy and `scipy.special`, written into docs/rules.md.

A callable is in one of four classes: it has a *rule*; it is differentiated *through its source*; nothing differentiable goes through it
(*nondiff*), on purpose; or it is *refused* on differentiated values, with the reason.  What has an entry in the table is told from the
table.  Everything else is tried: called on small arrays, differentiated, and compared with differences.

    python scripts/coverage.py            compare with the page
    python scripts/coverage.py --update   write the page

What other tools have of the same lists is in scripts/peers.json, which scripts/peers.py writes.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

os.environ["SRCAD_CACHE"] = "0"
import scipy
import scipy.special

import srcad
from srcad.errors import SrcadError
from srcad.ops import table
from srcad.testing import CheckFailed

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
NAMESPACES = {"numpy": np, "numpy.linalg": np.linalg, "numpy.fft": np.fft, "scipy.special": scipy.special}
CLASSES = ("rule", "source", "nondiff", "refused")
TOOLS = {"autograd": "autograd", "jax": "JAX", "torch": "PyTorch"}
TITLES = {"rule": "rule", "source": "through its source", "nondiff": "nondiff", "refused": "refused"}

NAMED = (
    "broadcast busdaycalendar flatiter ndenumerate ndindex nditer ufunc recarray record memmap character flexible object_ ndarray"
)
"""Classes that programs name, or use as iterators over indices, and do not call on arrays of numbers."""
TEXT = "text, files, settings or the machine: no number goes through"
WITHOUT_NUMBERS = (
    "array2string array_repr array_str base_repr binary_repr datetime_as_string datetime_data format_float_positional "
    "format_float_scientific fromfile fromregex fromstring genfromtxt get_include get_printoptions getbufsize geterr geterrcall "
    "info load loadtxt printoptions save savetxt savez savez_compressed set_printoptions setbufsize seterr seterrcall show_config "
    "show_runtime test typename errstate einsum_path busday_count busday_offset is_busday isnat mask_indices nested_iters"
)
X = np.array([0.31, 0.72, 1.15])
Y = np.array([1.7, 0.45, 0.83])
M = np.array([[2.1, 0.3, 0.5], [0.2, 1.9, 0.7], [0.4, 0.1, 2.4]])
CUBE = np.arange(1.0, 25.0).reshape(2, 3, 4) / 7.0
TEMPLATES: tuple[tuple[Any, ...], ...] = (
    (X,), (M,), (X, Y), (M, X), (CUBE,), ([X, Y],), (3,), (np.array([1, 0, 1], np.uint8),), (np.dtype(float), "real floating"),
)  # fmt: skip
KNOTS = np.array([0.0, 0.5, 1.3])


def _written(write: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """A function that writes into a copy of its argument."""

    def run(x: Any) -> Any:
        target = x * 1.0
        write(target, x)
        return target

    return run


PROBES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "apply_along_axis": (lambda m: np.apply_along_axis(lambda v: v * v[0], 0, m), (M,)),
    "apply_over_axes": (lambda m: np.apply_over_axes(np.sum, m, [0]), (M,)),
    "array_split": (lambda x: np.array_split(x * x, 2)[0], (X,)),
    "astype": (lambda x: np.astype(x * x, np.float64), (X,)),
    "bmat": (lambda m: np.bmat([[m]]), (M,)),
    "from_dlpack": (lambda x: np.from_dlpack(x * x), (X,)),
    "block": (lambda x: np.block([x * x, x]), (X,)),
    "compress": (lambda x: np.compress([True, False, True], x * x), (X,)),
    "copyto": (_written(lambda t, x: np.copyto(t, x * x)), (X,)),
    "delete": (lambda x: np.delete(x * x, 1), (X,)),
    "dsplit": (lambda c: np.dsplit(c * c, 2)[0], (CUBE,)),
    "extract": (lambda x: np.extract(np.array([True, False, True]), x * x), (X,)),
    "fill_diagonal": (_written(lambda t, m: np.fill_diagonal(t, m[0] * m[0])), (M,)),
    "fromfunction": (lambda x: np.fromfunction(lambda i: x * i, (3,)), (X,)),
    "frompyfunc": (lambda x: np.frompyfunc(lambda v: v * v, 1, 1)(x).astype(float), (X,)),
    "gradient": (lambda x: np.gradient(x * x), (X,)),
    "hsplit": (lambda m: np.hsplit(m * m, 3)[0], (M,)),
    "insert": (lambda x: np.insert(x * x, 1, x[0]), (X,)),
    "kaiser": (lambda b: np.kaiser(4, b), (2.0,)),
    "partition": (lambda x: np.partition(x * x, 1), (X,)),
    "percentile": (lambda x: np.percentile(x * x, 30.0), (X,)),
    "nanpercentile": (lambda x: np.nanpercentile(x * x, 30.0), (X,)),
    "quantile": (lambda x: np.quantile(x * x, 0.3), (X,)),
    "nanquantile": (lambda x: np.nanquantile(x * x, 0.3), (X,)),
    "piecewise": (lambda x: np.piecewise(x, [x < 1.0, x >= 1.0], [lambda v: v * v, lambda v: 3.0 * v]), (X,)),
    "place": (_written(lambda t, x: np.place(t, np.array([True, False, True]), x * x)), (X,)),
    "polyfit": (lambda y: np.polyfit(KNOTS, y * y, 1), (Y,)),
    "put": (_written(lambda t, x: np.put(t, [0], x[1] * x[1])), (X,)),
    "put_along_axis": (_written(lambda t, x: np.put_along_axis(t, np.array([0]), x[1] * x[1], 0)), (X,)),
    "putmask": (_written(lambda t, x: np.putmask(t, np.array([True, False, True]), x * x)), (X,)),
    "rollaxis": (lambda c: np.rollaxis(c * c, 2), (CUBE,)),
    "split": (lambda x: np.split(x * x, 3)[0], (X,)),
    "trim_zeros": (lambda x: np.trim_zeros(x * x), (X,)),
    "unstack": (lambda m: np.unstack(m * m)[0], (M,)),
    "vectorize": (lambda x: np.vectorize(lambda v: v * v)(x + x), (X,)),
    "vsplit": (lambda m: np.vsplit(m * m, 3)[0], (M,)),
    "multigammaln": (lambda a: scipy.special.multigammaln(a, 2), (2.5,)),
}


PEERS: dict[str, Any] = json.loads((Path(__file__).resolve().parent / "peers.json").read_text())
"""The names of callables that have a gradient in other tools, by tool and namespace, and the versions of these."""
HEAD = """# What has a rule

Every public callable of these namespaces, in one of four classes. *Rule*: an entry of the table, for both modes.
*Through its source*: Python code that is differentiated as yours is. *Nondiff*: nothing differentiable goes through it, on purpose:
integers, comparisons, text, files, types. *Refused*: on differentiated values it raises an error that says why; on others it works.

Counted by `python scripts/coverage.py` for NumPy {numpy} and SciPy {scipy}; `--update` writes this page.
[Adding a rule](adding-a-rule.md) tells how to change it.

The last columns count, of the same callables, those that have a gradient in other tools: {peers}.
`scripts/peers.py` looks a callable up by its name (it knows PyTorch's other names for some), calls it on the samples of srcad's table
and on small arrays, and asks for a derivative that is not zero. What takes other arguments than NumPy's is counted if it takes some of
these. They compare with *rule* and *through its source* together.
"""


@dataclass(frozen=True)
class Found:
    """The class of a callable; why, where it is refused or nothing goes through."""

    name: str
    kind: str
    why: str = ""


def callables(module: Any) -> Iterator[tuple[str, Any]]:
    """The public callables of a namespace."""
    for name in sorted(dir(module)):
        obj = getattr(module, name)
        if not name.startswith("_") and callable(obj):
            yield name, obj


def classify(name: str, obj: Any) -> Found:
    """What srcad makes of a callable."""
    spelling = table.by_object(obj)
    if spelling is not None:
        entry = spelling.entry
        if entry.refused:
            return Found(name, "refused", _reason(entry))
        return Found(name, "nondiff" if entry.kind == "nondiff" else "rule")
    if name in WITHOUT_NUMBERS.split():
        return Found(name, "nondiff", TEXT)
    if isinstance(obj, type) and (issubclass(obj, BaseException | np.generic) or name in NAMED.split()):
        return Found(name, "nondiff", "a class that programs name and do not call on arrays of numbers")
    return _tried(name, obj)


def _reason(entry: Any) -> str:
    """What the entry says when it is differentiated."""
    try:
        entry.jvp((1.0,), 1.0, (0.5,))
    except SrcadError as error:
        return _first_line(error)
    return ""


def _first_line(error: SrcadError) -> str:
    """What an error says, without its code."""
    return re.sub(r"^\[SRC\d+\] ", "", str(error).splitlines()[0])


def _tried(name: str, obj: Any) -> Found:
    """Called on small arrays, differentiated, compared with differences."""
    probes = [PROBES[name]] if name in PROBES else [(_plain(obj, len(args)), args) for args in TEMPLATES]
    kind, why = "unclassified", "no arguments were found on which it works: add a probe"
    for f, args in probes:
        try:
            with quiet():
                value = f(*args)
        except Exception:  # not the arguments that it takes
            continue
        if not any(np.asarray(v).dtype.kind in "fc" for v in _leaves(value)):
            kind, why = "nondiff", "its result is no number, or an integer"
            continue
        if not any(isinstance(a, float | list) or np.asarray(a).dtype.kind == "f" for a in args):
            kind, why = "nondiff", "it takes integers only"
            continue
        try:
            with quiet():
                srcad.check_grads(f, *args)
        except CheckFailed as error:
            if "nothing to compare" in str(error) or " 0, relative 0" in str(error):
                return Found(name, "nondiff", "its derivative is zero")
            raise
        except SrcadError as error:
            return Found(name, "refused", _first_line(error))
        return Found(name, "source")
    return Found(name, kind, why)


def _plain(obj: Any, order: int) -> Callable[..., Any]:
    """A function that passes its arguments on."""

    def one(a: Any) -> Any:
        return obj(a)

    def two(a: Any, b: Any) -> Any:
        return obj(a, b)

    return one if order == 1 else two


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for v in value:
            yield from _leaves(v)
    else:
        yield value


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def page(found: dict[str, list[Found]]) -> str:
    """The page's text."""
    titles = " | ".join(TITLES[k] for k in CLASSES)
    versions = ", ".join(f"{TOOLS[tool]} {PEERS[tool]['version']}" for tool in TOOLS)
    lines = [HEAD.format(numpy=np.__version__, scipy=scipy.__version__, peers=versions)]
    lines.append(f"| namespace | callables | {titles} | " + " | ".join(TOOLS.values()) + " |")
    lines.append("|---|" + "---|" * (len(CLASSES) + 1 + len(TOOLS)))
    for space, items in found.items():
        counts = [sum(f.kind == k for f in items) for k in CLASSES]
        lines.append(f"| `{space}` | {len(items)} | " + " | ".join(map(str, (*counts, *(len(PEERS[t][space]) for t in TOOLS)))) + " |")
    for space, items in found.items():
        lines += ["", f"## `{space}`"]
        for kind in CLASSES:
            chosen = [f for f in items if f.kind == kind]
            if chosen and kind != "refused":
                lines += ["", f"**{TITLES[kind].capitalize()}** ({len(chosen)}): " + " ".join(f"`{f.name}`" for f in chosen)]
        lines += _refused([f for f in items if f.kind == "refused"])
        lines += _elsewhere(space, items)
    return "\n".join(lines) + "\n"


def _elsewhere(space: str, items: list[Found]) -> list[str]:
    """What has no derivative here and one in another tool, and how much is the other way round."""
    here = {f.name for f in items if f.kind in ("rule", "source")}
    elsewhere = {n for t in TOOLS for n in PEERS[t][space]}
    others = {name: [TOOLS[t] for t in TOOLS if name in PEERS[t][space]] for name in sorted(elsewhere - here)}
    found = "; ".join(f"`{name}` ({', '.join(tools)})" for name, tools in others.items()) or "none"
    alone = len(here - elsewhere)
    return ["", f"**With a gradient in another tool only**: {found}. **With one here only**: {alone}."]


def _refused(items: list[Found]) -> list[str]:
    if not items:
        return []
    reasons: dict[str, list[str]] = {}
    for f in items:
        reasons.setdefault(re.sub(rf"[`']?(scipy\.special|numpy|np)\.{f.name}[`']?", "it", f.why), []).append(f.name)
    rows = [f"| {' '.join(f'`{n}`' for n in names)} | {why.replace('|', '/')} |" for why, names in reasons.items()]
    return ["", f"**Refused** ({len(items)})", "", "| callables | reason |", "|---|---|", *rows]


def main() -> int:
    """Compare, or update."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write the page")
    options = parser.parse_args()
    found = {space: [classify(*item) for item in callables(module)] for space, module in NAMESPACES.items()}
    lost = [f"{space}.{f.name}: {f.why}" for space, items in found.items() for f in items if f.kind == "unclassified"]
    if lost:
        print("unclassified", *lost, sep="\n  ", file=sys.stderr)
        return 2
    text = page(found)
    if options.update:
        PAGE.write_text(text)
        return 0
    if text == PAGE.read_text():
        return 0
    print("docs/rules.md is not current: python scripts/coverage.py --update", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
