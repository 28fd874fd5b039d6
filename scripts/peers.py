"""Which callables of NumPy and SciPy have a gradient in autograd, JAX and PyTorch: peers.json, which coverage.py reads.

A callable counts for a tool where the tool has it under NumPy's or SciPy's name (or under one of `RENAMED`), takes it on one of the
samples of srcad's table or of the templates of coverage.py, and gives a derivative that is not zero.

    python scripts/peers.py [TOOL ...]    asks the tools that are installed here, or these; what the file says of others stays
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
import coverage

from srcad.ops import table
from srcad.ops.entry import Sample

DATA = Path(__file__).resolve().parent / "peers.json"
HOMES = {
    "autograd": {"numpy": "autograd.numpy", "numpy.linalg": "autograd.numpy.linalg", "numpy.fft": "autograd.numpy.fft",
        "scipy.special": "autograd.scipy.special"},
    "jax": {"numpy": "jax.numpy", "numpy.linalg": "jax.numpy.linalg", "numpy.fft": "jax.numpy.fft", "scipy.special": "jax.scipy.special"},
    "torch": {"numpy": "torch", "numpy.linalg": "torch.linalg", "numpy.fft": "torch.fft", "scipy.special": "torch.special"},
}  # fmt: skip
RENAMED = {
    "append": "cat", "array_split": "tensor_split", "astype": "Tensor.to", "broadcast_arrays": "broadcast_tensors", "copy": "clone",
    "expand_dims": "unsqueeze", "pad": "nn.functional.pad", "power": "pow", "repeat": "repeat_interleave",
    "take_along_axis": "take_along_dim", "transpose": "permute", "j0": "bessel_j0", "j1": "bessel_j1", "y0": "bessel_y0",
    "y1": "bessel_y1", "k0": "modified_bessel_k0", "k1": "modified_bessel_k1", "k0e": "scaled_modified_bessel_k0",
    "k1e": "scaled_modified_bessel_k1",
}  # fmt: skip
"""What PyTorch calls some of them."""


def samples(obj: Any, name: str) -> Iterator[Sample]:
    """Arguments on which a callable may work."""
    spelling = table.by_object(obj)
    if spelling is not None and spelling.entry.samples is not None:
        yield from spelling.entry.samples()
    yield from (Sample(args) for args in coverage.TEMPLATES)
    if name in coverage.PROBES:
        yield Sample(coverage.PROBES[name][1])


def by_autograd(f: Callable[..., Any]) -> Callable[[Sample], bool]:
    """Whether autograd gives a gradient that is not zero, or has one registered."""
    make_vjp = importlib.import_module("autograd").make_vjp
    if f in importlib.import_module("autograd.core").primitive_vjps:
        return lambda _: True

    def asked(sample: Sample) -> bool:
        found = False
        for n in floats(sample):
            pull, y = make_vjp(f, n)(*sample.args, **sample.params)
            found = found or any(np.any(v) for v in leaves(pull(ones(y))))
        return found

    return asked


def by_jax(f: Callable[..., Any]) -> Callable[[Sample], bool]:
    """Whether JAX gives a gradient that is not zero."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)

    def asked(sample: Sample) -> bool:
        found = False
        for n in floats(sample):
            args = list(sample.args)
            _, t = jax.jvp(lambda x, n=n, args=args: f(*args[:n], x, *args[n + 1 :], **sample.params), (args[n],), (ones(args[n]),))
            found = found or any(np.any(v) for v in jax.tree_util.tree_leaves(t) if v.dtype.kind in "fc")
        return found

    return asked


def by_torch(f: Callable[..., Any]) -> Callable[[Sample], bool]:
    """Whether PyTorch gives a gradient that is not zero."""
    torch = importlib.import_module("torch")

    def tensor(x: Any) -> Any:
        if isinstance(x, list | tuple):
            return type(x)(map(tensor, x))
        if isinstance(x, float) or (isinstance(x, np.ndarray) and x.dtype.kind in "fc"):
            return torch.tensor(x, dtype=torch.complex128 if np.iscomplexobj(x) else torch.float64, requires_grad=True)
        return torch.tensor(x) if isinstance(x, np.ndarray) else x

    def asked(sample: Sample) -> bool:
        args = tuple(map(tensor, sample.args))
        out = [v for v in leaves(f(*args, **sample.params)) if isinstance(v, torch.Tensor) and v.requires_grad]
        if not out:
            return False
        sum(v.abs().sum() for v in out).backward()
        return any(x.grad is not None and bool(x.grad.abs().sum() > 0) for x in leaves(args) if isinstance(x, torch.Tensor))

    return asked


ASKED = {"autograd": by_autograd, "jax": by_jax, "torch": by_torch}


def floats(sample: Sample) -> list[int]:
    """The arguments that are or hold floating-point numbers."""
    return [n for n, a in enumerate(sample.args) if any(isinstance(v, float) or np.asarray(v).dtype.kind in "fc" for v in leaves(a))]


def leaves(tree: Any) -> Iterator[Any]:
    """What stands in lists and tuples."""
    if isinstance(tree, list | tuple):
        for item in tree:
            yield from leaves(item)
    else:
        yield tree


def ones(tree: Any) -> Any:
    """Ones in the structure of a value."""
    if isinstance(tree, list | tuple):
        return type(tree)(map(ones, tree))
    return np.ones(np.shape(tree), np.asarray(tree).dtype)[()]


def own(tool: str, space: str, name: str) -> Any:
    """The tool's function of that name."""
    home: Any = importlib.import_module(HOMES[tool][space])
    found = getattr(home, name, None)
    if found is None and tool == "torch" and name in RENAMED:
        found = home
        for part in RENAMED[name].split("."):
            found = getattr(found, part, None)
    return found if callable(found) and not isinstance(found, type) else None


def counted(tool: str) -> dict[str, list[str]]:
    """The names that have a gradient, by namespace."""
    found: dict[str, list[str]] = {}
    for space, module in coverage.NAMESPACES.items():
        found[space] = []
        for name, obj in coverage.callables(module):
            f = own(tool, space, name)
            if f is not None and any(answered(ASKED[tool](f), sample) for sample in samples(obj, name)):
                found[space].append(name)
        print(tool, space, len(found[space]), flush=True)
    return found


def answered(asked: Callable[[Sample], bool], sample: Sample) -> bool:
    """What is asked, False where it cannot be answered."""
    with coverage.quiet(), contextlib.suppress(Exception):
        return asked(sample)
    return False


def main() -> None:
    """Ask the tools that are installed."""
    for tool in sys.argv[1:] or HOMES:
        with contextlib.suppress(ModuleNotFoundError):
            found = {"version": version(tool).partition("+")[0], **counted(tool)}
            data = json.loads(DATA.read_text()) if DATA.exists() else {}
            DATA.write_text(json.dumps({**data, tool: found}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
