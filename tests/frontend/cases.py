"""A corpus of small functions, one construct each, with arguments that take every path."""
from __future__ import annotations

import contextlib
import functools
import math

import numpy as np

CASES = []
LOG = []


def case(*argument_lists):
    """Register a function with the argument tuples to run it on."""

    def register(f):
        CASES.append((f, argument_lists))
        return f

    return register


def note(x):
    """An effect whose order is compared."""
    LOG.append(x)
    return x


def boom(x):
    LOG.append(("boom", x))
    raise KeyError(x)


class Box:
    """Something with attributes and items."""

    kind = "box"

    def __init__(self, **kw):
        self.__dict__.update(kw)
        self.store = {}

    def __getitem__(self, key):
        LOG.append(("get", key))
        return self.store.get(key, 0)

    def __setitem__(self, key, value):
        LOG.append(("set", key, value))
        self.store[key] = value

    def __delitem__(self, key):
        LOG.append(("del", key))
        self.store.pop(key, None)

    def __repr__(self):
        return f"Box({sorted(self.store.items(), key=repr)})"

    def __private(self, x):
        return x + 1

    def uses_private(self, x):
        self.__hidden = x
        return self.__private(x) + self.__hidden

    def method(self, x, k=2):
        return x * k + self.scale

    @classmethod
    def made(cls, x):
        return cls(scale=x).scale

    @staticmethod
    def static(x):
        return -x

    @property
    def double(self):
        return 2 * self.scale


class Derived(Box):
    def method(self, x, k=3):
        return super().method(x, k=k) + 1


@contextlib.contextmanager
def manager(name):
    LOG.append(("enter", name))
    try:
        yield name
    finally:
        LOG.append(("exit", name))


GLOBAL = 7
# ruff: noqa: A001, COM819, F401, F821, F842, I001, PLC2401, PLC3002


# ---- straight line ---------------------------------------------------------------------------------------------------
@case((1,), (2.5,))
def docstring(x):
    """Only this."""


@case((1,))
def nothing(x):
    pass


@case((3, 4))
def arithmetic(a, b):
    return a + b - a * b / 2 + a // b + a % b + a**b - (-a) + (+b) - ~a


@case((6, 3))
def bits(a, b):
    return a & b, a | b, a ^ b, a << b, a >> b, not a


@case((1, 2))
def negative_constants(a, b):
    return a * -1, b - -2.5, -0.0, -(-3), -1j, -True


@case((np.ones((2, 2)), np.arange(4.0).reshape(2, 2)))
def matmul(a, b):
    return a @ b


@case((1, 2))
def chained_assignment(a, b):
    x = y = a + b
    x += 1
    return x, y


@case((1, 2))
def swap(a, b):
    a, b = b, a
    return a, b


@case((1, 2, 3))
def rotate(a, b, c):
    a, (b, c) = b, (c, a)
    return a, b, c


@case(((1, (2, 3)),), ((1, (2,)),), ((1,),), ((1, (2, 3), 4),), (5,))
def nested_unpacking(t):
    a, (b, c) = t
    return a, b, c


@case(([1, 2, 3, 4],), ([1, 2],), ([1],), ("abcd",))
def starred_unpacking(t):
    a, *b, c = t
    return a, b, c


@case(([1, 2, 3],))
def starred_first(t):
    *a, b = t
    return a, b


@case((1,))
def annotated(x):
    y: float = x + 1
    z: int
    return y


@case((1,))
def annotated_only(x):
    y: float
    return y


@case((2,), (2.0,), ([1],))
def augmented(x):
    y = x
    y *= 3
    y += y
    return x, y


@case((7, 2))
def augmented_all(a, b):
    a += b
    a -= 1
    a *= b
    a //= 3
    a **= 2
    a %= 11
    a <<= 2
    a >>= 1
    a |= 8
    a &= 12
    a ^= 5
    a /= 4
    return a


@case((np.ones(3),))
def augmented_array(x):
    y = x
    y += 1
    return x, y


@case((Box(),))
def augmented_subscript(b):
    b[note(1)] += note(2)
    b[1] *= 5
    return b


@case((Box(scale=3),))
def augmented_attribute(b):
    b.scale += 4
    b.scale -= b.scale / 2
    return b.scale


@case((Box(),))
def store_order(b):
    b[note("index")] = note("value")
    b[note("a")], b[note("b")] = note(1), note(2)
    x = b[note("c")] = note(3)
    return x, b


@case((Box(),))
def unpack_into_subscripts(b):
    b[0], b[1] = [10, 20]
    b[2], *b[3] = "xyz"
    return b


@case(([1, 2, 3], {"a": 1}))
def delete(xs, d):
    del xs[0], d["a"]
    y = 1
    del y
    return xs, d


@case((1,))
def deleted_name(x):
    y = x
    del y
    return y


@case((1,))
def delete_unbound(x):
    del y
    y = 1


@case((1,))
def delete_tuple(x):
    a, b = x, x
    del (a, b)
    return x


@case((Box(scale=1),))
def delete_attribute(b):
    del b.scale
    return b.scale


# ---- expressions -----------------------------------------------------------------------------------------------------
@case((1, 2, 3), (1, 5, 3), (3, 1, 9))
def chained_comparison(a, b, c):
    return note(a) < note(b) < note(c)


@case((1, 2, 3, 4), (5, 4, 3, 2), (1, 2, 2, 2), (1, 9, 3, 3))
def long_chain(a, b, c, d):
    return note(a) < note(b) <= note(c) == note(d)


@case((1, [1, 2]), (3, [1, 2]))
def membership(a, xs):
    return a in xs, a not in xs, a is xs, a is not xs, a in xs in [[1, 2]]


@case((0, 1), (1, 0), ([], 0), ("", "a"), (2, 3))
def boolean_values(a, b):
    return a and b, a or b, not a, (a or b) and (b or a), a and b or 5


@case((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 0))
def short_circuit(a, b, c):
    x = note(("a", a)) and note(("b", b)) and note(("c", c))
    y = note(a) or note(b) or note(c)
    return x, y


@case((1,), (-1,), (0,))
def conditional(x):
    return note(x) if x > 0 else note(-x) if x < 0 else boom(x)


@case((1,), (-1,))
def conditional_named(x):
    y = x + 1 if x > 0 else x - 1
    return y * y


@case((3,), (0,))
def walrus(x):
    if (y := x + 1) > 2 and (z := y * 2):
        return y, z
    return y


@case((3,), (0,))
def walrus_maybe_unbound(x):
    if x and (z := x * 2):
        pass
    return z


@case(([1, 5, 3],), ([],))
def walrus_in_comprehension(xs):
    last = -1
    ys = [last := x * 2 for x in xs if x > 1]
    return ys, last


@case(([1, 5, 3],), ([0],), ([],))
def walrus_in_any(xs):
    if any((hit := x) > 2 for x in xs):
        return hit
    return None


@case(([1, 5, 3],), ([],))
def walrus_in_inner_loop(xs):
    total = 0
    ys = [[(total := total + x * y) for x in xs] for y in xs]
    return ys, total


@case((2.5, "a", 3))
def fstring(x, s, w):
    return f"{x}|{x:.3f}|{x!r:>8}|{s!s}|{s!a}|{x:{w + 5}.{w}f}|{{}}|{s=}|{note(x)}{note(s)}"


@case(())
def fstring_plain():
    return f"abc" "def" f"{1}"


@case((1, 2))
def displays(a, b):
    return (a, b), [a, b], {a, b}, {a: b, "k": a}, (), [], {}, (a,)


@case(([1, 2], {"x": 1}))
def starred_displays(xs, d):
    return [*xs, 0, *xs], (*xs,), {*xs, 9}, {**d, "y": 2, **{"x": 5}}


@case((5,))
def display_with_hash_error(x):
    y = {[x]}
    return x


@case((np.arange(24.0).reshape(2, 3, 4),))
def subscripts(a):
    return a[0], a[-1, 1:], a[..., 0], a[:, None, ::2], a[1, ::-1, 1:3], a[a > 5], a[[0, 1], [1, 2]], a[:, 1][0], a[np.newaxis].shape


@case(([1, 2, 3, 4, 5], 1))
def list_slices(xs, i):
    return xs[i:], xs[:i], xs[::2], xs[i : i + 2], xs[:], xs[-i]


@case((np.arange(6.0).reshape(2, 3), (0, 1)))
def starred_subscript(a, index):
    return a[*index], a[(*index,)]


@case((Box(scale=2), 5), (Derived(scale=2), 5))
def attributes(b, x):
    return b.kind, b.method(x), b.method(x, k=3), b.double, b.static(x), b.made(x), type(b).static(x)


@case((Box(scale=1),))
def missing_attribute(b):
    return b.nothing


def collects(*args, **kwargs):
    return args, kwargs


@case(([1, 2], {"k": 3}))
def calls(xs, d):
    return collects(*xs), collects(0, *xs, 9, *xs, a=1, **d), collects(**d, z=2), collects(note(1), k=note(2), *[note(3)])


@case(({"k": 3},))
def duplicate_keyword(d):
    return collects(k=1, **d)


@case((1,))
def call_order(x):
    return collects(note("a"), note("b"), k=note("c"), j=note("d"))[0]


@case((1,))
def undefined_global(x):
    return not_there + x


@case((1,))
def reads_global(x):
    global GLOBAL
    return GLOBAL + x + len([1]) + math.pi


@case((3.0,))
def builtins_and_modules(x):
    return abs(-x), min(x, 1), max([x, 2]), sum([x, 1.0]), round(x), divmod(x, 2), math.exp(x), np.sin(x)


@case((2, 3))
def evaluation_order_of_names(x, y):
    return x + (x := y) + x


@case((1,))
def lambda_call(x):
    return (lambda a, b=2, *c, d=4, **e: (a, b, c, d, e))(x, 5, 6, 7, d=8, f=9)


@case((1,))
def constants(x):
    return None, True, ..., 1j, b"x", "s", 10**20, 1e300 * 1e10


@case((400,))
def long_sum(x):
    return (
        x + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11 + 12 + 13 + 14 + 15 + 16 + 17 + 18 + 19 + 20
        - 1 * x - 2 * x - 3 / x - 4 - 5 - 6 - 7
    )  # fmt: skip


# ---- branches --------------------------------------------------------------------------------------------------------
@case((1,), (0,), (-1,))
def if_elif_else(x):
    if x > 0:
        y = note("pos")
    elif x == 0:
        y = note("zero")
    else:
        y = note("neg")
    return y


@case((1,), (0,))
def if_without_else(x):
    y = 1
    if x:
        y = 2
    return y


@case((1,), (0,), (4,))
def finally_reads_what_the_body_assigns(x):
    y = 5
    try:
        y = x
        x = 4 // x
        y = y + x
    finally:
        x = y * 2
    return x + y


@case((1, 2), (0, 2), (5, 2), (3, 0))
def finally_assigns_on_every_way_out(x, n):
    total = 0
    for i in range(6):
        try:
            if i < x:
                continue
            if i * n > 8:
                break
            if x > 4:
                return total
            total = total + 6 // n
        finally:
            total = total + 100
            n = n + 1
    return total, n


@case((0, 1), (1, 1), (3, 0), (3, 1))
def finally_behind_a_return(x, y):
    try:
        for k in range(2):
            x = x + y
            x = x // y
            x = 6 // x
    except ValueError:
        return x
    except ZeroDivisionError:
        return y
    finally:
        y = y + 1
    return x + y


@case((1,), (0,))
def finally_behind_handlers(x):
    k = 1
    try:
        k = 2
        y = 1 // x
        k = 3
    except ZeroDivisionError:
        y = k
    else:
        k = 4
    finally:
        k = k * 10 + y
    return k


@case((1,), (0,))
def finally_raises_itself(x):
    y = x
    try:
        y = 1 // x
    finally:
        y = y // x
    return y


@case(([1, 2, 3],), ([],), ([2],))
def generator_kept_under_a_name(xs):
    k = 2
    g = (x * k for x in xs if x != 2)
    k = 5
    return sum(g), k


@case(([1, 2, 3],), ([0],))
def generator_evaluates_its_first_iterable_at_once(xs):
    g = (x // y for x in xs for y in ys)
    ys = [1, 2]
    xs = [7]
    return list(g), xs


@case(([1, 2, 3],), ([],))
def generator_in_every_trip(xs):
    out = 0
    for n in range(3):
        g = (x * n for x in xs)
        out = out + max(g, default=0)
    return out


@case(([1, 2, 3],), ([5, 6],), ([],))
def generator_read_by_next(xs):
    x = 4
    g = (x for x in xs if x > 1)
    return next(g, None), x


@case(([1, 2, 3, 4],), ([1, 2],), ([],))
def generator_in_a_for(xs):
    x = 10
    squares = (x * x for x in xs if x != 2)
    for s in squares:
        if s == 1:
            continue
        if s > 9:
            break
        x = x + s
    else:
        x = -x
    return x


@case(([1, 2, 3],), ([],))
def generator_straight_into_a_for(xs):
    total = 0
    for a, b in ((x, y) for x, y in zip(xs, xs[1:])):
        total = total * 10 + a * b
    return total


@case(([1, 2],), ([3, 4],))
def generator_unpacked(xs):
    g = (x + 1 for x in xs)
    a, b = g
    return a - b


@case((1,), (0,))
def generator_on_some_paths(x):
    if x:
        g = (k * x for k in range(4))
    return sum(g)


@case((1,), (0,))
def maybe_unbound(x):
    if x:
        y = 2
    return y


@case((1, 5), (0, 5))
def same_atom_on_both_sides(c, b):
    a = 0
    if c:
        a = b
    else:
        a = b
    return a


@case((1, 5), (0, 5))
def same_constant_on_both_sides(c, b):
    a = b
    if c:
        a = 3
    else:
        a = 3
    return a


@case((1, 5), (0, 5))
def restored_in_branch(c, b):
    a = b
    if c:
        a = a + 1
        a = b
    return a


@case((1,), (0,))
def unbound_then_bound(c):
    if c:
        del c
    else:
        c = 5
    return c


@case((1,), (2,), (3,), (4,))
def early_returns(x):
    if x == 1:
        return "one"
    if x == 2:
        return "two"
    y = x * 2
    if y == 6:
        return y
    return -y


@case((1,), (2,), (3,))
def return_in_both(x):
    if x == 1:
        return 1
    else:
        return x
    return 99


@case((1, 1), (1, 0), (0, 1), (0, 0))
def return_deep(a, b):
    if a:
        if b:
            return "ab"
        x = 1
    else:
        if b:
            x = 2
        else:
            return "none"
    return x


@case((1, 1), (1, 0), (0, 1), (0, 0))
def nested_falls_through(a, b):
    x = note(0)
    if a:
        if b:
            return x
        x = 5
        if not b:
            x += 1
    else:
        x = 7
    note(x)
    return x * 2


@case((1,), (0,))
def falls_off(x):
    if x:
        return 5


@case((1,), (0,))
def returns_nothing(x):
    if x:
        return
    note("here")


@case((1,), (0,))
def dead_code(x):
    return x
    x = boom(1)


@case((1,), (0,))
def constant_condition(x):
    if True:
        y = x
    if 0:
        y = boom(x)
    return y


class Truthless:
    def __repr__(self):
        return "Truthless()"

    def __bool__(self):
        raise ValueError("ambiguous")


@case((Truthless(),))
def truth_raises(x):
    note(1)
    if x:
        pass
    return 1


# ---- for -------------------------------------------------------------------------------------------------------------
@case((0,), (1,), (5,))
def for_range(n):
    s = 0
    for i in range(n):
        s += i
    return s


@case((0,), (3,))
def target_after_loop(n):
    for i in range(n):
        pass
    return i


@case((0,), (3,))
def target_shadows(n):
    i = "before"
    for i in range(n):
        i = i * 10
    return i


@case((0,), (3,))
def name_bound_in_body(n):
    for i in range(n):
        y = i
    return y


@case(([(1, 2), (3, 4)],), ([],), ([(1, 2, 3)],))
def unpacking_target(pairs):
    s = 0
    for a, b in pairs:
        s += a * b
    return s


@case(([(1, (2, 3)), (4, (5, 6))],))
def nested_target(rows):
    out = []
    for a, (b, *c) in rows:
        out.append((a, b, c))
    return out


@case((Box(),))
def subscript_target(b):
    for b[0] in range(3):
        note(b[0])
    return b


@case(([3, 1, 2],))
def iterables(xs):
    out = []
    for a in xs:
        out.append(a)
    for i, a in enumerate(xs, 1):
        out.append((i, a))
    for a, b in zip(xs, "abcd"):
        out.append((a, b))
    for a in reversed(xs):
        out.append(a)
    for k, v in {"x": 1, "y": 2}.items():
        out.append((k, v))
    for k in {"x": 1}:
        out.append(k)
    for c in "hi":
        out.append(c)
    for row in np.eye(2):
        out.append(row.sum())
    return out


@case((5, 3), (5, 9), (0, 0))
def for_break(n, k):
    r = None
    for i in range(n):
        if i == k:
            r = "hit"
            break
        note(i)
    return i if n else "empty", r


@case((6,), (0,))
def for_continue(n):
    s = 0
    for i in range(n):
        if i % 2:
            continue
        s += i
        if i > 3:
            continue
        note(s)
    return s


@case((6, 2, 4), (6, 9, 4), (6, 9, 9), (0, 0, 0))
def break_and_continue(n, b, c):
    s = 0
    for i in range(n):
        if i == b:
            break
        elif i == c:
            continue
        s += i
    else:
        s += 100
    return s


@case((6, 2), (6, 9), (0, 1))
def return_in_loop(n, k):
    for i in range(n):
        if i == k:
            return ("found", i)
        note(i)
    return "not found"


@case((6, 2), (6, 9), (0, 1))
def return_in_loop_falls_off(n, k):
    for i in range(n):
        if i == k:
            return i


@case((6, 2, 3), (6, 3, 2), (6, 9, 9), (6, 9, 1))
def return_and_break(n, r, b):
    x = 0
    for i in range(n):
        x += i
        if i == r:
            return "returned", x
        if i == b:
            break
    x *= 10
    return x


@case((6, 2, 3, 1), (6, 3, 2, 1), (6, 9, 9, 4), (6, 9, 1, 9), (6, 9, 9, 9))
def all_exits(n, r, b, c):
    x = 0
    for i in range(n):
        if i == r:
            return "returned", x
        if i == b:
            break
        if i == c:
            continue
        x += i
    else:
        return "else", x
    return "broken", x


@case((4, 4), (3, 7), (0, 3), (5, 0))
def nested_loops(n, m):
    out = []
    for i in range(n):
        for j in range(m):
            if j > i:
                break
            if (i + j) % 2:
                continue
            out.append((i, j))
        else:
            out.append("full")
    return out


@case((4, 4, 5), (3, 7, 100), (0, 3, 1), (5, 0, 0))
def return_from_nested(n, m, k):
    count = 0
    for i in range(n):
        for j in range(m):
            count += 1
            if i * j == k:
                return i, j, count
        count += 10
    return count


@case((5, 2, 3), (5, 9, 9), (5, 0, 0))
def break_outer_by_flag(n, a, b):
    found = False
    for i in range(n):
        for j in range(n):
            if i == a and j == b:
                found = True
                break
        if found:
            break
    return i, j, found


@case((4,), (0,))
def for_else(n):
    for i in range(n):
        if i == 7:
            break
    else:
        return "no seven", n
    return i


@case((3,), (0,))
def break_unconditional(n):
    for i in range(n):
        note(i)
        break
    else:
        note("none")
    return n


@case((3,), (0,))
def return_unconditional(n):
    for i in range(n):
        return i
    return "none"


@case((3,), (0,))
def raise_in_loop(n):
    for i in range(n):
        raise ValueError(i)
    return "none"


@case((4,))
def continue_in_else_branch(n):
    s = 0
    for i in range(n):
        if i < 2:
            s += 1
        else:
            s += 10
            continue
        note(s)
    return s


@case((4,), (1,))
def continue_nested_if(n):
    s = 0
    for i in range(n):
        if i > 0:
            if i > 1:
                continue
            s += 5
        s += 1
    return s


@case((4, 2), (4, 9))
def continue_and_break_nested(n, k):
    s = 0
    for i in range(n):
        if i > 0:
            if i == k:
                break
            if i > 1:
                continue
            s += 5
        s += 1
        note(s)
    return s


@case((3,))
def rebinding_iterable(n):
    xs = [1] * n
    for x in xs:
        xs = [x, x]
    return xs


@case(([1, 2, 3],))
def growing_list(xs):
    for x in xs:
        if len(xs) < 6:
            xs.append(x * 10)
    return xs


@case((5,))
def loop_swap(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a, b


@case((3,))
def loop_unbinds(n):
    x = 1
    for i in range(n):
        if i == 1:
            del x
        else:
            x = i
    return x


@case((2,), (3,))
def loop_reads_unbound_late(n):
    for i in range(n):
        if i > 1:
            note(y)
        if i == 0:
            y = 5
        if i == 1:
            del y
    return i


@case((5,))
def not_iterable(x):
    note(1)
    for i in x:
        note(i)


@case((3,))
def carried_only_inside(n):
    out = []
    x = 1.5
    for i in range(n):
        x = x * 2
        out.append(x)
    return out


# ---- while -----------------------------------------------------------------------------------------------------------
@case((10,), (0,))
def while_plain(n):
    s = 0
    while n > 0:
        s += n
        n -= 3
    return s, n


@case((10,), (0,))
def while_else(n):
    while n > 0:
        n -= 3
        if n == 1:
            break
    else:
        n = "else"
    return n


@case((10,), (0,), (100,))
def while_true_break(n):
    while True:
        n -= 7
        if n < 0:
            break
        if n == 86:
            return "early"
    return n


@case((10,), (0,))
def while_true_return(n):
    while True:
        n -= 7
        if n < 0:
            return n


@case((10,), (0,))
def while_one_else(n):
    while 1:
        n -= 7
        if n < 0:
            break
    else:
        n = boom(1)
    return n


@case(([3, 2, 1],), ([],))
def while_list(xs):
    s = 0
    while xs:
        s += xs.pop()
    return s


@case(([3, 2, 1, 0, 5],), ([1, 0],))
def while_walrus(xs):
    s = 0
    while (x := xs.pop()) > 0:
        s += x
    return s, x


@case(([3, 2, 1, 0, 5],), ([1, 0],), ([9, 4, 9, 1],))
def while_walrus_exits(xs):
    s = 0
    while (x := xs.pop()) > 0:
        if x == 9:
            break
        if x == 4:
            return "four", s
        if x == 3:
            continue
        s += x
    else:
        s = ("else", s)
    return s, x


@case((3,), (0,))
def while_effects_in_test(n):
    i = 0
    while note(i) < n and note("second"):
        i += 1
    return i


@case((5,))
def while_chained(n):
    a, b = 0, 10
    while a < n < b:
        a += 2
        b -= 1
    return a, b


@case((27,))
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@case((2.0,), (9.0,))
def newton(x):
    y = x
    for _ in range(50):
        new = 0.5 * (y + x / y)
        if abs(new - y) < 1e-12:
            break
        y = new
    return y


@case((4,))
def while_nested_for(n):
    out = []
    while n:
        for i in range(n):
            if i == 2:
                break
            out.append((n, i))
        n -= 1
    return out


@case((3,))
def while_false(n):
    while False:
        n = boom(n)
    return n


# ---- comprehensions --------------------------------------------------------------------------------------------------
@case(([1, -2, 3],), ([],))
def list_comprehension(xs):
    return [x * 2 for x in xs if x > 0]


@case(([1, 2], [3, 4]), ([], [1]))
def double_comprehension(xs, ys):
    return [(x, y) for x in xs if x > 0 for y in ys if y != x]


@case(([[1, 2], [3]],))
def dependent_comprehension(rows):
    return [x for row in rows for x in row]


@case(([1, 2, 3],))
def nested_comprehension(xs):
    return [[x * y for y in xs if y >= x] for x in xs]


@case(([1, 2, 2],))
def set_and_dict_comprehension(xs):
    return {x % 2 for x in xs}, {x: note(x) for x in xs}, {k: v for k, v in enumerate(xs)}


@case(([1, 2],))
def comprehension_scope(xs):
    x = "outer"
    y = [x for x in xs]
    return x, y


@case(([1, 2],))
def comprehension_target_is_not_local(xs):
    ys = [q for q in xs]
    return q


@case(([1, 2],))
def comprehension_reads_outer(xs):
    k = 3
    return [k * x for x in xs]


@case(([[1, 2], [3]],))
def comprehension_first_iter_in_outer_scope(x):
    return [x for x in x for x in x]


@case(([1, 2],))
def comprehension_in_loop(xs):
    out = []
    for x in xs:
        out.append([x + y for y in xs])
        x = [x for x in range(2)]
    return out, x


@case(([(1, 2), (3, 4)],))
def comprehension_unpacks(pairs):
    return [a * b for a, b in pairs], {a: b for (a, b) in pairs}


@case(([1, 2, 3],), ([],))
def consumed_generators(xs):
    return (
        sum(x * x for x in xs), list(x for x in xs), tuple(x for x in xs), sorted(-x for x in xs), max((x for x in xs), default=0),
        ",".join(str(x) for x in xs), dict((x, 1) for x in xs), set(x for x in xs), sum((x for x in xs), 10), np.array(list(x for x in xs)),
    )  # fmt: skip


@case(([1, 2, 3],), ([1, 2],), ([1, 2, 3, 4],))
def unpacked_generators(xs):
    a, *b = (note(x) for x in xs)
    c, d, e = (x + 1 for x in xs)
    return a, b, c, d, e, [*(x for x in xs), 0], collects(*(-x for x in xs), 1)


@case(([1, 2, 3],), ([0, 0],), ([],), ([0, 5, 6],))
def any_all(xs):
    return any(note(x) > 1 for x in xs), all(note(x) > 0 for x in xs), any(x for x in xs if x != 5), all(xs), any(xs)


@case(([1, 2, 3],), ([],))
def any_nested(xs):
    return any(note(x * y) == 4 for x in xs for y in xs if y != 1), all(note(x + y) < 5 for x in xs for y in xs)


@case(([1, 2, 3],), ([9],), ([],))
def next_default(xs):
    return next((note(x) for x in xs if x > 1), None), next((x for x in xs if x > 8), note("default"))


@case(([1, 2, 3],), ([0],), ([],))
def next_raises(xs):
    return next(x for x in xs if x > 1)


@case(([1, 2, 3],), ([],))
def next_without_condition(xs):
    return next(note(x) for x in xs)


@case(([1, 2, 3], 2), ([], 1))
def any_in_condition(xs, k):
    for x in xs:
        if any(y == k for y in xs[:x]):
            return x
    return None


@case(([1, 2, 3],))
def shadowed_any(xs):
    any = max
    return any([x for x in xs])


@case(([3, 1],))
def sort_by_lambda(xs):
    k = -1
    return sorted(xs, key=lambda x: k * x)


@case(([1, 2, 3],))
def comprehension_with_conditional(xs):
    return [x if x > 1 else -x for x in xs if x != 2 if x < 10]


@case((2,))
def raising_comprehension(n):
    return [boom(i) if i else note(i) for i in range(n)]


# ---- functions in functions ------------------------------------------------------------------------------------------
@case((3,))
def inner_function(x):
    def g(y, k=2):
        return x * y + k

    return g(4), g(1, k=5), g(y=2)


@case((3,))
def inner_lambda(x):
    f = lambda y: x + y
    return f(1), (lambda: x)()


@case((5,))
def recursion_inside(n):
    def fact(k):
        return 1 if k <= 1 else k * fact(k - 1)

    return fact(n)


@case((5,))
def recursive_lambda(n):
    fact = lambda k: 1 if k <= 1 else k * fact(k - 1)
    return fact(n)


@case((2,))
def two_levels(x):
    def outer(y):
        def inner(z):
            return x * y + z

        return inner(1) + inner(2)

    return outer(3)


@case((2,))
def inner_of_inner_recursion(x):
    def f(n):
        def step(m):
            return f(m - 1) if m > 0 else x

        return step(n) + 1

    return f(3)


@case((2,))
def all_kinds_of_parameters(x):
    def g(a, /, b, *c, d, e=note(5), **f):
        return a, b, c, d, e, f

    return g(1, 2, 3, 4, d=x, z=6), g(1, b=2, d=3)


@case((2,))
def defaults_evaluated_once(x):
    def g(a=note(x), b=note("b")):
        return a, b

    x = 5
    return g(), g(1), x


@case((2,))
def decorated_inner(x):
    @functools.wraps(note)
    def g():
        return x

    return g()


def twice(f):
    return lambda *a: f(f(*a))


@case((2,))
def decorator_order(x):
    @twice
    @note
    def g(y):
        return y * 3

    LOG.pop()
    return g(x)


@case((2,))
def returns_function(x):
    def g(y):
        return x + y

    return g(1)


@case(([1, 2, 3],))
def function_in_loop(xs):
    out = []
    for x in xs:
        def g(y):
            return y * x

        out.append(g(10))
    return out


@case(([1, 2, 3],))
def lambda_in_loop_handed_over(xs):
    out = []
    for x in xs:
        out.append(list(map(lambda y: y + x, xs)))
    return out


@case(([1, 2, 3],))
def lambda_in_comprehension_handed_over(xs):
    return [sorted(xs, key=lambda y: (y - x) ** 2) for x in xs]


@case((2,))
def lambda_before_reassignment(x):
    y = list(map(lambda t: t * x, [1, 2]))
    x = 5
    return y, x


@case((2,))
def function_called_before_reassignment(x):
    def g():
        return x

    a = g()
    x = 5
    return a, x


@case((2,))
def default_freezes(x):
    fs = []
    for i in range(3):
        fs.append(lambda y, i=i: y + i)
    return [f(x) for f in fs]


@case((2,), (0,))
def function_in_branch(x):
    if x:
        def g():
            return "yes"
    else:
        def g():
            return "no"

    return g()


@case((2,))
def name_of_global_as_parameter(note):
    return note + 1


@case((3,))
def local_shadows_builtin(x):
    sum = x
    return sum


@case((2,))
def inner_shadows(x):
    def g(x):
        x += 1
        return x

    return g(10), x


@case((3,))
def inner_reads_global(x):
    def g():
        return GLOBAL + x

    return g()


@case((3,))
def star_args_function(x):
    def g(*args, **kw):
        return args, sorted(kw.items())

    return g(*[1, x], a=1, **{"b": 2})


# ---- errors, with, imports -------------------------------------------------------------------------------------------
@case((0,), (2,), ("a",))
def try_except(x):
    try:
        return 1 / x
    except ZeroDivisionError:
        return "zero"
    except (TypeError, ValueError) as error:
        return type(error).__name__


@case((0,), (2,))
def try_assigns(x):
    try:
        y = 1 / x
    except ZeroDivisionError:
        y = -1
    return y


@case((0,), (2,))
def try_keeps_old(x):
    y = "old"
    try:
        y = 1 / x
    except ZeroDivisionError:
        pass
    return y


@case((0,), (2,))
def try_else(x):
    try:
        note(1 / x)
    except ZeroDivisionError:
        note("caught")
    else:
        note("else")
    return x


@case((0,), (2,))
def try_else_handlers_leave(x):
    try:
        y = 1 / x
    except ZeroDivisionError:
        return "zero"
    else:
        y += 1
    return y


@case((0,), (2,), ("a",))
def try_finally(x):
    try:
        return note(1 / x)
    except TypeError:
        note("type")
    finally:
        note("finally")
    return "end"


@case((0,), (2,), (4,))
def try_everything(x):
    try:
        y = 1 / x
    except ZeroDivisionError:
        y = 0
    else:
        if x == 4:
            return note("four")
        note("else")
    finally:
        note("finally")
    return y


@case((0,), (2,))
def finally_only(x):
    try:
        y = 1 / x
    finally:
        note("finally")
    return y


@case((0,), (1,), (2,))
def bare_raise(x):
    try:
        if x == 0:
            raise KeyError("k")
        if x == 1:
            raise ValueError("v")
        note("fine")
    except KeyError:
        note("key")
        raise
    except ValueError as e:
        note(str(e))
    return x


@case((0,), (1,))
def raise_from(x):
    try:
        1 / x
    except ZeroDivisionError as e:
        raise ValueError("bad") from e
    raise TypeError from None


@case((3,), (0,))
def try_in_loop(n):
    out = []
    for i in range(n):
        try:
            if i == 1:
                raise ValueError
            if i == 2:
                break
            r = 1 / i
        except ZeroDivisionError:
            out.append("zero")
            continue
        except ValueError:
            out.append("value")
        else:
            out.append(r)
        out.append("end")
    else:
        out.append("else")
    return out


@case((3,), (0,))
def return_in_try_in_loop(n):
    for i in range(n):
        try:
            if i == 1:
                return note("in try")
        finally:
            note(i)
    return "end"


@case((0,), (1,))
def nested_try(x):
    try:
        try:
            1 / x
        except TypeError:
            note("inner")
        finally:
            note("inner finally")
    except ZeroDivisionError:
        note("outer")
    return x


@case((0,), (1,))
def handler_name_is_deleted(x):
    e = 5
    try:
        1 / x
    except ZeroDivisionError as e:
        note("caught")
    return e


@case((0,),)
def catch_all(x):
    try:
        boom(x)
    except:  # noqa: E722
        return "all"


@case((-1,), (1,))
def asserts(x):
    assert x > 0, note("message")
    assert x
    return x


@case((-1,))
def asserts_without_message(x):
    assert x > 0
    return x


@case((1,), (-1,))
def raises_first(x):
    if x < 0:
        raise ValueError(f"negative: {x}")
    y = x + 1
    return y


@case((1,), (-1,))
def raises_class(x):
    if x < 0:
        raise ValueError
    else:
        raise StopIteration


@case((1,))
def raises_something_else(x):
    raise x


@case((2,))
def with_statement(x):
    with manager("a") as name, manager("b"):
        y = note(name)
    return y, x


@case((2,), (0,))
def with_return(x):
    with manager("a"):
        if x:
            return "inside"
        y = 3
    return y


@case((4,))
def with_in_loop(n):
    out = []
    for i in range(n):
        with manager(i) as k:
            if i == 1:
                continue
            if i == 3:
                break
            out.append(k)
    return out


@case((1,))
def with_raises(x):
    with manager("a"):
        boom(x)
    return x


@case((0,), (2,), ("a",), (1,))
def try_progress(x):
    try:
        a = note(x + 1)
        b = note(1 / x)
        c = note(1 / (x - 1))
    except ZeroDivisionError as e:
        b = -a
        c = type(e).__name__
    except TypeError:
        return "type"
    return a, b, c


@case((0,), (2,), (1,))
def try_progress_reads_everything(x):
    a = b = "old"
    try:
        a = 1
        b = 1 / x
        a = 2
        b = 1 / (x - 1)
        a = 3
    except ZeroDivisionError:
        note((a, b))
    else:
        note("else")
    finally:
        note("finally")
    return a, b


@case((0,), (2,), (1,))
def try_progress_in_loop(n):
    out = []
    k = 0
    for i in range(4):
        try:
            k = k + 1
            out.append(1 / (i - n))
            k = k + 10
            if k > 40:
                break
            if k > 30:
                continue
            note(k)
        except ZeroDivisionError:
            out.append(k)
            if k > 20:
                return "early", out
        out.append("end")
    return k, out


@case((0,), (2,), (1,))
def try_progress_reraises(x):
    a = 0
    try:
        try:
            a = 5
            b = 1 / x
            a = b
            c = 1 / (x - 1)
        except ZeroDivisionError as error:
            note(a)
            if a == 5:
                raise
            try:
                boom(a)
            except KeyError:
                note("inner")
            raise ValueError from error
        note(c)
    except ZeroDivisionError:
        note("outer")
        return "outer"
    except ValueError as e:
        return "value", type(e.__cause__)
    return a


@case((0,), (2,))
def try_progress_deletes_name(x):
    e = 1
    try:
        a = x
        a = 1 / x
        a = 2
    except ZeroDivisionError as e:
        note(a)
    return a, e


@case((0,), (2,))
def try_unpacks(x):
    a, b = 1, 2
    try:
        a, b = [x, 1 / x]
    except ZeroDivisionError:
        pass
    try:
        a, b = [x] * x
    except ValueError:
        pass
    return a, b


@case((0,), (2,))
def try_augments(x):
    s = 1
    try:
        s += 1 / x
    except ZeroDivisionError:
        pass
    return s


@case((0,), (2,), ("a",))
def with_suppress_in_the_middle(x):
    c = x
    with contextlib.suppress(ZeroDivisionError):
        c = x * 2
        c = c / x
        c = 7
    return c


@case((0,), (2,), ("a",))
def with_suppress(x):
    y = "old"
    with contextlib.suppress(ZeroDivisionError, ValueError):
        y = 1 / x
    return y


@case((0,), (2,))
def with_suppress_and_return(x):
    with manager(1), contextlib.suppress(ZeroDivisionError), manager(2):
        return note(1 / x)
    return "end"


@case((0.0,))
def with_errstate(x):
    with np.errstate(divide="ignore"):
        y = np.float64(1) / np.float64(x)
    return y


@case(((1, 2),))
def with_tuple_target(x):
    with contextlib.nullcontext(x) as (a, b):
        c = a + b
    return c


@case((2,))
def imports(x):
    import math as m
    import os.path
    from math import sqrt, pi as PI
    import collections.abc

    return m.exp(x), os.path.join("a", "b"), sqrt(x), PI, collections.abc.Sized.__name__


@case((2,))
def import_fails(x):
    import not_a_module_at_all


@case((2,))
def import_name_fails(x):
    from math import not_there


@case((2,), (0,))
def import_or_none(x):
    try:
        import not_a_module_at_all as m
    except ImportError:
        m = None
    return m


@case((Box(scale=1), 3))
def calls_private(b, x):
    return b.uses_private(x)


@case((5,))
def mutual_globals(n):
    return even(n)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


@case((3,))
def many_versions(x):
    y = x
    y = y + 1
    y = y * y
    if y > 10:
        y = y - 1
    y = -y
    return y


# ---- the pruned, the rare --------------------------------------------------------------------------------------------
@case((3,))
def unused_closure(n):
    f = lambda: boom(1)
    t = (n, n)
    return n


@case((3, 4))
def exit_hints(exit, value):
    for items in range(exit):
        if items == value:
            return items
    return exit


@case((3,))
def user_names_with_numbers(x):
    x1, x_1 = x, x + 1
    for x_2 in range(2):
        x1 += x_2
    return x1, x_1, x_2


@case(("größe",))
def unicode_names(größe):
    ä = größe + "ß"
    return f"{ä}é{größe}"


@case((5,))
def loop_in_branch_in_loop(n):
    total = 0
    for i in range(n):
        if i % 2:
            k = i
            while k:
                k -= 1
                if k == 1:
                    break
                total += k
            else:
                total += 100
        else:
            for j in range(i):
                if j == 3:
                    return total
                total += j
    return total


@case((5, 1), (5, 3), (5, 9))
def flag_behind_flag(n, k):
    s = 0
    for i in range(n):
        if i == k:
            if s > 2:
                break
            else:
                s += 100
        elif i == k + 1:
            if s > 100:
                continue
            s -= 1
        s += 1
        if s > 200:
            return "big"
        note(s)
    return s


@case((2,), (0,))
def return_inside_else_of_loop(n):
    for i in range(3):
        if i == n:
            break
    else:
        return "else"
    note("behind")
    return i


@case((0,), (1,), (2,), (3,))
def deep_guards(x):
    if x == 0:
        return 0
    y = x
    if x == 1:
        y += 1
        if y > 5:
            return y
    elif x == 2:
        raise ValueError
    note(y)
    if y == 3:
        return "three"
    return y
