"""The public functions: gradients, pullbacks and directional derivatives of ordinary Python functions."""
from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from srcad import cotangents, trees
from srcad.annotated import from_annotations
from srcad.binding import Argnums, Names, Target, chosen, reduced, unpacked, with_outputs, wrapped_call
from srcad.dispatch import direct
from srcad.errors import ArgumentError, NoRule
from srcad.options import checking
from srcad.parts import Part
from srcad.pipeline import Request
from srcad.runtime.guards import fingerprint, require_unchanged
from srcad.marks import marked
from srcad.snapshots import snapshot
from srcad.store import Specialisation, Store, float_parameters, store_of, target_of
from srcad.transposed import Moves, transposed


class Derivative:
    """A function's gradient as a callable; made by `grad` and `value_and_grad`.

    `primal` is the function that was given, `cuts` the places where the derivative compiled last is cut off.
    """

    def __init__(
        self, f: Callable[..., Any], form: str, argnums: Argnums, *, has_aux: bool = False, outputs: Names | None = None,
        on_cut: str = "warn",
    ) -> None:  # fmt: skip
        if on_cut not in ("warn", "raise", "ignore"):
            raise ArgumentError(f"on_cut is {on_cut!r}", "use 'warn', 'raise' or 'ignore'")
        self.primal = f
        self._options: dict[str, Any] = {"form": form, "argnums": argnums, "has_aux": has_aux, "outputs": outputs, "on_cut": on_cut}
        self._argnums = argnums
        self._target = with_outputs(unpacked(target_of(f), argnums, outputs), outputs)
        wrt, bare = chosen(argnums, self._target)
        self._request = Request(form, wrt, bare, has_aux, self._target.of, self._target.outputs)
        self._compiled: Store | None = None
        self._function = self._target.function
        self._code = self._function.__code__
        self._plain: dict[tuple[type, ...], Callable[..., Any]] = {}  # generated functions for Python numbers, by their classes
        functools.update_wrapper(self, f, updated=())
        self.__wrapped__ = f
        self.__srcad_primal__ = f

    @property
    def _store(self) -> Store:
        if self._function.__code__ is not self._code:
            self._forget()
        if self._compiled is None:
            self._compiled = store_of(self._target, self._request, str(self._options["on_cut"]))
        return self._compiled

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The gradient (and value) at the given arguments."""
        if self._function.__code__ is not self._code:
            self._forget()
        if not kwargs:
            try:
                entry = self._plain[(*map(type, args),)]
            except KeyError:
                pass
            else:
                try:
                    return entry(*args)
                except Exception as error:
                    self._explain(error, list(args))
                    raise
        values = self._target.bind(args, kwargs)
        found = self._store.find(values, self._target.function)
        if found.unconditional and not kwargs and len(args) == len(values) and set(map(type, args)) <= {float, int}:
            self._keep_plain(tuple(map(type, args)), found.entry)
        return found.run(self._target.function, values)

    def _keep_plain(self, kinds: tuple[type, ...], entry: Callable[..., Any]) -> None:
        """Find a generated function for Python numbers faster from now on; the first one by a class of its own."""
        self._plain[kinds] = entry
        cls = direct(Derivative, kinds, entry, self._function) if type(self) is Derivative else None
        if cls is not None:
            self.__class__ = cls

    def _forget(self) -> None:
        """Begin anew: the function has got other code, as reloading its module may give it."""
        self.__class__ = Derivative
        self._compiled, self._plain, self._code = None, {}, self._function.__code__

    def _explain(self, error: Exception, args: list[Any]) -> None:
        """Note on an exception of the user's code which line of the primal it comes from."""
        self._store.find(args, self._target.function).explain(error)

    @property
    def __srcad_made__(self) -> tuple[str, tuple[Any, ...]]:
        """What it is inside a function that is differentiated."""
        outputs = self._options["outputs"]
        return self._request.form, (as_tuple(self._argnums), self._request.aux, as_tuple(outputs))

    @property
    def __srcad_target__(self) -> Target:
        """What a derivative of this derivative is taken of; with `*args`, whose items it may be asked for, a call of this one."""
        if self._target.function.__code__.co_flags & inspect.CO_VARARGS:
            return wrapped_call(self, self._target)
        return replace(self._target, of=self._request)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """As a method: argnums count after binding."""
        if instance is None:
            return self
        return Derivative(self.primal.__get__(instance, owner), **self._options)

    def __reduce__(self) -> Any:
        """Pickled by its name where a module holds it, else by the function and the options; compiled anew where it is loaded."""
        return reduced(self, (_again, (self.primal, self._options)))

    def __repr__(self) -> str:
        name = getattr(self.primal, "__qualname__", repr(self.primal))
        return f"<srcad.{self._request.form} of {name}>"

    def _specialisation(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Specialisation:
        if args or kwargs:
            return self._store.find(self._target.bind(args, kwargs), self._target.function)
        if self._store.latest is not None:
            return self._store.latest
        return self._store.find(from_annotations(self._target))

    def source(self, *args: Any, **kwargs: Any) -> str:
        """The generated source for example arguments; without any: the latest made, else from annotations (floats by default)."""
        return self._specialisation(args, kwargs).stages.emitted.text

    @property
    def argnums(self) -> Argnums:
        """What is differentiated, as it was given."""
        return self._argnums

    @property
    def outputs(self) -> Names | None:
        """What counts as the result of the primal, as it was given."""
        outputs: Names | None = self._options["outputs"]
        return outputs

    @property
    def cuts(self) -> tuple[str, ...]:
        """Places where the derivative compiled last is zero by construction, as `file:line: source (operation)`."""
        return () if self._store.latest is None else self._store.latest.cuts

    @property
    def stats(self) -> dict[str, int]:
        """How many signatures are compiled."""
        return {"specialisations": self._store.count}


def _again(f: Callable[..., Any], options: dict[str, Any]) -> Derivative:
    return Derivative(f, **options)


def as_tuple(given: Any) -> Any:
    """A list of names or numbers as a tuple; anything else as it is."""
    return tuple(given) if isinstance(given, list) else given


def _decorate(form: str, f: Callable[..., Any] | None, argnums: Argnums, options: dict[str, Any]) -> Any:
    if f is None:
        return lambda g: Derivative(g, form, argnums, **options)
    return Derivative(f, form, argnums, **options)


@marked
def grad(
    f: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, outputs: Names | None = None, on_cut: str = "warn",
) -> Any:  # fmt: skip
    """The gradient of a function that returns one real number, or an array known to hold one; also as `@grad` and `@grad(argnums=...)`.

    `argnums`: number or name of the parameter, a part of one ("params['W']", "model.layers[0].w"), or a tuple of these (then the
    gradient is a tuple).  With `has_aux` the function returns `(value, aux)` and the derivative `(gradient, aux)`.
    `outputs` names an argument, part of one, or a tuple of these, whose contents when the function ends are the result in place
    of what it returns ("return" among them stands for that); your own arrays stay as they are.
    The gradient has the structure, dtypes and shapes of the argument; leaves that are not floating-point are None.
    `on_cut`: what to do where the derivative is cut off (`int()`, `round`, ...).
    Raises ArgumentError for wrong `argnums` or `outputs`, integer arguments and results that are no real number, and other
    SrcadErrors for what cannot be followed.
    """
    return _decorate("grad", f, argnums, {"has_aux": has_aux, "outputs": outputs, "on_cut": on_cut})


@marked
def value_and_grad(
    f: Callable[..., Any] | None = None, argnums: Argnums = 0, *, has_aux: bool = False, outputs: Names | None = None,
    on_cut: str = "warn",
) -> Any:  # fmt: skip
    """Like `grad`, but the derivative returns `(value, gradient)`; with `has_aux` `((value, aux), gradient)`."""
    return _decorate("value_and_grad", f, argnums, {"has_aux": has_aux, "outputs": outputs, "on_cut": on_cut})


def stop_gradient(x: Any) -> Any:
    """The value itself; inside a differentiated function it counts as a constant."""
    return x


@marked
def vjp(
    f: Callable[..., Any], *primals: Any, argnums: Argnums | None = None, has_aux: bool = False, outputs: Names | None = None
) -> Any:  # fmt: skip
    """`(f(*primals), pullback)`: `pullback(cotangent)` gives one cotangent per primal, None for those without floats.

    The cotangent has the structure, shapes and dtypes of the result.  A pullback may be called often and from several threads.
    With `argnums` it gives the cotangents of these alone, in the form of a gradient.  `argnums` and `outputs` as in `grad`.
    With `has_aux` the function returns `(value, aux)`, and `vjp` `(value, pullback, aux)`: a cotangent is one of the value.
    Raises ShapeMismatch for a cotangent that does not fit.
    """
    return Pulled(f, primals, argnums, outputs, has_aux).run()


def apart(out: Any, name: str) -> tuple[Any, Any]:
    """The value that a function returns, and what it returns beside it.  Raises ArgumentError where that is no pair."""
    if not isinstance(out, tuple) or len(out) != 2:
        raise ArgumentError(f"has_aux=True, but '{name}' does not return a pair (value, aux)", "return a tuple of two")
    return out


class Pulled:
    """What is asked of `vjp`: `found` is compiled for the arguments as they are."""

    def __init__(
        self, f: Callable[..., Any], primals: tuple[Any, ...], argnums: Argnums | None, outputs: Names | None, has_aux: bool
    ) -> None:
        self.given = f, primals, argnums, outputs, has_aux
        chosen_by = range(len(primals)) if argnums is None else argnums
        self.target = with_outputs(unpacked(target_of(f), chosen_by, outputs), outputs)
        self.values = self.target.bind(primals, {})
        whole = tuple(map(Part, float_parameters(self.target, self.values, len(primals))))
        self.wrt, self.bare = (whole, False) if argnums is None else chosen(argnums, self.target)
        if not self.wrt:
            raise ArgumentError(f"no argument of '{self.target.function.__name__}' holds a floating-point number", "pass floats")

    @property
    def request(self) -> Request:
        """For the two halves of the derivative."""
        return Request("vjp", self.wrt, bare=False, of=self.target.of, outputs=self.target.outputs)

    def compiled(self) -> Specialisation:
        """The two halves of the derivative."""
        return store_of(self.target, self.request, "warn").find(self.values, self.target.function)

    def run(self) -> tuple[Any, ...]:
        """The value, its pullback, and what the function returns beside the value."""
        found = self.compiled()
        out, residuals = found.run(self.target.function, self.values)
        main, *aux = apart(out, self.target.function.__name__) if self.given[-1] else (out,)
        return main, Pullback(self, found, out, snapshot(residuals)), *aux

    def require_transposed(self) -> None:
        """Raise a SrcadError where the pullback could not be transposed; nothing of the function is run."""
        found = self.compiled()
        require_linear(found)
        transposed(found.stages, self.request)


class Pullback:
    """The cotangents of a function's arguments at a point, by a cotangent of its result; made by `vjp`.

    It is pickled with the function, its arguments, and what it keeps for the reverse sweep, and compiled anew where it is loaded.
    Inside a function that is differentiated it is a linear map of the cotangent.
    """

    __srcad_linear__ = True

    def __init__(self, asked: Pulled, found: Specialisation, out: Any, residuals: Any) -> None:
        split = found.stages.split
        assert split is not None
        self._asked, self._found, self._out, self._residuals = asked, found, out, residuals
        self._backward, self._result = found.functions[split.backward], split.result
        self._moves: Moves | None = None  # the transposed map, once it was asked for
        self._before = fingerprint(residuals) if checking() else None

    def __call__(self, cotangent: Any) -> Any:
        """One cotangent per argument; in the form of a gradient where `argnums` were given."""
        if self._before is not None:
            require_unchanged(self._before, self._residuals, "what a pullback keeps")
        _, primals, argnums, _, has_aux = self._asked.given
        whole = (cotangent, None) if has_aux else cotangent
        bars = self._backward(self._residuals, *cotangents.matched(whole, self._out, self._result))
        if argnums is not None:
            return bars[0] if self._asked.bare else bars
        by_number = {part.number: bar for part, bar in zip(self._asked.wrt, bars, strict=True)}
        first = len(self._asked.target.args)
        return tuple(by_number.get(n) for n in range(first, first + len(primals)))

    def require_linear(self) -> None:
        """Raise NoRule where cotangents are made by what need not be linear in those that it gets."""
        require_linear(self._found)

    def transposed(self, bars: Any) -> tuple[Any]:
        """The tangent of the result along tangents of the arguments, which have the form of what a call gives: the transposed map."""
        _, _, argnums, _, has_aux = self._asked.given
        first = len(self._asked.target.args)
        if argnums is None:
            by_number = dict(enumerate(bars, first))  # what a partial has bound does not move
            bars = tuple(by_number.get(part.number) for part in self._asked.wrt)
        elif self._asked.bare:
            bars = (bars,)
        if self._moves is None:
            self.require_linear()
            anywhere = cotangents.generic(cotangents.matched(None, self._out, self._result))
            self._moves = transposed(self._found.stages, self._asked.request).at(self._residuals, anywhere)
        whole = cotangents.tangent_of(cotangents.unmatched(self._moves(bars), self._out, self._result), self._out)
        return (whole[0] if has_aux else whole,)

    def __reduce__(self) -> Any:
        """Raises ArgumentError where the arguments are of other types now, to which what is kept would not belong."""
        if self._asked.compiled() is not self._found:
            raise ArgumentError("a pullback is pickled whose arguments have changed their types since", "pickle it before, or pass copies")
        return _pullback_again, (self._asked.given, self._found.stages.emitted.text, self._out, self._residuals)


def require_linear(found: Specialisation) -> None:
    """Raise NoRule where rules or blocks of the user's make cotangents, which need not be linear in those that they get."""
    if any(f.custom is not None and f.custom.backward for f in found.stages.specialised.program.funcs):
        what = "a pullback made outside, of a function with a rule or a cotangent_of block, gets a differentiated value"
        raise NoRule(what, "call srcad.vjp inside the function that is differentiated", code="SRC202")


def _pullback_again(given: Any, text: str, out: Any, residuals: Any) -> Pullback:
    asked = Pulled(*given)
    found = asked.compiled()
    if found.stages.emitted.text != text:
        name = asked.target.function.__name__
        raise ArgumentError(f"a pullback of '{name}' is loaded where '{name}' is another function", "load it with the code that made it")
    return Pullback(asked, found, out, residuals)


@marked
def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], *, has_aux: bool = False, outputs: Names | None = None
) -> Any:  # fmt: skip
    """`(f(*primals), tangent of the result)` along `tangents`, one per primal (None: zero), of equal structure, shape and dtype.

    Tangents that are integers count as numbers of the primal's dtype; an argument without floats takes None, or zeros.
    `outputs` as in `grad`.  With `has_aux` the function returns `(value, aux)`, and `jvp` `(value, tangent of the value, aux)`.
    Raises ShapeMismatch for a tangent that does not fit its primal, and ArgumentError for one of an argument that holds nothing to
    differentiate.
    """
    out, tangent = _pushed(f, primals, tangents, outputs)
    if not has_aux:
        return out, tangent
    main, aux = apart(out, target_of(f).function.__name__)
    return main, tangent[0], aux


def _pushed(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], outputs: Names | None) -> tuple[Any, Any]:
    """The result and its tangent."""
    require_sequences(primals, tangents)
    target = with_outputs(unpacked(target_of(f), range(len(primals)), outputs), outputs)
    found, values, directions = pushing(target, primals, tangents, "jvp")
    if found is None:
        out = f(*cotangents.copied(tuple(primals))) if target.outputs is None else _primal(target, values)
        return out, cotangents.tangent_of(None, out, objects=target.of is not None)
    out, tangent = found.run(target.function, values, *directions)
    return out, cotangents.tangent_of(tangent, out, objects=target.of is not None)


def _primal(target: Target, values: list[Any]) -> Any:
    """The value of a function whose result is what it leaves in its arguments."""
    found = store_of(target, Request("primal", (), outputs=target.outputs), "ignore").find(values, target.function)
    return found.run(target.function, values)


def _is_nonzero(tangent: Any) -> bool:
    """Whether a number or an array, or one in a container or object, is not zero; records have no zero."""
    if isinstance(tangent, np.ndarray | np.generic) and tangent.dtype.kind not in "biufcO":
        return True
    inner = trees.children(tangent, objects=True)
    if inner is not None:
        return any(map(_is_nonzero, inner))
    return isinstance(tangent, np.ndarray | np.generic | int | float | complex) and bool(np.any(tangent))


def require_sequences(primals: Sequence[Any], tangents: Sequence[Any]) -> None:
    """Raise ArgumentError for one argument, or one tangent, that stands alone."""
    if not isinstance(primals, list | tuple) or not isinstance(tangents, list | tuple):
        raise ArgumentError("primals and tangents are sequences of arguments", "write them as tuples: (x,), (x_dot,)")


def directed(target: Target, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[list[Any], tuple[int, ...], list[Any]]:
    """All arguments, the numbers of those that have a tangent, and these tangents as generated code takes them.

    Raises ArgumentError and ShapeMismatch for tangents that do not fit.
    """
    require_sequences(primals, tangents)
    if len(primals) != len(tangents):
        raise ArgumentError(f"{len(primals)} primals but {len(tangents)} tangents", "give one tangent per primal (None for zero)")
    values = target.bind(tuple(primals), {})
    first = len(target.args)
    active = float_parameters(target, values, len(primals))
    wrt = tuple(n for n in active if tangents[n - first] is not None)
    for n, t in enumerate(tangents, first):
        if n not in active and _is_nonzero(t):
            raise ArgumentError(f"argument {n - first} has a tangent, and nothing that can be differentiated", "give None as its tangent")
    for n in wrt:
        trees.require_tree(values[n])
    directions = [cotangents.tangent_for(tangents[n - first], values[n], n - first) for n in wrt]
    return values, wrt, directions


def pushing(
    target: Target, primals: Sequence[Any], tangents: Sequence[Any], form: str, stores: dict[tuple[int, ...], Store] | None = None
) -> tuple[Specialisation | None, list[Any], list[Any]]:  # fmt: skip
    """The derivative along `tangents` with its arguments and the tangents as it takes them; None if every tangent is zero.

    `stores`: those of this target and form that are known, by what is differentiated.
    Raises ArgumentError and ShapeMismatch for tangents that do not fit.
    """
    values, wrt, directions = directed(target, primals, tangents)
    if not wrt:
        return None, values, []
    store = None if stores is None else stores.get(wrt)
    if store is None:
        store = store_of(target, Request(form, tuple(map(Part, wrt)), bare=False, of=target.of, outputs=target.outputs), "warn")
        if stores is not None:
            stores[wrt] = store
    return store.find(values, target.function), values, directions
