"""Programs that make objects of their own classes."""
from __future__ import annotations

import copy
import dataclasses
import math
from dataclasses import InitVar, dataclass, field

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


class Particle:
    """An ordinary class."""

    count = 2.0

    def __init__(self, x, v, mass=1.0):
        self.x = x
        self.v = v
        self.mass = mass
        self.trace = []

    @property
    def momentum(self):
        return self.mass * self.v

    @momentum.setter
    def momentum(self, p):
        self.v = p / self.mass

    @staticmethod
    def spring(k, x):
        return -k * x**3

    @classmethod
    def at_rest(cls, x):
        return cls(x, 0.0 * x, mass=cls.count)

    def step(self, k, dt):
        self.v = self.v + dt * self.spring(k, self.x) / self.mass
        self.x += dt * self.v
        self.trace.append(self.x)

    def energy(self):
        return 0.5 * self.mass * self.v**2 + self.x**4


def one_object(a, k):
    p = Particle(a, 0.2 * a)
    p.step(k, 0.1)
    p.step(k, 0.1)
    return p.energy() * p.trace[0]


cases.add(one_object, 0.7, 1.3)


def stepped_in_a_loop(a, k):
    p = Particle(a, 1.0, mass=2.0)
    for _ in range(7):
        p.step(k, 0.1)
    return p.energy() + p.trace[2] * p.trace[-1]


cases.add(stepped_in_a_loop, 0.7, 1.3)


class Field:
    """Changes arrays that it holds in place."""

    def __init__(self, u):
        self.u = np.array(u)
        self.old = np.zeros_like(u)

    def step(self, k):
        self.old[:] = self.u
        self.u[1:-1] += k * self.old[1:-1] * (self.old[2:] - self.old[:-2])
        self.u, self.old = self.old, self.u
        self.u *= 1.1


def stepped_on_arrays(x, k):
    f = Field(x)
    n = 0
    while n < 5:
        f.step(k)
        n += 1
    return np.sum(f.u * f.old)


cases.add(stepped_on_arrays, vec(6), 0.3)


def property_setter(a, b):
    p = Particle(a, b, mass=3.0)
    p.momentum = a * b
    p.momentum *= 2.0
    return p.v * p.momentum


cases.add(property_setter, 0.7, 1.3)


def class_method_constructor(a):
    p = Particle.at_rest(a)
    p.step(a, 0.5)
    return p.energy() + p.count


cases.add(class_method_constructor, 0.9)


def two_names_for_one(a, b):
    p = Particle(a, b)
    q = p
    q.x = a * b
    q.trace.append(b)
    return p.x * p.trace[0] + (3.0 if p is q else 5.0) * a


cases.add(two_names_for_one, 0.9, 0.4)


def two_objects(a, b):
    p, q = Particle(a, b), Particle(b, a)
    p.x, q.x = q.x * 2.0, p.x * 3.0
    return p.x * p.v - q.x**2 + (1.0 if p is q else a)


cases.add(two_objects, 0.9, 0.4)


def written_in_a_branch(a, b):
    p = Particle(a, b)
    if a > 0.5:
        p.x = p.x * b
        p.v = 2.0
    else:
        p.x = b
    return p.x * p.v


cases.add(written_in_a_branch, 0.9, 0.4)
cases.add(written_in_a_branch, 0.2, 0.4, insensitive=True)


def chosen_by_a_branch(a, b):
    p, q = Particle(a, b), Particle(b, a)
    chosen = p if a > b else q
    return chosen.x**2 * chosen.v


cases.add(chosen_by_a_branch, 0.9, 0.4)


class Shape:
    """A base class."""

    scale = 2.0

    def __init__(self, size):
        self.size = size

    def area(self):
        return self.factor() * self.size**2

    def factor(self):
        return self.scale


class Disc(Shape):
    """Calls its parent's constructor and methods."""

    def __init__(self, size, hole=0.1):
        super().__init__(size * 1.5)
        self.hole = hole

    def area(self):
        return super().area() - math.pi * self.hole**2

    def factor(self):
        return math.pi


class Ring(Disc):
    """Overrides a class attribute; its constructor is inherited."""

    scale = 5.0

    def factor(self):
        return Shape.factor(self) + super().factor()


def inherited(a, b):
    shapes = [Shape(a), Disc(b), Ring(a, hole=b)]
    return sum(s.area() * (n + 1) for n, s in enumerate(shapes))


cases.add(inherited, 0.9, 0.4)


class Slotted:
    """Has slots."""

    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b

    def swap(self):
        self.a, self.b = self.b, self.a
        return self


def slots(a, b):
    s = Slotted(a, b * 2.0)
    s.swap().a += 1.0
    return s.a * s.b**2


cases.add(slots, 0.9, 0.4)


class Vector:
    """Operators in Python."""

    def __init__(self, *parts):
        self.parts = list(parts)

    def __add__(self, other):
        if not isinstance(other, Vector):
            return NotImplemented
        return Vector(*[p + q for p, q in zip(self.parts, other.parts)])

    def __mul__(self, k):
        return Vector(*[p * k for p in self.parts])

    __rmul__ = __mul__

    def __rsub__(self, k):
        return Vector(*[k - p for p in self.parts])

    def __iadd__(self, other):
        for n in range(len(self)):
            self.parts[n] += other[n]
        return self

    def __neg__(self):
        return -1.0 * self

    def __matmul__(self, other):
        return sum(p * q for p, q in zip(self, other))

    def __len__(self):
        return len(self.parts)

    def __getitem__(self, n):
        return self.parts[n]

    def __setitem__(self, n, value):
        self.parts[n] = value

    def __iter__(self):
        return iter(self.parts)

    def __call__(self, x):
        total = 0.0
        for p in self.parts:
            total = total * x + p
        return total

    def __eq__(self, other):
        return self.parts == other.parts

    def __lt__(self, other):
        return self @ self < other @ other

    def __bool__(self):
        return self.parts[0] > 0

    def __contains__(self, x):
        return x in self.parts

    def __abs__(self):
        return (self @ self) ** 0.5


def operators(a, b):
    u, v = Vector(a, b, 2.0), Vector(b, 1.0, a)
    w = u + 2.0 * v * a
    w += -u
    w[0] = w[0] * b
    c = 1.0 - w
    x, y, z = c
    return w(0.5) + (u @ v) * len(w) + w[-1] + x * y * z


cases.add(operators, 0.9, 0.4)


def list_items_in_a_loop(a, b):
    items, more = [a, b, 2.0], [b, a, b]
    for n in range(3):
        items[n] += more[n] * items[n - 1]
    return items[0] + 2.0 * items[1] + 3.0 * items[2]


cases.add(list_items_in_a_loop, 0.9, 0.4)


def compared(a, b):
    u, v = Vector(a, b), Vector(b, a)
    total = 0.0
    if u:
        total += a
    if not -u:
        total += a * b
    if u < v * 2.0:
        total += a**3
    if u > v:
        total += b**3
    if u == u:
        total += a * 0.1
    return total * (2.0 if a in u else 3.0) + abs(u) + abs(v * b)


cases.add(compared, 0.9, 0.4)


@dataclass
class State:
    """Default, factory, `__post_init__`."""

    x: float
    v: float = 0.5
    history: list = field(default_factory=list)
    gain: InitVar[float] = 2.0
    doubled: float = field(init=False)

    def __post_init__(self, gain):
        self.doubled = gain * self.x
        self.history.append(self.x)

    def advance(self, dt):
        self.x += dt * self.v
        self.history.append(self.x)


def dataclass_post_init(a, b):
    s, t = State(a), State(b, v=a, gain=a * b)
    for _ in range(5):
        s.advance(b)
        t.advance(0.1)
    return s.x * t.doubled + sum(s.history) + t.history[0] * s.doubled


cases.add(dataclass_post_init, 0.9, 0.4)


@dataclass(frozen=True)
class Params:
    """Frozen."""

    k: float
    c: float = 0.1
    both: float = field(init=False, default=0.0)

    def __post_init__(self):
        object.__setattr__(self, "both", self.k * self.c)


def dataclass_frozen(a, b):
    p = Params(a)
    q = dataclasses.replace(p, c=b)
    return p.both + q.both * q.k


cases.add(dataclass_frozen, 0.9, 0.4)


@dataclass(order=True)
class Pair:
    """Only fields."""

    first: float
    second: float

    def total(self):
        return self.first + self.second


def dataclass_plain(a, b):
    p = Pair(a, b)
    q = dataclasses.replace(p, first=a * b)
    q.second = q.second * 2.0
    p.first += q.first
    return p.total() * q.total() + (1.0 if p == Pair(a, b) else a)


cases.add(dataclass_plain, 0.9, 0.4)


def copies_of_objects(x, b):
    p = Particle(x * 1.0, b)
    p.trace.append(x)
    q = copy.copy(p)
    r = copy.deepcopy(p)
    p.x[0] = 5.0 * b
    p.trace.append(b)
    q.v = 3.0
    return np.sum(q.x * q.v) + np.sum(r.x * r.v * r.trace[0]) + p.v * len(r.trace) * len(q.trace)


cases.add(copies_of_objects, vec(3), 0.4)


class Tree:
    """Objects that hold objects."""

    def __init__(self, depth, value):
        self.value = value
        self.children = [Tree(depth - 1, value * k) for k in (0.5, 2.0)] if depth > 0 else []

    def total(self):
        return self.value**2 + sum([c.total() for c in self.children])

    def scale(self, k):
        self.value *= k
        for c in self.children:
            c.scale(k * self.value)


def tree(a, b):
    t = Tree(2, a)
    t.scale(b)
    return t.total()


cases.add(tree, 0.9, 0.4)


class Swarm:
    """Writes to objects in a list."""

    def __init__(self, n, a):
        self.members = [Particle(a * (k + 1), 0.1) for k in range(n)]

    def step(self, k):
        for p in self.members:
            p.step(k, 0.1)

    def pull(self):
        for n, p in enumerate(self.members):
            for q in self.members[n + 1 :]:
                force = q.x - p.x
                p.v += 0.1 * force
                q.v -= 0.1 * force


def swarm(a, k):
    s = Swarm(5, a)
    for _ in range(4):
        s.pull()
        s.step(k)
    return sum(p.energy() for p in s.members)


cases.add(swarm, 0.2, 0.4)


class Cached:
    """A value that is computed when it is asked for first."""

    def __init__(self, x):
        self._x = x
        self._norm = None

    @property
    def norm(self):
        if self._norm is None:
            self._norm = np.sqrt(np.sum(self._x**2))
        return self._norm

    def __getattr__(self, name):
        if name == "halved":
            return self._x / 2.0
        raise AttributeError(name)


def cached(x):
    c = Cached(x)
    first = c.norm
    setattr(c, "extra", x[0])
    return first * c.norm + np.sum(c.halved) + (c.extra if hasattr(c, "extra") else 0.0)


cases.add(cached, vec(3))


def rebound_in_a_loop(a, b):
    p, q = Particle(a, b), Particle(b, a)
    for n in range(7):
        p, q = q, p
        p.x = p.x * 1.5 + q.v
        if n == 3:
            q.v = p.x
    return p.x + 3.0 * q.x * p.v + q.v


cases.add(rebound_in_a_loop, 0.9, 0.4)


def made_anew_in_a_loop(a, b):
    p = Particle(a, b)
    for n in range(9):
        if n % 3 == 0:
            p = Particle(p.x * b, p.v + a)
        else:
            p.x = p.x + p.v
    return p.x * p.v


cases.add(made_anew_in_a_loop, 0.9, 0.4)


class KalmanFilter:
    """The textbook filter, with attributes that the user sets."""

    def __init__(self, dim_x, dim_z):
        if dim_x < 1 or dim_z < 1:
            raise ValueError("dimensions must be 1 or greater")
        self.dim_x, self.dim_z = dim_x, dim_z
        self.x = np.zeros((dim_x, 1))
        self.P = np.eye(dim_x)
        self.Q = np.eye(dim_x)
        self.F = np.eye(dim_x)
        self.H = np.zeros((dim_z, dim_x))
        self.R = np.eye(dim_z)
        self.B = None
        self._alpha_sq = 1.0
        self._loglikelihood = None
        self.inv = np.linalg.inv
        self._I = np.eye(dim_x)
        self.y = np.zeros((dim_z, 1))
        self.S = np.zeros((dim_z, dim_z))
        self.K = np.zeros((dim_x, dim_z))

    @property
    def alpha(self):
        return self._alpha_sq**0.5

    @alpha.setter
    def alpha(self, value):
        if not np.isscalar(value) or value < 0:
            raise ValueError("alpha must be positive")
        self._alpha_sq = value**2

    def predict(self, u=None, F=None):
        if F is None:
            F = self.F
        if self.B is not None and u is not None:
            self.x = np.dot(F, self.x) + np.dot(self.B, u)
        else:
            self.x = np.dot(F, self.x)
        self.P = self._alpha_sq * np.dot(np.dot(F, self.P), F.T) + self.Q

    def update(self, z, R=None):
        self._loglikelihood = None
        if z is None:
            return
        if R is None:
            R = self.R
        elif np.isscalar(R):
            R = np.eye(self.dim_z) * R
        self.y = z - np.dot(self.H, self.x)
        PHT = np.dot(self.P, self.H.T)
        self.S = np.dot(self.H, PHT) + R
        self.K = np.dot(PHT, self.inv(self.S))
        self.x = self.x + np.dot(self.K, self.y)
        I_KH = self._I - np.dot(self.K, self.H)
        self.P = np.dot(np.dot(I_KH, self.P), I_KH.T) + np.dot(np.dot(self.K, R), self.K.T)

    @property
    def loglikelihood(self):
        if self._loglikelihood is None:
            self._loglikelihood = -0.5 * (np.log(self.S[0, 0]) + self.y[0, 0] ** 2 / self.S[0, 0])
        return self._loglikelihood


def kalman(q, r, zs, dt):
    kf = KalmanFilter(dim_x=2, dim_z=1)
    kf.F = np.array([[1.0, dt], [0.0, 1.0]])
    kf.H = np.array([[1.0, 0.0]])
    kf.P *= 10.0
    kf.R *= r
    kf.Q = np.eye(2) * q
    kf.alpha = 1.02
    for z in zs:
        kf.predict()
        kf.update(z)
    return np.sum(kf.x * np.array([[1.0], [3.0]])) + np.trace(kf.P)


cases.add(kalman, 0.1, 0.5, vec(5), 0.8)


def kalman_likelihood(q, r, zs):
    kf = KalmanFilter(2, 1)
    kf.H = np.array([[1.0, 0.0]])
    kf.Q = kf.Q * q
    total = 0.0
    for k in range(len(zs)):
        kf.predict()
        kf.update(zs[k] if k != 2 else zs[0], R=r)
        total += kf.loglikelihood
        total += kf.loglikelihood * 0.1
    return total


cases.add(kalman_likelihood, 0.1, 0.5, vec(5))


class Scaled:
    """A context manager that changes an object while it is entered."""

    def __init__(self, holder, k):
        self.holder = holder
        self.k = k

    def __enter__(self):
        self.before = self.holder.x
        self.holder.x = self.holder.x * self.k
        return self.holder

    def __exit__(self, kind, error, trace):
        self.holder.x = self.before


def context_manager(a, b):
    p = Particle(a, b)
    total = 0.0
    for n in range(3):
        with Scaled(p, b * n + 1.0) as q:
            total += q.x**2
            if n == 1:
                q.v = q.x
    return total + p.x * p.v


cases.add(context_manager, 0.9, 0.4)
