"""Kernels of the usual scientific kind that work in place: stencils, factorisations, recurrences, particles, transforms."""
from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


def _pos(*shape, start=0.3):
    """Numbers between 0.3 and 1.4."""
    n = int(np.prod(shape))
    return (0.85 + 0.5 * np.sin(2.3 * np.arange(n) + start)).reshape(shape)


def jacobi_1d(A, B):
    for t in range(1, 5):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] + B[2:])
    return np.sum(A**2)


cases.add(jacobi_1d, _pos(7), _pos(7, start=1.0))


def swap(u, v):
    for t in range(4):
        v[1:-1] = u[1:-1] * u[:-2] + u[2:]
        v[0] = u[0]
        u, v = v, u
    return (u * u).sum()


cases.add(swap, _pos(6), _pos(6, start=1.0))


def seidel(A):
    n = A.shape[0]
    for t in range(3):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                A[i, j] = (A[i-1, j] * A[i, j-1] + A[i, j] + A[i+1, j] + A[i, j+1]) / 5.0
    return np.sum(A)


cases.add(seidel, _pos(5, 5))


def lu(A):
    N = A.shape[0]
    for i in range(N):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, N):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return np.sum(A * A)


cases.add(lu, _pos(4, 4) + 3.0 * np.eye(4))


def cholesky(A):
    A = A @ A.T + 3.0 * np.eye(A.shape[0])
    N = A.shape[0]
    A[0, 0] = np.sqrt(A[0, 0])
    for i in range(1, N):
        for j in range(i):
            A[i, j] -= np.dot(A[i, :j], A[j, :j])
            A[i, j] /= A[j, j]
        A[i, i] -= np.dot(A[i, :i], A[i, :i])
        A[i, i] = np.sqrt(A[i, i])
    return np.sum(np.tril(A))


cases.add(cholesky, _pos(4, 4))


def trisolv(L, b):
    x = np.zeros_like(b)
    for i in range(len(b)):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / (L[i, i] + 3.0)
    return np.sum(x * x)


cases.add(trisolv, _pos(4, 4), _pos(4))


def gramschmidt(A):
    Q = np.zeros_like(A)
    n = A.shape[1]
    R = np.zeros((n, n))
    for k in range(n):
        nrm = np.dot(A[:, k], A[:, k])
        R[k, k] = np.sqrt(nrm)
        Q[:, k] = A[:, k] / R[k, k]
        for j in range(k + 1, n):
            R[k, j] = np.dot(Q[:, k], A[:, j])
            A[:, j] -= Q[:, k] * R[k, j]
    return np.sum(R) + Q[0, 1]


cases.add(gramschmidt, _pos(5, 3))


def durbin(r):
    y = np.empty_like(r)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    for k in range(1, r.shape[0]):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return np.sum(y)


cases.add(durbin, 0.3 * _pos(5))


def floyd(path):
    for k in range(path.shape[0]):
        path[:] = np.minimum(path[:], path[:, k, None] + path[None, k, :])
    return np.sum(path)


cases.add(floyd, _pos(4, 4))


def fdtd(ex, ey, hz):
    for t in range(3):
        ey[0, :] = t * 0.1
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return np.sum(hz**2) + np.sum(ex * ey)


cases.add(fdtd, _pos(4, 5), _pos(4, 5, start=1.0), _pos(4, 5, start=2.0))


def spmv(vals, x):
    idx = np.array([0, 2, 1, 0, 3])
    row = np.array([0, 0, 1, 2, 3])
    y = np.zeros_like(x)
    for k in range(len(vals)):
        y[row[k]] += vals[k] * x[idx[k]]
    return np.sum(y * y)


cases.add(spmv, _pos(5), _pos(4))


def scatter(vals, x):
    idx = np.array([0, 2, 2, 0, 3])
    y = np.ones(4)
    y[idx] = vals
    y[idx] *= 2.0
    np.add.at(y, idx, vals)
    return np.sum(y * x)


cases.add(scatter, _pos(5), _pos(4))


def thomas(a, b, c, d):
    n = len(d)
    cp = np.zeros(n)
    dp = np.zeros(n)
    x = np.zeros(n)
    b = b + 4.0
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return np.sum(x * x)


cases.add(thomas, _pos(5), _pos(5, start=1.0), _pos(5, start=2.0), _pos(5, start=3.0))


def rnn(W, U, b, h0, xs):
    hs = []
    h = h0
    for x in xs:
        h = np.tanh(W @ h + U @ x + b)
        hs.append(h)
    H = np.stack(hs)
    return np.sum(H**2)


cases.add(rnn, mat(3, 3), mat(3, 2), vec(3), vec(3), mat(4, 2))


def cg(A, b):
    A = A @ A.T + 3.0 * np.eye(len(b))
    x = np.zeros_like(b)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for i in range(3):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rsnew = r @ r
        if math.sqrt(rsnew) < 1e-10:
            break
        p *= rsnew / rs
        p += r
        rs = rsnew
    return np.sum(x * x)


cases.add(cg, _pos(4, 4), _pos(4))


def nbody(pos, vel):
    mass = np.array([1.0, 2.0, 0.5])
    for step in range(3):
        acc = np.zeros_like(pos)
        for i in range(3):
            for j in range(3):
                if i != j:
                    d = pos[j] - pos[i]
                    acc[i] += mass[j] * d / (np.sum(d**2) + 0.1)**1.5
        vel += 0.01 * acc
        pos += 0.01 * vel
    return np.sum(pos**2) + np.sum(vel)


cases.add(nbody, mat(3, 2), mat(3, 2))


def conv(x, w):
    out = np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i:i + w.shape[0], j:j + w.shape[1]] * w)
    np.maximum(out, 0.0, out=out)
    return np.sum(out**2)


cases.add(conv, _pos(6, 6), mat(2, 3))


def cavity(u, v):
    p = np.zeros_like(u)
    for n in range(3):
        un = u.copy()
        vn = v.copy()
        b = np.zeros_like(u)
        b[1:-1, 1:-1] = ((u[1:-1, 2:] - u[1:-1, 0:-2]) / 2 + (v[2:, 1:-1] - v[0:-2, 1:-1]) / 2) - ((u[1:-1, 2:] - u[1:-1, 0:-2]) / 2)**2
        for q in range(2):
            pn = p.copy()
            p[1:-1, 1:-1] = (pn[1:-1, 2:] + pn[1:-1, 0:-2] + pn[2:, 1:-1] + pn[0:-2, 1:-1]) / 4 - b[1:-1, 1:-1]
            p[:, -1] = p[:, -2]
            p[0, :] = p[1, :]
        u[1:-1, 1:-1] = un[1:-1, 1:-1] - un[1:-1, 1:-1] * 0.1 * (un[1:-1, 1:-1] - un[1:-1, 0:-2]) - 0.05 * (p[1:-1, 2:] - p[1:-1, 0:-2])
        v[1:-1, 1:-1] = vn[1:-1, 1:-1] - vn[1:-1, 1:-1] * 0.1 * (vn[1:-1, 1:-1] - vn[0:-2, 1:-1]) - 0.05 * (p[2:, 1:-1] - p[0:-2, 1:-1])
        u[0, :] = 0
        u[-1, :] = 1
        v[:, 0] = 0
    return np.sum(u**2) + np.sum(v**2)


cases.add(cavity, _pos(6, 6), _pos(6, 6, start=1.0))


def fft_loops(re, im):
    n = 4
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j ^= bit
        if i < j:
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
    length = 2
    while length <= n:
        ang = -2 * math.pi / length
        for i in range(0, n, length):
            for k in range(length // 2):
                wr, wi = math.cos(ang * k), math.sin(ang * k)
                ur, ui = re[i + k], im[i + k]
                xr, xi = re[i + k + length // 2], im[i + k + length // 2]
                vr = xr * wr - xi * wi
                vi = xr * wi + xi * wr
                re[i + k] = ur + vr
                im[i + k] = ui + vi
                re[i + k + length // 2] = ur - vr
                im[i + k + length // 2] = ui - vi
        length *= 2
    return np.sum((re**2 + im**2) * np.arange(4))


cases.add(fft_loops, vec(4), vec(4))


def swap_by_alias(x, y):
    a = x
    a += y
    b = a[1:]
    b *= a[:-1]
    return np.sum(x * y) + b[0]


cases.add(swap_by_alias, vec(4), vec(4))


def helper(z, k):
    z[k] = z[k] * z[k - 1]


def calls(x):
    for k in range(1, len(x)):
        helper(x, k)
    return x.sum()


cases.add(calls, vec(5))


def dicts(x):
    p = {"w": x.copy(), "n": 0}
    for i in range(3):
        p["w"] -= 0.1 * p["w"]**2
        p["n"] += 1
    return p["w"].sum() * p["n"]


cases.add(dicts, vec(3))


def masks(x, y):
    z = x * y
    z[z < 0.0] = 0.0
    z[x > 0.5] *= 3.0
    return np.sum(z**2)


cases.add(masks, vec(5), vec(5))


def views(x):
    A = np.zeros((2, 2))
    A.ravel()[:] = x
    B = A.T
    B[0] = A[1] * 2.0
    A.reshape(4)[2] = A[0, 0]**2
    return np.sum(A * np.arange(4.).reshape(2, 2))


cases.add(views, vec(4))


def jacobi_2d(A, B):
    for _ in range(2):
        B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        A[1:-1, 1:-1] = 0.2 * (B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1])
    return np.sum(A * B)


cases.add(jacobi_2d, _pos(5, 4), _pos(5, 4, start=1.0))


def heat_3d(A, B):
    for _ in range(2):
        B[1:-1, 1:-1, 1:-1] = (
            0.125 * (A[2:, 1:-1, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[:-2, 1:-1, 1:-1])
            + 0.125 * (A[1:-1, 2:, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, :-2, 1:-1])
            + 0.125 * (A[1:-1, 1:-1, 2:] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, 1:-1, :-2])
            + A[1:-1, 1:-1, 1:-1]
        )
        A[1:-1, 1:-1, 1:-1] = B[1:-1, 1:-1, 1:-1] * B[:-2, 1:-1, 1:-1]
    return np.sum(A * A) + np.sum(B)


cases.add(heat_3d, _pos(4, 4, 4), _pos(4, 4, 4, start=1.0))


def adi(u, steps):
    n = u.shape[0]
    v, p, q = np.zeros_like(u), np.zeros_like(u), np.zeros_like(u)
    a, b, c = -0.2, 1.4, -0.2
    for _ in range(steps):
        v[0, 1:-1] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = v[0, 1:-1]
        for j in range(1, n - 1):
            p[1:-1, j] = -c / (a * p[1:-1, j - 1] + b)
            q[1:-1, j] = (0.2 * u[j, :-2] + 0.6 * u[j, 1:-1] + 0.2 * u[j, 2:] - a * q[1:-1, j - 1]) / (a * p[1:-1, j - 1] + b)
        v[-1, 1:-1] = 1.0
        for j in range(n - 2, 0, -1):
            v[j, 1:-1] = p[1:-1, j] * v[j + 1, 1:-1] + q[1:-1, j]
        u[1:-1, 0] = 1.0
        for j in range(1, n - 1):
            u[1:-1, j] = 0.5 * u[1:-1, j] + 0.5 * v[1:-1, j] * u[1:-1, j - 1]
    return np.sum(u * u)


cases.add(adi, _pos(5, 5), 2)


def spmv_csr(data, indices, indptr, x):
    y = np.zeros(len(indptr) - 1)
    for i in range(len(y)):
        for k in range(indptr[i], indptr[i + 1]):
            y[i] += data[k] * x[indices[k]]
    return np.sum(y * y)


cases.add(spmv_csr, _pos(6), np.array([0, 2, 1, 3, 0, 3]), np.array([0, 2, 3, 4, 6]), _pos(4, start=1.0))


def option_price(spot, rate, sigma):
    rng = np.random.default_rng(11)
    steps, strike, h = 4, 1.0, 0.25
    paths = np.empty((steps + 1, 8))
    paths[0] = spot
    for t in range(steps):
        z = rng.normal(size=8)
        paths[t + 1] = paths[t] * np.exp((rate - 0.5 * sigma**2) * h + sigma * math.sqrt(h) * z)
    payoff = np.maximum(paths.mean(axis=0) - strike, 0.0)
    return math.exp(-rate) * np.mean(payoff)


cases.add(option_price, 1.05, 0.03, 0.25)


def cg_to_tolerance(A, b):
    A = A @ A.T + 2.0 * np.eye(len(b))
    x, r = np.zeros_like(b), b.copy()
    p = b.copy()
    rs = r @ r
    while True:
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        new = r @ r
        if new < 1e-3:
            break
        p[:] = r + (new / rs) * p
        rs = new
    return x @ b


cases.add(cg_to_tolerance, _pos(4, 4), _pos(4))


def bitonic(x):
    n = len(x)
    k = 2
    while k <= n:
        j = k // 2
        while j > 0:
            for i in range(n):
                other = i ^ j
                if other > i and (x[i] > x[other]) == ((i & k) == 0):
                    x[i], x[other] = x[other], x[i]
            j //= 2
        k *= 2
    return np.sum(x * np.arange(n) ** 2)


cases.add(bitonic, vec(8))


def advection(c, velocity):
    for _ in range(4):
        c[0] = c[-2]
        c[-1] = c[1]
        c[1:-1] -= velocity[1:-1] * 0.3 * (c[1:-1] - c[:-2])
        np.clip(c, 0.0, 2.0, out=c)
    return np.sum(c * c)


cases.add(advection, _pos(7), _pos(7, start=2.0))


def correlation(data):
    mean = np.mean(data, axis=0)
    data -= mean
    std = np.sqrt(np.mean(data * data, axis=0))
    std[std <= 0.1] = 1.0
    data /= std * math.sqrt(len(data))
    corr = np.eye(data.shape[1])
    for i in range(data.shape[1] - 1):
        corr[i + 1 :, i] = corr[i, i + 1 :] = data[:, i] @ data[:, i + 1 :]
    return np.sum(corr**2)


cases.add(correlation, mat(5, 3))


def swapped_steps(a, b, steps):
    for _ in range(steps):
        b[1:-1] = 0.3 * (a[:-2] + a[1:-1] * a[1:-1] + a[2:])
        a, b = b, a


def steps_in_a_callee(a, b):
    swapped_steps(a, b, 3)
    return np.sum(a * a) + 2.0 * np.sum(b)


cases.add(steps_in_a_callee, _pos(6), _pos(6, start=1.0))


def interleaved_fft(data):
    n = len(data) // 2
    j = 0
    for i in range(0, 2 * n, 2):
        if j > i:
            data[j], data[i] = data[i], data[j]
            data[j+1], data[i+1] = data[i+1], data[j+1]
        m = n
        while m >= 2 and j >= m:
            j -= m
            m >>= 1
        j += m
    span = 2
    while span < 2 * n:
        angle = 2.0 * math.pi / span
        for m in range(0, span, 2):
            wr, wi = math.cos(0.5 * m * angle), math.sin(0.5 * m * angle)
            for i in range(m, 2 * n, 2 * span):
                k = i + span
                tr = wr * data[k] - wi * data[k+1]
                ti = wr * data[k+1] + wi * data[k]
                data[k] = data[i] - tr
                data[k+1] = data[i+1] - ti
                data[i] += tr
                data[i+1] += ti
        span *= 2
    return np.sum(data ** 2 * np.arange(2.0 * n))


cases.add(interleaved_fft, _pos(8))
