"""Sparse Jacobians and Hessians: columns (or rows) that share no row (column) are found in one sweep.

Which entries are not zero is found by sweeps too: the derivative along random numbers in a block of columns is zero in the
rows that the block does not reach.  Blocks are halved until they are single columns; those that share no row are tried
together.  A pattern that was found at other arguments is checked by one more sweep, along random numbers everywhere.
"""
from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from srcad import cotangents, trees
from srcad.api import Derivative
from srcad.binding import Argnums, Names, Target, chosen, reduced, target_of, unpacked, with_outputs
from srcad.errors import ArgumentError, NoRule
from srcad.parts import read
from srcad.pipeline import Request
from srcad.store import Specialisation, repeatable, store_of

Vectors = np.ndarray[Any, np.dtype[Any]]
_LOOSE: Final = 1e-7  # by which part of a row's size a product may differ from that with the matrix
_TRIES: Final = 3
_CROWDED: Final = 24  # so many columns in one row, and rows are tried instead


def sparse_jacobian(
    f: Callable[..., Any], argnums: Argnums = 0, *, pattern: Any = None, outputs: Names | None = None
) -> SparseJacobian:  # fmt: skip
    """The Jacobian of a function from an array to an array, as a callable that returns a `scipy.sparse.csr_array`.

    It has one row per element of the result and one column per element of the argument, in C order, and the result's dtype.
    `argnums` names one argument or part of one, `outputs` as in `grad`.  `pattern`: where entries may differ from zero, a boolean
    array, a sparse matrix, or a pair (rows, columns) of index arrays; without it the pattern is found.  As many sweeps are made as
    it takes colours to paint the columns (or the rows, if these take fewer) so that no two of one colour meet in a row.
    Raises ArgumentError for a pattern that misses an entry, for other arguments and results, and where SciPy is not installed.
    """
    return SparseJacobian(f, argnums, pattern, outputs, hessian=False)


def sparse_hessian(
    f: Callable[..., Any], argnums: Argnums = 0, *, pattern: Any = None, outputs: Names | None = None
) -> SparseJacobian:  # fmt: skip
    """The Hessian of a function from an array to a real number, as `sparse_jacobian` of its gradient."""
    return SparseJacobian(f, argnums, pattern, outputs, hessian=True)


class SparseJacobian:
    """A sparse Jacobian as a callable; made by `sparse_jacobian` and `sparse_hessian`.  `primal` is the function given."""

    def __init__(self, f: Callable[..., Any], argnums: Argnums, pattern: Any, outputs: Names | None, *, hessian: bool) -> None:
        self.primal = f
        self.sweeps = 0
        self._options = (argnums, pattern, outputs)
        self._name = "sparse_hessian" if hessian else "sparse_jacobian"
        gradient = Derivative(f, "grad", argnums, outputs=outputs) if hessian else None
        self._target = with_outputs(unpacked(target_of(f), argnums, outputs), outputs) if gradient is None else target_of(gradient)
        parts, bare = chosen(argnums, self._target)
        if not bare:
            raise ArgumentError(f"{self._name} takes one argument, not {argnums!r}", "name one argument, or part of one")
        (self._part,) = parts
        self._given = pattern
        self._known: dict[Any, Painting] = {}
        functools.update_wrapper(self, f, updated=())

    def __reduce__(self) -> Any:
        """Pickled by its name where a module holds it, else by the function and the options; patterns are found anew."""
        return reduced(self, (_again, (self._name == "sparse_hessian", self.primal, *self._options)))

    def __get__(self, instance: object, owner: type | None = None) -> SparseJacobian:
        """As a method: argnums count after binding."""
        if instance is None:
            return self
        argnums, pattern, outputs = self._options
        return SparseJacobian(self.primal.__get__(instance, owner), argnums, pattern, outputs, hessian=self._name == "sparse_hessian")

    def __repr__(self) -> str:
        return f"<srcad.{self._name} of {getattr(self.primal, '__qualname__', repr(self.primal))}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The matrix at the given arguments.  `sweeps` is then the number of sweeps that it took."""
        sparse = _scipy_sparse(self._name)
        products = Products(self._name, self._target, self._part, self._target.bind(args, kwargs))
        matrix = None
        if self._given is not None:
            matrix = self._checked(sparse, products, self._painting(products, _given(self._given, products.shape)))
            if matrix is None:
                raise ArgumentError(f"the pattern of {self._name} misses an entry that is not zero", "complete it, or leave it out")
        elif products.shape in self._known:
            matrix = self._checked(sparse, products, self._known[products.shape])
        for seed in range(_TRIES if matrix is None else 0):
            painting = self._painting(products, found(products, seed))
            matrix = self._checked(sparse, products, painting)
            if matrix is not None:
                self._known[products.shape] = painting
                break
        self.sweeps = products.sweeps
        return _dense(sparse, products) if matrix is None else matrix

    def _painting(self, products: Products, pattern: tuple[Vectors, Vectors]) -> Painting:
        rows, columns = pattern
        by_column = painted(rows, columns, products.shape)
        if by_column.max(initial=-1) < 2 and products.forward is not None:
            return Painting(rows, columns, by_column, along="columns")
        by_row = painted(columns, rows, products.shape[::-1])
        if products.forward is None or by_row.max(initial=-1) < by_column.max(initial=-1):
            return Painting(rows, columns, by_row, along="rows")
        return Painting(rows, columns, by_column, along="columns")

    def _checked(self, sparse: Any, products: Products, painting: Painting) -> Any:
        """The matrix by a pattern; None where an entry is missing in that."""
        data = painting.values(products)
        matrix = sparse.csr_array((data, (painting.rows, painting.columns)), products.shape, dtype=products.dtype)
        return matrix if _agrees(matrix, products, painting.along) else None


def _again(hessian: bool, f: Callable[..., Any], argnums: Argnums, pattern: Any, outputs: Names | None) -> SparseJacobian:
    return SparseJacobian(f, argnums, pattern, outputs, hessian=hessian)


def _scipy_sparse(name: str) -> Any:
    try:
        return importlib.import_module("scipy.sparse")
    except ImportError:
        raise ArgumentError(f"{name} returns a SciPy matrix, but SciPy is not installed", "install it: pip install scipy") from None


# ---- sweeps ----------------------------------------------------------------------------------------------------------
class Products:
    """Products of one Jacobian with vectors, one sweep each.  `shape`: numbers of rows and columns; `forward`: None where columns
    cannot be had, because something has a rule for reverse mode only, or the function would print or draw numbers again.
    """

    def __init__(self, name: str, target: Target, part: Any, values: list[Any]) -> None:
        self.sweeps = 0
        self._target = target
        self._values = values
        self._point = read(values[part.number], part, target.names)
        _check_array(self._point, name, "the argument")
        request = Request("vjp", (part,), bare=False, of=target.of, outputs=target.outputs)
        found = store_of(target, request, "warn").find(values, target.function)
        assert found.stages.split is not None
        self._split = found.stages.split
        self._backward = found.functions[self._split.backward]
        self._out, self._residuals = found.run(target.function, values)
        _check_array(self._out, name, "the result")
        self.shape = (np.size(self._out), np.size(self._point))
        self.dtype = np.asarray(self._out).dtype
        self.forward = self._pushing(Request("tangent", (part,), bare=False, of=target.of, outputs=target.outputs))

    def _pushing(self, request: Request) -> Specialisation | None:
        try:
            found = store_of(self._target, request, "warn").find(self._values, self._target.function)
        except NoRule:
            return None
        return found if repeatable(found) else None

    def along(self, column: Vectors) -> Vectors:
        """The product with a column vector."""
        assert self.forward is not None
        self.sweeps += 1
        tangent = self.forward.run(self._target.function, self._values, _shaped(column, self._point))
        return np.reshape(np.asarray(cotangents.tangent_of(tangent, self._out)), -1)

    def back(self, row: Vectors) -> Vectors:
        """The product with a row vector, from the left."""
        self.sweeps += 1
        (bar,) = self._backward(self._residuals, *cotangents.matched(_shaped(row, self._out), self._out, self._split.result))
        return np.reshape(np.asarray(bar), -1)


def _shaped(vector: Vectors, like: Any) -> Any:
    whole = np.array(vector, np.asarray(like).dtype).reshape(np.shape(like))
    return whole if isinstance(like, np.ndarray) else whole[()] if isinstance(like, np.generic) else whole.item()


def _check_array(value: Any, name: str, what: str) -> None:
    if not trees.is_float(value) or np.asarray(value).dtype.kind != "f":
        kind = f"an array of {np.asarray(value).dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
        raise ArgumentError(f"{name} takes one real array to another, but {what} is {kind}", "use srcad.jacobian, or pass one array")


# ---- patterns --------------------------------------------------------------------------------------------------------
class Painting:
    """A pattern, and colours of its columns or rows (`along`): those of one colour are found in one sweep."""

    def __init__(self, rows: Vectors, columns: Vectors, colours: Vectors, along: str) -> None:
        self.rows = rows
        self.columns = columns
        self.colours = colours
        self.along = along

    def values(self, products: Products) -> Vectors:
        """The entries of the matrix."""
        count = int(self.colours.max(initial=-1)) + 1
        product = products.along if self.along == "columns" else products.back
        found = [product(np.equal(self.colours, colour)) for colour in range(count)]
        if not found:
            return np.zeros(0, products.dtype)
        mine, other = (self.columns, self.rows) if self.along == "columns" else (self.rows, self.columns)
        values: Vectors = np.stack(found)[self.colours[mine], other]
        return values


def painted(rows: Vectors, columns: Vectors, shape: tuple[int, int]) -> Vectors:
    """A colour for every column, so that no two of one colour have an entry in one row; greedily, in order.  -1: no entries."""
    order = np.argsort(columns, kind="stable")
    starts = np.searchsorted(columns[order], np.arange(shape[1] + 1))
    by_column = rows[order].tolist()
    used: list[int] = [0] * shape[0]  # the colours in each row, as bits
    colours = np.full(shape[1], -1)
    for column in range(shape[1]):
        mine = by_column[starts[column] : starts[column + 1]]
        if not mine:
            continue
        taken = functools.reduce(lambda bits, row: bits | used[row], mine, 0)
        free = ~taken & (taken + 1)  # the lowest bit that is not set
        colours[column] = free.bit_length() - 1
        for row in mine:
            used[row] |= free
    return colours


def found(products: Products, seed: int) -> tuple[Vectors, Vectors]:
    """The rows and columns of the entries that are not zero."""
    rng = np.random.default_rng(seed)
    if products.forward is not None:
        by_columns = _by_columns(products.along, products.shape, rng, most=_CROWDED)
        if by_columns is not None:
            return by_columns
    by_rows = _by_columns(products.back, products.shape[::-1], rng, most=_CROWDED if products.forward is not None else None)
    if by_rows is None:  # rows and columns that are full
        by_rows = _by_columns(products.back, products.shape[::-1], rng, most=None)
    assert by_rows is not None
    return by_rows[1], by_rows[0]


def _by_columns(
    along: Callable[[Vectors], Vectors], shape: tuple[int, int], rng: np.random.Generator, most: int | None
) -> tuple[Vectors, Vectors] | None:  # fmt: skip
    """The entries, by blocks of columns; None where more than `most` blocks meet in one row."""
    height, width = shape
    bounds = np.array([0, width])
    reached = [np.flatnonzero(along(rng.uniform(1.0, 2.0, width)))]  # by the columns from one bound to the next
    while len(bounds) - 1 < width:
        blocks = np.repeat(np.arange(len(reached)), [len(r) for r in reached])
        colours = painted(np.concatenate([*reached, np.zeros(0, int)]), blocks, (height, len(reached)))
        if most is not None and colours.max(initial=-1) >= most:
            return None
        bounds, reached = _halved(along, rng, bounds, reached, colours)
    rows = np.concatenate([*reached, np.zeros(0, int)])
    return rows, np.repeat(np.arange(width), [len(r) for r in reached])


def _halved(
    along: Callable[[Vectors], Vectors], rng: np.random.Generator, bounds: Vectors, reached: list[Vectors], colours: Vectors
) -> tuple[Vectors, list[Vectors]]:  # fmt: skip
    """Blocks of columns half as long, with the rows that they reach."""
    middle = (bounds[:-1] + bounds[1:] + 1) // 2
    new: list[tuple[int, Vectors]] = []
    for first, last in ((bounds[:-1], middle), (middle, bounds[1:])):
        for colour in range(int(colours.max(initial=-1)) + 1):
            mine = np.flatnonzero((colours == colour) & (last > first)).tolist()
            if not mine:
                continue
            vector = np.zeros(bounds[-1])
            for block in mine:
                vector[first[block] : last[block]] = rng.uniform(1.0, 2.0, last[block] - first[block])
            hit = along(vector) != 0
            new.extend((int(first[block]), reached[block][hit[reached[block]]]) for block in mine)
        unreached = np.flatnonzero((colours < 0) & (last > first)).tolist()
        new.extend((int(first[block]), np.zeros(0, int)) for block in unreached)
    new.sort(key=lambda part: part[0])
    return np.array([*(start for start, _ in new), bounds[-1]]), [rows for _, rows in new]


def _given(pattern: Any, shape: tuple[int, int]) -> tuple[Vectors, Vectors]:
    """The rows and columns of a pattern that a user gives."""
    if isinstance(pattern, tuple) and len(pattern) == 2:
        rows, columns = (np.asarray(p, int).reshape(-1) for p in pattern)
        if rows.shape != columns.shape or np.any((rows < 0) | (rows >= shape[0])) or np.any((columns < 0) | (columns >= shape[1])):
            raise ArgumentError("the pattern has rows and columns that the Jacobian does not have", f"its shape is {shape}")
    else:
        if np.shape(pattern) != shape:
            what = f"the pattern has the shape {np.shape(pattern)}, the Jacobian has {shape}"
            raise ArgumentError(what, "give it one row per element of the result, one column per element of the argument")
        rows, columns = pattern.nonzero() if hasattr(pattern, "tocoo") else np.nonzero(np.asarray(pattern))
    places = np.unique(np.asarray(rows, int) * shape[1] + np.asarray(columns, int))
    return places // max(shape[1], 1), places % max(shape[1], 1)


def _agrees(matrix: Any, products: Products, along: str) -> bool:
    """Whether products with the matrix are those of the sweeps, along random numbers."""
    rng = np.random.default_rng(12345)
    matrix, product = (matrix, products.along) if along == "columns" else (matrix.T, products.back)
    vector = rng.uniform(1.0, 2.0, matrix.shape[1])
    expected, size = product(vector), abs(matrix) @ vector
    loose = max(_LOOSE, 1e3 * float(np.finfo(products.dtype).eps))
    with np.errstate(invalid="ignore"):
        right = np.abs(matrix @ vector - expected) <= loose * np.maximum(size, np.max(size, initial=0.0) * loose)
    return bool(np.all(right | ~np.isfinite(expected)))


def _dense(sparse: Any, products: Products) -> Any:
    """The matrix column by column: no pattern could be trusted."""
    product, count = (products.along, products.shape[1]) if products.forward is not None else (products.back, products.shape[0])
    lines = np.array([product(unit) for unit in np.eye(count)]).reshape(count, -1)
    return sparse.csr_array(lines.T if products.forward is not None else lines)
