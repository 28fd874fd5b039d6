"""Random statements that write: into arrays, through views and aliases, into lists and dicts, by functions that change their argument.

Each function writes one statement, or a few that belong together, into a `Statements`; `write` chooses.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.property.expressions import Kind

if TYPE_CHECKING:
    from tests.property.statements import Statements

SIGNS = ("=", "=", "=", "+=", "+=", "-=", "*=", "*=", "/=")
CALMED = ("np.sin({})", "0.5 * np.cos({})", "np.tanh({})")


def write(w: Statements) -> bool | None:
    """One random write, or a new array, view or alias to write into."""
    options: list[tuple[int, Callable[[Statements], object]]] = [
        (6, _element), (5, _slice), (4, _whole), (2, _mask), (2, _indices), (3, _function), (3, _overlap), (4, _view), (3, _alias), (2, _buffer),
        (3, _matrix), (2, _list), (2, _dict), (2, _rows), (2, _call), (1, _chosen),
    ]  # fmt: skip
    if w.indent < 4 and w.budget >= -2:
        options += [(3, _fill_by_loop), (2, _sweep), (2, _each_row), (1, _growing)]
    return w.choose.weighted(options)(w) is not False


# ---- helpers ---------------------------------------------------------------------------------------------------------
def _vector(w: Statements, least: int = 1, *, named: bool = False) -> tuple[str, int] | None:
    """The name and length of some vector; `named`: one that this function may assign."""
    found = [(n, k[1]) for n, k in w.scope.items() if isinstance(k, tuple) and k[0] == "vec" and k[1] >= least and not (named and n in w.frozen)]
    if not found:
        _buffer(w)
        return None
    w.mark("write into an array")
    return w.choose.one(found[-4:] if w.choose.chance(50) else found)


def _right(w: Statements, sign: str, value: str) -> str:
    return f"{sign} 1.4 + ({value}) ** 2" if sign == "/=" else f"{sign} {value}"


def _calm(w: Statements, size: int) -> str:
    return w.choose.one(CALMED).format(w.vector(size, 1))


def _touched(w: Statements, name: str) -> None:
    """The name depends on what the last line says as well."""
    before = w.taint.get(name, frozenset())
    w.bind(name, w.scope[name])
    w.taint[name] |= before


# ---- arrays ----------------------------------------------------------------------------------------------------------
def _element(w: Statements) -> None:
    """`v[i] op= float`"""
    found = _vector(w)
    if found:
        w.emit(f"{w.subscript(*found)} {_right(w, w.choose.one(SIGNS), w.bounded(1))}")
        _touched(w, found[0])


def _slice(w: Statements) -> None:
    """`v[a:b] op= vector` or a float."""
    found = _vector(w, 2)
    if found:
        name, have = found
        size = w.choose.between(1, have)
        start = w.choose.between(0, have - size)
        part = w.choose.one((f"{start}:{start + size}", f"{start}:{start - have + size or ''}", f"{start + size - 1}:{start - 1 if start else ''}:-1"))
        value = w.bounded(1) if w.choose.chance(30) else _calm(w, size)
        w.mark("write into a slice")
        w.emit(f"{name}[{part}] {_right(w, w.choose.one(SIGNS), value)}")
        _touched(w, name)


def _whole(w: Statements) -> None:
    """`v op= vector` on a name, or into all of it."""
    bare = w.choose.chance(60)
    found = _vector(w, named=bare)
    if found:
        name, size = found
        value = w.bounded(1) if w.choose.chance(30) else _calm(w, size)
        sign = w.choose.one(SIGNS)
        target = name if bare and sign != "=" else f"{name}[{w.choose.one((':', '...'))}]"
        w.mark("augmented assignment to an array" if target == name else "write into all of an array")
        w.emit(f"{target} {_right(w, sign, value)}")
        _touched(w, name)


def _mask(w: Statements) -> None:
    """`v[v > c] op= float`, or the values of another where its mask holds."""
    found = _vector(w, 2)
    if found:
        name, size = found
        other = w.choose.one(w.names("vec", size))
        w.mark("write by a mask")
        mask = f"{other} {w.choose.one('<>')} {w.literal()}"
        form = w.choose.one(("{n}[{m}] {r}", "{n}[{m}] = {o}[{m}]", "np.copyto({n}, {o}, where={m})", "np.putmask({n}, {m}, {e})"))
        w.emit(form.format(n=name, m=mask, o=w.choose.one(w.names("vec", size)), r=_right(w, w.choose.one(SIGNS), w.bounded(1)), e=w.leaf()))
        _touched(w, name)


def _indices(w: Statements) -> None:
    """`v[[i, j, i]] op= vector`, `np.add.at`."""
    found = _vector(w, 2)
    if found:
        name, have = found
        size = w.choose.between(2, 3)
        picks = ", ".join(str(w.choose.between(-have, have - 1)) for _ in range(size))
        w.mark("write by an index array")
        form = w.choose.one(("{n}[[{p}]] {s} {v}", "{n}[np.array([{p}])] {s} {v}", "np.add.at({n}, [{p}], {v})", "np.subtract.at({n}, np.array([{p}]), {v})"))
        w.emit(form.format(n=name, p=picks, s=w.choose.one(("=", "+=", "*=")), v=_calm(w, size)))
        _touched(w, name)


def _function(w: Statements) -> None:
    """NumPy functions that write."""
    found = _vector(w)
    if found:
        name, size = found
        one, two = w.vector(size, 0), w.vector(size, 0)
        w.mark("function that writes")
        form = w.choose.one(("np.sin({a}, out={n})", "np.multiply({a}, {b}, out={n})", "np.add({n}, 0.3 * {a}, out={n})", "np.maximum({a}, {b}, out={n})",
                             "np.copyto({n}, {a})", "{n}.fill({e})", "{n}.sort()", "np.tanh({a}, out={n}, where={b} > 0.3)", "np.put({n}, [0], {e})",
                             "{n}[...] = {a}"))  # fmt: skip
        w.emit(form.format(n=name, a=one, b=two, e=w.leaf()))
        _touched(w, name)


def _overlap(w: Statements) -> None:
    """Both sides are parts of one array."""
    found = _vector(w, 3)
    if found:
        name, _ = found
        w.mark("overlapping write")
        form = w.choose.one(("{n}[1:] = {n}[:-1]", "{n}[:-1] = {n}[1:]", "{n}[1:] += 0.5 * {n}[:-1]", "{n}[:-1] *= {n}[1:]", "{n}[:] = {n}[::-1]",
                             "{n}[1:] -= {n}[:-1]", "{n}[1:-1] = {n}[2:] * {n}[:-2]", "{n} += {n}[::-1]" if name not in w.frozen else "{n}[0] *= {n}[-1]",
                             "{n}[0], {n}[-1] = {n}[-1], {n}[0]", "{n}[::2] *= {e}"))  # fmt: skip
        w.emit(form.format(n=name, e=w.leaf()))
        _touched(w, name)


def _matrix(w: Statements) -> None:
    """Writes into a matrix: elements, rows, columns, blocks."""
    mats = w.names("mat")
    if not mats:
        w.assign_matrix()
        return
    name = w.choose.one(mats)
    _, rows, columns = w.scope[name]
    i, j = w.choose.between(-rows, rows - 1), w.choose.between(0, columns - 1)
    w.mark("write into a matrix")
    sign = w.choose.one(SIGNS)
    form = w.choose.one((f"{name}[{i}, {j}] {_right(w, sign, w.bounded(1))}", f"{name}[{i}] {_right(w, sign, _calm(w, columns))}",
                         f"{name}[:, {j}] {_right(w, sign, _calm(w, rows))}", f"{name}[1:, :-1] {_right(w, sign, w.bounded(1))}",
                         f"{name}[{i}][{j}] {_right(w, sign, w.bounded(1))}", f"{name}[:, 0] = {name}[:, -1]", f"np.fill_diagonal({name}, {w.leaf()})",
                         f"{name}.T[{j}] {_right(w, sign, w.bounded(1))}", f"{name}[:] {_right(w, sign, f'np.tanh({w.matrix(rows, columns, 0)})')}",
                         f"{name}[1:] += {name}[:-1]", f"{name}.ravel()[{j}] {_right(w, sign, w.bounded(1))}"))  # fmt: skip
    w.emit(form)
    _touched(w, name)


# ---- names for one storage -------------------------------------------------------------------------------------------
def _fresh_or_same(w: Statements, kind: Kind) -> str:
    return w.target(kind) if w.choose.chance(40) else w.temp("n")


def _view(w: Statements) -> None:
    """A name for part of an array, or for the array in another shape."""
    mats = w.names("mat")
    w.mark("view with a name")
    if mats and w.choose.chance(40):
        base = w.choose.one(mats)
        _, rows, columns = w.scope[base]
        kind, form = w.choose.one(((("vec", columns), f"[{w.choose.between(-rows, rows - 1)}]"), (("vec", rows), f"[:, {w.choose.between(0, columns - 1)}]"),
                                   (("mat", columns, rows), ".T"), (("vec", rows * columns), ".ravel()"), (("vec", rows * columns), ".reshape(-1)"),
                                   (("mat", columns, rows), f".reshape({columns}, {rows})"), (("mat", rows - 1, columns), "[1:]")))  # fmt: skip
    else:
        found = _vector(w, 2)
        if not found:
            return
        base, have = found
        size = w.choose.between(1, have)
        start = w.choose.between(0, have - size)
        kind, form = w.choose.one(((("vec", size), f"[{start}:{start + size}]"), (("vec", size), f"[{start}:{start + size}]"), (("vec", have), "[::-1]"),
                                   (("vec", (have + 1) // 2), "[::2]"), (("vec", have), "[:]"), (("mat", 1, have), ".reshape(1, -1)"),
                                   (("mat", have, 1), "[:, None]"), (("vec", have), ".reshape(-1)"), (("vec", have), ".ravel()")))  # fmt: skip
    name = _fresh_or_same(w, kind)
    w.emit(f"{name} = {base}{form}")
    w.bind(name, kind)


def _alias(w: Statements) -> None:
    """A second name for an array."""
    arrays = [n for n, k in w.scope.items() if isinstance(k, tuple) and k[0] in {"vec", "mat", "list"}]
    if not arrays:
        return _buffer(w)
    w.mark("second name")
    base = w.choose.one(arrays)
    kind = w.scope[base]
    form = "np.asarray({})" if kind[0] == "vec" and w.choose.chance(15) else "{}"
    name = _fresh_or_same(w, kind)
    w.emit(f"{name} = {form.format(base)}")
    w.bind(name, kind)
    return None


def _chosen(w: Statements) -> None:
    """A second name for one of two arrays."""
    found = _vector(w)
    if found:
        name = w.temp("n")
        other = w.choose.one(w.names("vec", found[1]))
        w.mark("second name by a condition")
        w.emit(f"{name} = {found[0]} if {w.condition(0)} else {other}")
        w.bind(name, ("vec", found[1]))


def _buffer(w: Statements) -> None:
    """A new array to write into."""
    size, name = w.choose.between(2, 4), w.temp("n")
    same = w.names("vec", size)
    kind: Kind = ("vec", size)
    forms = [f"np.zeros({size})", f"np.ones({size})", f"np.full({size}, {w.leaf()})"]
    if same:
        forms += [f"np.zeros_like({same[-1]})", f"{same[-1]}.copy()", f"np.array({same[-1]})", f"{same[-1]}[:].copy()"]
    form = w.choose.one(forms)
    if w.choose.chance(20):
        kind, form = ("mat", 2, size), f"np.zeros((2, {size}))"
    w.mark("array to write into")
    w.emit(f"{name} = {form}")
    w.bind(name, kind)


# ---- loops -----------------------------------------------------------------------------------------------------------
def _fill_by_loop(w: Statements) -> None:
    """A loop over the places of an array."""
    found = _vector(w, 2)
    if not found:
        return
    name, size = found
    i = w.temp("i")
    w.mark("loop that writes")
    start = w.choose.between(0, 1)
    w.emit(f"for {i} in {w.choose.one((f'range({start}, {size})', f'range({size - 1}, {start - 1}, -1)', f'range({start}, len({name}))'))}:")
    others = w.names("vec", size)
    e, o = w.bounded(1), w.choose.one(others)
    body = w.choose.one(("{n}[{i}] = {e} * {o}[{i}]", "{n}[{i}] += {e}", "{n}[{i}] = 0.5 * {n}[{i} - 1] + {e}", "{n}[{i}] *= math.cos({n}[{i} - 1])",
                         "{n}[{i}] = {n}[{i} - 1] * {n}[{i}] + 0.3 * {o}[-1 - {i}]", "{n}[{i}:] *= 0.8 * {o}[{i}]", "{n}[:{i}] += 0.2 * {o}[{i}]"))  # fmt: skip
    w.emit("    " + body.format(n=name, i=i, e=e, o=o))
    _touched(w, name)


def _sweep(w: Statements) -> None:
    """A time loop over whole arrays, with or without a swap of the two."""
    found = _vector(w, 3, named=True)
    if not found:
        return
    name, size = found
    others = [n for n in w.names("vec", size) if n not in w.frozen]
    other = w.choose.one(others)
    w.mark("time loop")
    w.emit(f"for {w.temp('i')} in range({w.choose.between(1, 3)}):")
    form = w.choose.one(("{o}[1:-1] = 0.4 * ({n}[:-2] + {n}[1:-1] + {n}[2:])", "{o}[1:-1] = {n}[:-2] * {n}[2:]", "{n} *= np.cos({o})", "{n} += 0.3 * np.sin({o})",
                         "{o}[1:] = {o}[:-1] * {n}[1:]", "{n}[:] = np.tanh({n} + {o})"))  # fmt: skip
    w.emit("    " + form.format(n=name, o=other))
    if w.choose.chance(50) and other != name:
        w.mark("swap of arrays in a loop")
        w.emit(f"    {name}, {other} = {other}, {name}")
    taint = w.taint.get(name, frozenset()) | w.taint.get(other, frozenset())
    for one in (name, other):
        _touched(w, one)
        w.taint[one] = taint


def _each_row(w: Statements) -> None:
    """Rows that the loop writes into."""
    mats, rows = w.names("mat"), w.names("rows")
    if not mats and not rows:
        w.assign_matrix()
        return
    name, row = w.choose.one([*mats, *rows]), w.temp("row")
    w.mark("loop that writes into rows")
    w.emit(f"for {row} in {name}:")
    form = w.choose.one(("{r} *= {e}", "{r}[0] = {e}", "{r}[-1] += {e} * {r}[0]", "np.sin({r}, out={r})", "{r}[:] = {e}"))
    w.emit("    " + form.format(r=row, e=w.bounded(1)))
    _touched(w, name)


# ---- containers ------------------------------------------------------------------------------------------------------
def _list(w: Statements) -> None:
    """An item of a list of floats, or its end."""
    lists = [n for n in w.names("list") if w.scope[n][1]]
    if not lists:
        w.container()
        return
    name = w.choose.one(lists)
    size = w.scope[name][1]
    w.mark("write into a list")
    w.emit(f"{w.subscript(name, size)} {_right(w, w.choose.one(SIGNS), w.bounded(1))}")
    _touched(w, name)


def _growing(w: Statements) -> None:
    """A list that a loop appends to, and what is taken from it again."""
    name, i, trips, more = w.temp("c"), w.temp("i"), w.choose.between(1, 3), w.choose.between(0, 2)
    w.mark("list that grows")
    w.emit(f"{name} = {w.choose.one(('[]', f'[{w.leaf()}]', 'list()'))}")
    start = 0 if w.lines[-1].endswith(("[]", "()")) else 1
    w.bind(name, ("list", start))
    w.emit(f"for {i} in range({trips}):")
    w.scope[i] = "index"
    w.emit(f"    {name}.append({w.bounded(1)})")
    del w.scope[i]
    if more == 1:
        w.emit(f"{name}[-1] = {name}[-1] * {w.bounded(1)}")
    if more == 2:
        w.emit(f"{w.temp('n')} = {name}.pop()")
    w.bind(name, ("list", start + trips - (more == 2)))
    w.taint[name] = frozenset(w.taint.get(name, frozenset()) | frozenset[str]().union(*w.taint.values()))


def _dict(w: Statements) -> None:
    """An item of a dict."""
    dicts = w.names("dict")
    if not dicts:
        w.container()
        return
    name = w.choose.one(dicts)
    key = w.choose.one(w.scope[name][1])
    w.mark("write into a dict")
    w.emit(w.choose.one((f'{name}["{key}"] {_right(w, w.choose.one(SIGNS), w.bounded(1))}', f"{name}.update({key}={w.bounded(1)})")))
    _touched(w, name)


def _rows(w: Statements) -> None:
    """A list of arrays, or a write into one of its arrays."""
    known = w.names("rows")
    w.mark("list of arrays")
    if not known:
        size, name = w.choose.between(2, 4), w.temp("c")
        forms = [w.choose.one((v, f"{v}.copy()", f"np.zeros({size})")) for v in (w.names("vec", size) or [f"np.ones({size})"])[-2:]]
        w.emit(f"{name} = [{', '.join([*forms, w.vector(size, 1)])}]")
        w.bind(name, ("rows", len(forms) + 1, size))
        return
    name = w.choose.one(known)
    _, count, size = w.scope[name]
    item = f"{name}[{w.choose.between(-count, count - 1)}]"
    form = w.choose.one(("{t}[{j}] {r}", "{t} {s} {v}", "{t} = {v}", "{t}[:] = {v}", "{m} = {t}"))
    new = w.temp("n")
    w.emit(form.format(t=item, j=w.choose.between(-size, size - 1), r=_right(w, w.choose.one(SIGNS), w.bounded(1)), s=w.choose.one(("+=", "*=")),
                       v=_calm(w, size), m=new))  # fmt: skip
    if w.lines[-1].strip().startswith(new):
        w.bind(new, ("vec", size))
    else:
        _touched(w, name)


# ---- functions that change their argument ----------------------------------------------------------------------------
def _call(w: Statements) -> None:
    """A call, for what it does to its argument."""
    if not w.changers:
        _element(w)
        return
    found = _vector(w, 3)
    if found:
        name, size = found
        w.mark("call that changes its argument")
        given = w.choose.one((name, name, f"{name}[1:]", f"{name}[::-1]")) if size > 3 else name
        function, gives = w.choose.one(w.changers)
        call = f"{function}({given}, {w.choose.one(w.names('vec'))}, {w.leaf()})"
        if gives == "float":
            new = w.temp("n")
            w.emit(f"{new} = {call}")
            w.bind(new, "float")
        else:
            w.emit(call)
        _touched(w, name)


def helper(w: Statements) -> None:
    """A function of two arrays and a float that changes the first, and gives a float or nothing."""
    name = w.temp("change")
    gives = w.choose.one(("float", "nothing"))
    forms = ("v[0] = s * v[1]", "v *= 0.5 + s * s", "v[1:] += v[:-1]", "v[-1] -= u[0] * s", "v[:] = np.sin(v + s)", "v[1] = math.cos(u[-1])", "np.tanh(v, out=v)",
             "for i in range(1, len(v)):\n        v[i] = v[i] * v[i - 1] + s", "if s > 0.5:\n        v[0] *= 2.0")  # fmt: skip
    w.lines.append(f"def {name}(v, u, s):")
    for _ in range(w.choose.between(1, 3)):
        w.lines.append("    " + w.choose.one(forms))
    if gives == "float":
        w.lines.append(f"    return {w.choose.one(('np.sum(v)', 'v[0] * u[0]', 's * v[-1]'))}")
    w.lines.append("")
    w.changers.append((name, gives))

