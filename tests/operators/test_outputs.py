"""`outputs`: what a function leaves in its arguments counts as its result, in every operator."""
from __future__ import annotations

import pickle
from dataclasses import dataclass, field

import numpy as np
import pytest

import srcad

U, V = np.array([0.3, -1.2, 0.7, 1.9, -0.4]), np.array([1.1, 0.2, -0.6, 0.9, 1.3])
X = U + 1


def diffuse(u, k):
    """Returns nothing."""
    u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]


def diffused(u, k):
    u = u.copy()
    diffuse(u, k)
    return u


def filled(x, out):
    for i in range(len(x)):
        out[i] = x[i] ** 2


def both(x, a):
    a[:] = x * a
    return np.sum(a**2)


def advance(state, dt):
    state["u"][:] = state["u"] + dt * state["v"]
    state["v"] = state["v"] * np.exp(-state["u"])
    state["energy"] = np.sum(state["v"] ** 2)


@dataclass
class Body:
    at: np.ndarray
    speed: np.ndarray
    trail: list = field(default_factory=list)

    def move(self, dt):
        self.at += dt * self.speed**2


class Solver:
    """An ordinary class; what else it holds does not matter."""

    def __init__(self, u):
        self.u = u
        self.log = print
        self.rng = np.random.default_rng(0)

    def step(self, dt):
        self.u[1:] += dt * self.u[:-1] ** 2


def unchanged(*arrays):
    return [a.tobytes() for a in arrays]


@pytest.mark.parametrize("operator", [srcad.jacobian, srcad.jacfwd, srcad.jacrev])
@pytest.mark.parametrize("argnums", [0, 1, (0, 1)])
def test_jacobians(operator, argnums):
    before = unchanged(U)
    found, expected = operator(diffuse, argnums, outputs="u")(U, 0.1), operator(diffused, argnums)(U, 0.1)
    for a, b in zip(found if isinstance(found, tuple) else (found,), expected if isinstance(expected, tuple) else (expected,), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)
    assert before == unchanged(U)


def test_vjp_jvp_linearize():
    out, pullback = srcad.vjp(diffuse, U, 0.1, outputs="u")
    expected, expected_back = srcad.vjp(diffused, U, 0.1)
    assert out.tobytes() == expected.tobytes()
    for _ in range(2):
        np.testing.assert_allclose(pullback(V)[0], expected_back(V)[0], rtol=1e-14)
    out[:] = 0.0
    np.testing.assert_allclose(pullback(V)[0], expected_back(V)[0], rtol=1e-14)
    out, tangent = srcad.jvp(diffuse, (U, 0.1), (V, 1.0), outputs="u")
    np.testing.assert_allclose(tangent, srcad.jvp(diffused, (U, 0.1), (V, 1.0))[1], rtol=1e-14)
    assert out.tobytes() == expected.tobytes()
    value, push = srcad.linearize(diffuse, U, 0.1, outputs="u")
    assert value.tobytes() == expected.tobytes()
    np.testing.assert_allclose(push(V, 1.0), tangent, rtol=1e-14)
    out, tangent = srcad.jvp(diffuse, (U, 0.1), (None, None), outputs="u")
    assert out.tobytes() == expected.tobytes()
    assert not tangent.any()


def test_an_argument_that_is_only_written():
    _, pullback = srcad.vjp(filled, U, np.zeros(5), outputs="out")
    np.testing.assert_allclose(pullback(V)[0], 2 * U * V)
    assert not pullback(V)[1].any()


@pytest.mark.parametrize(("outputs", "expected"), [
    ("a", lambda x, a: x * a), ("return", lambda x, a: np.sum((x * a) ** 2)),
    (("a", "return"), lambda x, a: (x * a, np.sum((x * a) ** 2))), (("return", "a"), lambda x, a: (np.sum((x * a) ** 2), x * a)),
])  # fmt: skip
def test_functions_that_return_and_write(outputs, expected):
    assert srcad.check_grads(both, U, V, outputs=outputs, order=2).ok
    found, _ = srcad.vjp(both, U, V, outputs=outputs)
    wanted = expected(U, V)
    for a, b in zip(found, wanted, strict=True) if isinstance(outputs, tuple) else [(found, wanted)]:
        np.testing.assert_allclose(a, b, rtol=1e-15)


def test_gradients_of_outputs():
    np.testing.assert_allclose(srcad.grad(both, outputs="return")(U, V), srcad.grad(both)(U, V), rtol=1e-14)
    value, gradient = srcad.value_and_grad(advance, "state['v']", outputs="state['energy']")({"u": U, "v": V, "energy": 0.0}, 0.1)
    np.testing.assert_allclose(value, np.sum((V * np.exp(-U - 0.1 * V)) ** 2))
    np.testing.assert_allclose(gradient, 2 * (V * np.exp(-U - 0.1 * V)) * np.exp(-U - 0.1 * V) * (1 - 0.1 * V))
    gradient, array = srcad.grad(both, has_aux=True, outputs=("return", "a"))(U, V)
    np.testing.assert_allclose(gradient, 2 * U * V**2)
    np.testing.assert_allclose(array, U * V)
    product = srcad.hvp(both, (U, V), (V, None), outputs="return")
    np.testing.assert_allclose(product, srcad.hessian(both, outputs="return")(U, V) @ V, rtol=1e-13)
    np.testing.assert_allclose(product, 2 * V**3, rtol=1e-13)


def test_an_array_is_no_result_for_grad():
    with pytest.raises(srcad.ArgumentError, match=r"outputs of 'both' are an array(.|\n)*jacobian(.|\n)*vjp"):
        srcad.grad(both, outputs="a")(U, V)


def test_dicts_dataclasses_and_objects():
    state = {"u": U.copy(), "v": V.copy(), "energy": 0.0}
    assert srcad.check_grads(advance, state, 0.1, outputs="state", order=2).ok
    np.testing.assert_array_equal(state["u"], U)
    assert srcad.check_grads(advance, state, 0.1, outputs=("state['u']", "state['energy']")).ok
    body = Body(U.copy(), V.copy())
    out, pullback = srcad.vjp(body.move, 0.1, outputs="self.at")
    np.testing.assert_allclose(out, U + 0.1 * V**2)
    np.testing.assert_allclose(pullback(np.ones(5))[0], np.sum(V**2))
    np.testing.assert_array_equal(body.at, U)
    solver = Solver(U.copy())
    found = srcad.jacobian(Solver.step, "self.u", outputs="self.u")(solver, 0.3)
    np.testing.assert_allclose(found, np.eye(5) + np.diag(0.6 * U[:-1], -1))
    np.testing.assert_array_equal(solver.u, U)


def test_one_object_in_two_places_is_refused():
    def raised(d):
        d["a"][0] = d["b"][0] * 2.0

    shared = [1.0, 2.0]
    with pytest.raises(srcad.UnsupportedSyntax, match="twice"):
        srcad.vjp(raised, {"a": shared, "b": shared}, outputs="d")
    out, _ = srcad.vjp(raised, {"a": [1.0, 2.0], "b": [1.0, 2.0]}, outputs="d")
    assert out == {"a": [2.0, 2.0], "b": [1.0, 2.0]}


def test_arrays_of_a_dataclass_that_is_changed():
    def f(body, x):
        body.at[1:] = x[1:] * 2
        body.trail.append(1)
        return np.sum(body.at * x) + np.sum(body.speed)

    body = Body(U.copy(), V.copy())
    value, (body_bar, x_bar) = srcad.value_and_grad(f, (0, 1))(body, X)
    assert value == f(Body(U.copy(), V.copy()), X)
    np.testing.assert_allclose(body_bar.at, [X[0], 0, 0, 0, 0])
    np.testing.assert_allclose(x_bar, [U[0], *(4 * X[1:])])
    np.testing.assert_array_equal(body.at, U)


def nested(u):
    out, pullback = srcad.vjp(diffuse, u, 0.1, outputs="u")
    return np.sum(pullback(out)[0] ** 2)


def nested_forward(u):
    return np.sum(srcad.jvp(diffuse, (u, 0.1), (u, None), outputs="u")[1] ** 3)


def nested_matrix(u):
    return np.sum(srcad.jacobian(diffuse, outputs="u")(u, 0.3) ** 2)


def nested_parts(u):
    state = {"u": u, "v": u * 2, "energy": 0.0}
    return np.sum(srcad.grad(advance, "state['u']", outputs="state['energy']")(state, 0.3) ** 2)


@pytest.mark.parametrize("f", [nested, nested_forward, nested_matrix, nested_parts])
def test_inside_differentiated_code(f):
    before = unchanged(U)
    assert srcad.check_grads(f, U).ok
    assert before == unchanged(U)


def test_source_names_the_outputs_and_pickles():
    derivative = srcad.jacobian(diffuse, outputs="u")
    assert "Result: u, as the function leaves it" in derivative.source(U, 0.1)
    again = pickle.loads(pickle.dumps(derivative))
    np.testing.assert_array_equal(again(U, 0.1), derivative(U, 0.1))
    gradient = srcad.grad(both, outputs="return")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(gradient))(U, V), gradient(U, V))


@pytest.mark.parametrize(("outputs", "message"), [
    ("w", "no parameter 'w'"), ("k", "cannot change"), ((), "outputs is"), (("u", "u"), "twice"), ("u.v", "does not exist"), ("1u", "does not name"),
])  # fmt: skip
def test_wrong_outputs(outputs, message):
    with pytest.raises(srcad.ArgumentError, match=message):
        srcad.vjp(diffuse, U, 0.1, outputs=outputs)


def test_outputs_of_a_derivative_are_refused():
    with pytest.raises(srcad.ArgumentError, match="outputs of a derivative"):
        srcad.grad(srcad.grad(both), outputs="a")
