"""Programs that take derivatives inside, as authors of other programs write them: meta-learning, minimisers, implicit layers, mechanics.

Each is a function of one number or array, with the point at which it is tried.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np

import srcad

PROGRAMS = []


def program(x0, *, order=2, forward=True):
    """Put a function into the list, with the point at which it is tried.

    `order`: up to which the derivatives are those of the function (a gradient that is stopped is none); `forward`: whether forward mode goes through it.
    """

    def put(f):
        PROGRAMS.append((f, x0, order, forward))
        return f

    return put


W = np.array([[0.3, -0.2], [0.5, 0.1]])
XS = np.array([[0.1, 0.4], [-0.3, 0.2], [0.7, -0.5]])
YS = np.array([0.3, -0.2, 0.6])


def model(p, x):
    return np.tanh(x @ p["W"] + p["b"]) @ p["v"]


def loss(p, x, y):
    return np.mean((model(p, x) - y) ** 2)


@program(np.array([0.3, -0.2, 0.5, 0.1, 0.05, -0.1, 0.7, 0.4]))
def maml_dict(w):
    p = {"W": w[:4].reshape(2, 2), "b": w[4:6], "v": w[6:]}
    g = srcad.grad(loss)(p, XS[:2], YS[:2])
    q = {k: p[k] - 0.1 * g[k] for k in p}
    return loss(q, XS[2:], YS[2:])


@program(np.array([0.3, -0.2, 0.5, 0.1, 0.05, -0.1, 0.7, 0.4]))
def maml_steps(w):
    p = {"W": w[:4].reshape(2, 2), "b": w[4:6], "v": w[6:]}
    for step in range(3):
        val, g = srcad.value_and_grad(loss)(p, XS, YS)
        p = {k: v - 0.1 * g[k] for k, v in p.items()}
    return loss(p, XS, YS)


@program(1.3)
def minimiser_while(a):
    f = lambda x: (x * x - a) ** 2 + 0.1 * a * x
    df = srcad.grad(f)
    x = 1.0
    it = 0
    while abs(df(x)) > 1e-10 and it < 500:
        x = x - 0.05 * df(x)
        it += 1
    return x


@program(1.3, order=3)
def newton_inner(a):
    def f(x):
        return math.exp(x) - a * x * x + a

    x = -0.5
    for _ in range(8):
        x = x - f(x) / srcad.grad(f)(x)
    return x * x


@program(0.7)
def perturb1(x):
    return x * srcad.grad(lambda y: x + y)(1.0)


@program(0.7, order=3)
def perturb2(x):
    return srcad.grad(lambda y: x * srcad.grad(lambda z: x * y * z)(y))(x)


@program(0.7)
def perturb_jvp(x):
    return srcad.jvp(lambda y: x * srcad.jvp(lambda z: y * z * x, (y,), (1.0,))[1], (2.0,), (1.0,))[1]


@program(0.7, order=3)
def curried(x):
    def g(y):
        def h(z):
            return x * y**2 * z**3

        return srcad.grad(h)(y)

    return srcad.grad(g)(x)


@program(np.array([0.5, 0.3, -0.2]), order=3)
def hess_trace(x):
    f = lambda u: np.sum(np.sin(u) * u[::-1] ** 2)
    return np.trace(srcad.hessian(f)(x))


@program(np.array([0.5, 0.3, -0.2]))
def natural_step(x):
    f = lambda u: np.sum(np.cosh(u)) + 0.5 * np.dot(u, u) + u[0] * u[1]
    H = srcad.hessian(f)(x)
    g = srcad.grad(f)(x)
    return np.dot(g, np.linalg.solve(H, g))


@program(np.array([0.5, 0.3, -0.2]))
def hamilton(q0):
    def H(q, p):
        return 0.5 * np.dot(p, p) + np.sum(q**4) / 4 + q[0] * q[1]

    q, p = q0, np.array([0.1, 0.2, 0.3])
    dq, dp = srcad.grad(H, argnums=0), srcad.grad(H, argnums=1)
    for _ in range(5):
        p = p - 0.05 * dq(q, p)
        q = q + 0.1 * dp(q, p)
        p = p - 0.05 * dq(q, p)
    return H(q, p) + np.sum(q * p)


@program(np.array([0.5, 0.3, -0.2]))
def lagrangian(q):
    def L(q, v):
        return 0.5 * np.sum(v**2 * (1 + q**2)) - np.sum(np.cos(q))

    v = np.array([1.0, 0.5, -0.3])
    dLdv = srcad.grad(L, argnums=1)
    M = srcad.jacfwd(dLdv, argnums=1)(q, v)
    C = srcad.jacfwd(dLdv, argnums=0)(q, v)
    a = np.linalg.solve(M, srcad.grad(L)(q, v) - C @ v)
    return np.sum(a**2)


@program(np.array([0.5, 0.3]))
def pinn(w):
    u = lambda t: math.tanh(w[0] * t) * w[1]
    s = 0.0
    for t in (0.1, 0.5, 0.9):
        s += (srcad.grad(srcad.grad(u))(t) + u(t)) ** 2
    return s


@program(np.array([0.5, 0.3]))
def adam(hyper):
    lr, b1 = hyper[0], hyper[1]
    f = lambda x: np.sum((x - 1.0) ** 2) + np.sum(np.cos(3 * x))
    x = np.array([0.2, 1.7])
    m = np.zeros(2)
    v = np.zeros(2)
    for t in range(1, 6):
        g = srcad.grad(f)(x)
        m = b1 * m + (1 - b1) * g
        v = 0.9 * v + 0.1 * g * g
        x = x - 0.1 * lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-3)
    return f(x)


@program(np.array([0.5, 0.3]))
def momentum_inplace(hyper):
    f = lambda x: np.sum((x - 1.0) ** 4) + np.sum(np.cos(3 * x))
    x = np.array([0.2, 1.7])
    m = np.zeros(2)
    hist = np.zeros(6)
    for t in range(6):
        m *= hyper[1]
        m += srcad.grad(f)(x)
        x -= 0.05 * hyper[0] * m
        hist[t] = f(x)
    return np.sum(hist)


@dataclasses.dataclass
class State:
    x: np.ndarray
    v: np.ndarray


@program(np.array([0.5, 0.3]))
def dataclass_grad(w):
    def energy(s):
        return np.sum(s.x**3 * w) + np.sum(s.v**2 * s.x)

    s = State(w * 2, w + 1)
    g = srcad.grad(energy)(s)
    return np.sum(g.x * g.v)


@program(np.array([0.5, 0.3]))
def linesearch(w):
    f = lambda x: np.sum((x - w) ** 2 * np.array([1.0, 10.0])) + 0.1 * np.sum(x**4)
    x = np.zeros(2)
    for _ in range(4):
        val, g = srcad.value_and_grad(f)(x)
        t = 0.5
        while f(x - t * g) > val - 0.3 * t * np.dot(g, g):
            t *= 0.5
        x = x - t * g
    return np.sum(x**2)


@program(np.array([0.5, 0.3]))
def vjp_inside(w):
    F = lambda x: np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 2])
    y, pull = srcad.vjp(F, w)
    (a,) = pull(y)
    (b,) = pull(np.ones(3))
    return np.dot(a, b)


@program(np.array([0.5, 0.3]))
def gauss_newton(w):
    def r(x):
        return np.array([x[0] ** 2 + x[1] - w[0], x[0] - x[1] ** 2 * w[1], x[0] * x[1]])

    x = np.array([0.6, 0.4])
    for _ in range(3):
        J = srcad.jacobian(r)(x)
        x = x - np.linalg.solve(J.T @ J + 0.1 * np.eye(2), J.T @ r(x))
    return np.sum(x)


@program(np.array([0.5, 0.3]))
def cg_hvp(w):
    f = lambda x: np.sum(np.exp(x * w)) + np.sum((x - 1) ** 2) + x[0] * x[1] * 0.3
    x0 = np.array([0.1, 0.2])
    b = srcad.grad(f)(x0)
    z = np.zeros(2)
    r = b - srcad.hvp(f, (x0,), (z,))
    p = r
    for _ in range(2):
        Ap = srcad.hvp(f, (x0,), (p,))
        al = np.dot(r, r) / np.dot(p, Ap)
        z = z + al * p
        rn = r - al * Ap
        p = rn + np.dot(rn, rn) / np.dot(r, r) * p
        r = rn
    return np.dot(z, b)


class Layer:
    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        return np.tanh(self.w * x)

    def energy(self, x):
        return np.sum(self(x) ** 2)


@program(np.array([0.5, 0.3]))
def method_inside(w):
    layer = Layer(w)
    return np.sum(srcad.grad(layer.energy)(w * 2) ** 2)


@program(np.array([0.5, 0.3]))
def partial_inside(w):
    def f(a, b, x):
        return np.sum(a * x**2 + b * x)

    g = srcad.grad(functools.partial(f, w[0], w[1]))
    return np.sum(g(np.array([1.0, 2.0])) ** 3)


@program(np.array([0.5, 0.3]))
def recursion_of_grads(w):
    def nth(f, n):
        for _ in range(n):
            f = srcad.grad(f)
        return f

    return nth(lambda x: math.sin(x * w[0]) * w[1], 3)(0.4)


@srcad.custom_vjp
def fixed_point(a, x0):
    x = x0
    for _ in range(60):
        x = 0.5 * np.cos(a * x)
    return x


def fp_fwd(a, x0):
    x = fixed_point(a, x0)
    return x, (a, x)


def fp_bwd(res, g):
    a, x = res
    dgdx = -0.5 * a * np.sin(a * x)
    w = g / (1 - dgdx)
    return (-0.5 * x * np.sin(a * x) * w, None)


fixed_point.defvjp(fp_fwd, fp_bwd)


@program(0.8, forward=False)
def implicit(a):
    return fixed_point(a * a, 0.3) ** 2


def newton_solve(f, x0, p):
    x = x0
    for _ in range(30):
        x = x - f(x, p) / srcad.grad(f)(x, p)
    return x


@program(0.8, order=1)
def implicit_by_hand(p):
    f = lambda x, p: x**3 + p * x - 1.0
    x = srcad.stop_gradient(newton_solve(f, 0.5, p))
    x = x - f(x, p) / srcad.stop_gradient(srcad.grad(f)(x, p))
    return x**2


@program(np.array([0.5, 0.3]))
def jvp_of_grad_dict(w):
    f = lambda p: np.sum(p["a"] ** 3 * p["b"])
    p = {"a": w, "b": w * 2}
    t = {"a": np.ones(2), "b": np.array([0.5, -1.0])}
    _, d = srcad.jvp(srcad.grad(f), (p,), (t,))
    return np.sum(d["a"]) + np.dot(d["b"], w)


@program(np.array([0.5, 0.3]))
def has_aux(w):
    def f(x):
        y = np.sin(x * w)
        return np.sum(y**2), (y, np.sum(x))

    (v, (y, s)), g = srcad.value_and_grad(f, has_aux=True)(w * 3)
    return v + np.sum(y * g) + s


@program(np.array([0.5, 0.3]))
def linearize_in(w):
    y, lin = srcad.linearize(lambda x: np.sin(x) * w, w * 2)
    return np.dot(lin(np.array([1.0, 2.0])), y)


@program(np.array([0.5, 0.3, 0.9]))
def score_matching(theta):
    logp = lambda x: -theta[0] * x**2 - theta[1] * math.cos(x) + theta[2] * x
    s = srcad.grad(logp)
    ds = srcad.grad(s)
    tot = 0.0
    for x in [0.1, -0.4, 0.8, 1.2]:
        tot = tot + 0.5 * s(x) ** 2 + ds(x)
    return tot / 4


@program(np.array([0.5, 0.3, 0.9]), order=3)
def hmc(q0):
    def U(q):
        return 0.5 * np.sum(q**2) + 0.25 * np.sum(q**4)

    gU = srcad.grad(U)
    q, p = q0.copy(), np.array([0.3, -0.1, 0.2])
    p -= 0.05 * gU(q)
    for i in range(4):
        q += 0.1 * p
        if i != 3:
            p -= 0.1 * gU(q)
    p -= 0.05 * gU(q)
    return U(q) + 0.5 * np.sum(p * p)


@program(0.9)
def by_name(x):
    def f(a, *, scale):
        return a**3 * scale

    return srcad.grad(f)(x, scale=x * 2)


@program(np.array([0.5, 0.3]))
def argnames(w):
    def f(x, y):
        return np.sum(x * y**2)

    gx, gy = srcad.grad(f, argnums=("x", "y"))(w, w * 2)
    return np.sum(gx * gy)


@srcad.grad
def dquart(x):
    return x**4 * math.sin(x)


@program(0.9)
def decorated(x):
    return dquart(x) * x


@program(np.array([1.0, 2.0, 0.5]))
def hyper_ridge(lam):
    def train(w, lam):
        return np.sum((XS @ w - YS) ** 2) + np.sum(lam[:2] * w**2)

    w = np.zeros(2)
    k = 0
    while True:
        g = srcad.grad(train)(w, lam)
        if np.linalg.norm(g) < 1e-8 or k > 200:
            break
        w = w - 0.3 * g
        k += 1
    return np.sum((XS @ w - 1.1 * YS) ** 2)


@program(np.array([1.0, 0.5]))
def list_params(w):
    def net(ps, x):
        for a, b in ps:
            x = np.tanh(a * x + b)
        return np.sum(x)

    ps = [(w[0], w[1]), (w[1], w[0]), (w[0] * w[1], 0.3)]
    g = srcad.grad(net)(ps, np.array([0.2, -0.4]))
    new = [(a - 0.1 * ga, b - 0.1 * gb) for (a, b), (ga, gb) in zip(ps, g)]
    return net(new, np.array([0.2, -0.4]))
