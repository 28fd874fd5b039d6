"""Programs as IR text, what is printed for them, and what that gives."""
from __future__ import annotations

import numpy as np

# name: (IR, Python, (arguments, result), ...)
CASES = {
    'swap in a loop': (
        """\
def f(a: float, b: float, n: int) {
  a.3: float, b.3: float = for (i: int) in range(0, n, 1) carry (a.1: float = a, b.1: float = b) {
    yield b.1, a.1
  }
  return a.3, b.3
}
""",
        """\
def f(a, b, n):
    for i in range(n):
        a, b = b, a
    return a, b
""",
        (((1.0, 2.0, 3), (2.0, 1.0)),),
    ),
    'fibonacci': (
        """\
def f(n: int) {
  a.3: int, b.3: int = for (i: int) in range(0, n, 1) carry (a.1: int = 0, b.1: int = 1) {
    b.2: int = add(a.1, b.1)
    yield b.1, b.2
  }
  return a.3
}
""",
        """\
def f(n):
    a = 0
    b = 1
    for i in range(n):
        a, b = b, a + b
    return a
""",
        (((10,), 55),),
    ),
    'old version needed after the new one': (
        """\
def f(x: float) {
  x.1: float = mul(x, 2.0)
  y: float = add(x.1, x)
  return y
}
""",
        """\
def f(x):
    x_2 = x * 2.0
    y = x_2 + x
    return y
""",
        (((3.0,), 9.0),),
    ),
    'break': (
        """\
def f(x: float, n: int) {
  x.3: float, exit.2: int = for (i: int) in range(0, n, 1) carry (x.1: float = x, exit: int = 0) exit 1 {
    %1: bool = gt(x.1, 10.0)
    x.2: float, exit.1: int = if %1 {
      yield x.1, 1
    } else {
      %2: float = mul(x.1, 3.0)
      yield %2, 0
    }
    yield x.2, exit.1
  }
  return x.3
}
""",
        """\
def f(x, n):
    for i in range(n):
        if x > 10.0:
            break
        x *= 3.0
    return x
""",
        (((1.0, 9), 27.0), ((1.0, 1), 3.0),),
    ),
    'exit number read after the loop': (
        """\
def f(x: float, n: int) {
  x.3: float, exit.2: int = for (i: int) in range(0, n, 1) carry (x.1: float = x, exit: int = 0) exit 1 {
    %1: bool = gt(x.1, 10.0)
    x.2: float, exit.1: int = if %1 {
      yield x.1, 1
    } else {
      %2: float = mul(x.1, 3.0)
      yield %2, 0
    }
    yield x.2, exit.1
  }
  return x.3, exit.2
}
""",
        """\
def f(x, n):
    early = 0
    for i in range(n):
        if x > 10.0:
            early = 1
            break
        x *= 3.0
    return x, early
""",
        (((1.0, 9), (27.0, 1)), ((1.0, 1), (3.0, 0)),),
    ),
    'exit number that is computed': (
        """\
def f(x: float, n: int) {
  x.3: float, exit.2: int = for (i: int) in range(0, n, 1) carry (x.1: float = x, exit: int = 0) exit 1 {
    %1: bool = gt(x.1, 10.0)
    %2: int = call(&builtins:int, %1)
    %3: float = mul(x.1, 3.0)
    yield %3, %2
  }
  return x.3
}
""",
        """\
def f(x, n):
    for i in range(n):
        early = int(x > 10.0)
        x *= 3.0
        if early:
            break
    return x
""",
        (((1.0, 9), 81.0), ((1.0, 1), 3.0),),
    ),
    'return in nested loops': (
        """\
def f(n: int, m: int) {
  s.5: int, value.5: int, exit.5: int = for (i: int) in range(0, n, 1) carry (s.1: int = 0, value.1: int = undef, exit.1: int = 0) exit 2 {
    s.3: int, value.3: int, exit.3: int = for (j: int) in range(0, m, 1) carry (s.2: int = s.1, value.2: int = undef, exit.2: int = 0) exit 2 {
      %1: int = add(i, j)
      %2: bool = gt(%1, 5)
      value.6: int, exit.6: int, s.6: int = if %2 {
        %3: int = mul(i, j)
        yield %3, 2, s.2
      } else {
        %4: int = add(s.2, 1)
        yield undef, 0, %4
      }
      yield s.6, value.6, exit.6
    }
    %5: bool = eq(exit.3, 2)
    s.4: int, value.4: int, exit.4: int = if %5 {
      yield s.3, value.3, 2
    } else {
      %6: int = add(s.3, 100)
      yield %6, undef, 0
    }
    yield s.4, value.4, exit.4
  }
  %7: bool = eq(exit.5, 2)
  value: int = if %7 {
    yield value.5
  } else {
    yield s.5
  }
  return value
}
""",
        """\
def f(n, m):
    s = 0
    for i in range(n):
        for j in range(m):
            if i + j > 5:
                return i * j
            s += 1
        s += 100
    return s
""",
        (((3, 3), 309), ((4, 4), 9), ((0, 1), 0),),
    ),
    'in-place change of a value that is read later': (
        """\
def f(x: float64[n], g: float64[n]) {
  x_bar: float64[n] = mul(x, 2.0)
  x_bar.1: float64[n] = accum(x_bar, g)
  y: float64[n] = add(x_bar, x_bar.1)
  return y
}
""",
        """\
def f(x, g):
    x_bar = x * 2.0
    x_bar_2 = x_bar.copy()
    x_bar_2 += g
    y = x_bar + x_bar_2
    return y
""",
        (((np.array([1.0]), np.array([10.0])), np.array([14.0])),),
    ),
    'in-place change in a loop of a value that is read behind it': (
        """\
def f(x: float64[n], g: float64[n]) {
  z: float64[n] = mul(x, 2.0)
  x_bar.3: float64[n] = for (i: int) in range(0, 3, 1) carry (x_bar.1: float64[n] = z) {
    x_bar.2: float64[n] = accum(x_bar.1, g)
    yield x_bar.2
  }
  y: float64[n] = add(x_bar.3, z)
  return y
}
""",
        """\
def f(x, g):
    z = x * 2.0
    x_bar = z.copy()
    for i in range(3):
        x_bar += g
    y = x_bar + z
    return y
""",
        (((np.array([1.0]), np.array([10.0])), np.array([34.0])),),
    ),
    'effects keep their order': (
        """\
def f(x, y) {
  %1 = call(&builtins:float, x)
  %2 = call(&builtins:float, y)
  %3 = sub(%2, %1)
  %4 = mul(%1, 2)
  return %3, %4
}
""",
        """\
def f(x, y):
    float_x = float(x)
    return float(y) - float_x, float_x * 2
""",
        ((('1', 2), (1.0, 2.0)),),
    ),
    'an effect does not move past another': (
        """\
def f(x, log) {
  %1 = call(&builtins:float, x)
  call(log, 1)
  %2 = call(&builtins:float, %1)
  call(log, %2)
  return x
}
""",
        """\
def f(x, log):
    float_x = float(x)
    log(1)
    log(float(float_x))
    return x
""",
        (((1, [].append), 1),),
    ),
    'conditional expression and connectives': (
        """\
def f(x: float, y: float) {
  %1: bool = lt(x, y)
  %2: float = if %1 {
    %3: float = mul(x, 2.0)
    yield %3
  } else {
    yield y
  }
  %4: bool = lt(0.0, %2)
  %5: bool = if %4 {
    %6: bool = lt(x, 1.0)
    yield %6
  } else {
    yield %4
  }
  %7: bool = if %5 {
    yield %5
  } else {
    %8: bool = lt(y, 0.0)
    yield %8
  }
  %9: float = if %7 {
    yield 1.0
  } else {
    yield -1.0
  }
  %10: float = pow(%9, 2.0)
  %11: float = neg(%10)
  return %11
}
""",
        """\
def f(x, y):
    return -(1.0 if 0.0 < (x * 2.0 if x < y else y) and x < 1.0 or y < 0.0 else -1.0)**2.0
""",
        (((0.5, 2.0), -1.0), ((3.0, 2.0), -1.0),),
    ),
    'tapes and reversed loops': (
        """\
def f(x: float, n: int) {
  banner('forward sweep')
  tape = tape_new()
  x.3: float, tape.3 = for (i: int) in range(0, n, 1) carry (x.1: float = x, tape.1 = tape) {
    %1: float = mul(x.1, x.1)
    x.2: float = add(%1, x.1)
    %2 = pack((x.1, %1))
    tape.2 = tape_push(tape.1, %2)
    yield x.2, tape.2
  }
  banner('reverse sweep')
  x_bar.3: float = for (%3) in reversed zip(tape.3) carry (x_bar.1: float = 1.0) 'for i in range(n): ...' {
    %4: float, %5: float = unpack(%3)
    %6: float = mul(2.0, %4) 'x = x * x + x'
    %7: float = mul(%6, x_bar.1) 'x = x * x + x'
    x_bar.2: float = add(%7, x_bar.1) 'x = x * x + x'
    yield x_bar.2
  }
  return x.3, x_bar.3
}
""",
        """\
def f(x, n):
    # forward sweep
    tape = []
    for i in range(n):
        product = x * x
        tape.append((x, product))
        x = product + x
    # reverse sweep
    x_bar = 1.0
    for x_2, _ in reversed(tape):               # for i in range(n): ...
        x_bar = 2.0 * x_2 * x_bar + x_bar       # x = x * x + x
    return x, x_bar
""",
        (((0.5, 2), (1.3125, 5.0)),),
    ),
    'comprehension': (
        """\
def f(xs, ys) {
  %1 = pack([])
  %9 = for (x) in zip(xs) carry (%2 = %1) {
    %3: bool = gt(x, 0)
    %8 = if %3 {
      %7 = for (y) in zip(ys) carry (%4 = %2) {
        %5 = mul(x, y)
        %6 = list_append(%4, %5)
        yield %6
      }
      yield %7
    } else {
      yield %2
    }
    yield %8
  }
  %10 = call(&builtins:sum, %9)
  return %10
}
""",
        """\
def f(xs, ys):
    return sum([x * y for x in xs if x > 0 for y in ys])
""",
        ((([1, -1, 2], [3, 4]), 21),),
    ),
    'raise, try, with': (
        """\
def f(x: float, y: float) {
  %1: bool = eq(y, 0.0)
  if %1 {
    %2 = call(&builtins:ValueError, 'zero')
    raise(%2)
  }
  z: float = try path path: int {
    %3: float = truediv(x, y)
    yield %3
  } except &builtins:ZeroDivisionError as (e) {
    call(&builtins:print, e)
    yield 0.0
  } finally {
    call(&builtins:print, 'done')
  }
  r: float = with call(&numpy:errstate, all='ignore') {
    %4: float = mul(z, 2.0)
    yield %4
  }
  return r, path
}
""",
        """\
import numpy as np


def f(x, y):
    if y == 0.0:
        raise ValueError('zero')
    try:
        z = x / y
        path = 0
    except ZeroDivisionError as e:
        print(e)
        z = 0.0
        path = 1
    finally:
        print('done')
    with np.errstate(all='ignore'):
        r = z * 2.0
    return r, path
""",
        (((1.0, 2.0), (1.0, 0)),),
    ),
    'several iterables, some backwards': (
        """\
def f(xs, ys, n: int) {
  s.3 = for (x, y) in reversed zip(xs, ys) carry (s.1 = 0) {
    %1 = mul(x, y)
    s.2 = add(s.1, %1)
    yield s.2
  }
  s.6 = for (i: int, x.1) in zip(range(1, n, 1), xs) carry (s.4 = s.3) {
    %2 = mul(i, x.1)
    s.5 = add(s.4, %2)
    yield s.5
  }
  s.9 = for (%3: int) in reversed range(0, n, 2) carry (s.7 = s.6) {
    s.8 = add(s.7, s.6)
    yield s.8
  }
  return s.9
}
""",
        """\
def f(xs, ys, n):
    s = 0
    for x, y in zip(reversed(xs), reversed(ys)):
        s = s + x * y
    for i, x in zip(range(1, n), xs):
        s = s + i * x
    s_2 = s
    for _ in reversed(range(0, n, 2)):
        s_2 = s_2 + s
    return s_2
""",
        ((([1, 2], [3, 4], 3), 48),),
    ),
    'slices and literals': (
        """\
def f(A, i: int) {
  %1 = getitem(A, (<1:>, None, i))
  %2 = getitem(A, <:-1>)
  %3 = getitem(A, (<::-1>, ...))
  %4 = pack((<1:2>, 3))
  %5 = pack([#inf, #-inf, #nan, -0.0, -3, #complex(0.0, 2.0)])
  return %1, %2, %3, %4, %5
}
""",
        """\
import math


def f(A, i):
    return (A[1:, None, i], A[:-1], A[::-1, ...], (slice(1, 2), 3),
            [math.inf, -math.inf, math.nan, -0.0, -3, 2j])
""",
        (),
    ),
    'a name that an import would take': (
        """\
def f(np: float, math: float) {
  sum: float = add(np, math)
  %1 = call(&numpy:sin, sum)
  %2 = call(&math:exp, %1)
  %3 = call(&builtins:sum, [%2])
  return %3
}
""",
        """\
import math as math_
import numpy as np_


def f(np, math):
    sum_2 = np + math
    return sum([math_.exp(np_.sin(sum_2))])
""",
        (((0.0, 0.0), 1.0),),
    ),
    'calls of other functions': (
        """\
def f(x: float) {
  y: float, x_bar: float, z: float = @g(x)
  w: float = @h(y)
  %1: float = @k(z)
  return y, x_bar, %1 as dict{'value': 0, 'rest': [1, 2]}
}

def g(x: float) {
  return x, 1.0, 2.0 as (0, (1, 2))
}

def h(x: float) {
  call(&builtins:print, x)
  return None
}

def k(x: float) {
  return x
}
""",
        """\
def g(x):
    return x, (1.0, 2.0)


def h(x):
    print(x)


def k(x):
    return x


def f(x):
    y, (x_bar, z) = g(x)
    w = h(y)
    return {'value': y, 'rest': [x_bar, k(z)]}
""",
        (((1.5,), {'value': 1.5, 'rest': [1.0, 2.0]}),),
    ),
    'while with a test of several statements': (
        """\
def f(x, log) {
  x.3 = while carry (x.1 = x) test (x.4) {
    y = call(log, x.4)
    %1 = add(y, y)
    %2 = lt(%1, 10)
    yield %2
  } do {
    x.2 = add(x.1, 1)
    yield x.2
  }
  return x.3
}
""",
        """\
def f(x, log):
    while True:
        y = log(x)
        if not y + y < 10:
            break
        x = x + 1
    return x
""",
        (((1, lambda x: x), 5),),
    ),
    'both halves of a pair name residuals alike': (
        """\
def f(x: float) {
  y: float, residuals = @g_fwd(x)
  x_bar: float = @g_bwd(residuals, 1.0)
  return y, x_bar
}

def g_fwd(x: float) {
  tape = tape_new()
  s.2: float, tape.2 = for (i: int) in range(0, 3, 1) carry (s: float = x, tape.1 = tape) {
    %1: float = math.sin(s)
    s.1: float = mul(%1, s)
    %2 = pack((s, %1))
    tape.3 = tape_push(tape.1, %2)
    yield s.1, tape.3
  }
  residuals = pack((tape.2, x))
  return s.2, residuals
}

def g_bwd(residuals, s_bar: float) {
  %1, x: float = unpack(residuals)
  s_bar.3: float = for (%2) in reversed zip(%1) carry (s_bar.1: float = s_bar) {
    s: float, %3: float = unpack(%2)
    %4: float = math.cos(s)
    %5: float = mul(%4, s)
    %6: float = add(%5, %3)
    s_bar.2: float = mul(%6, s_bar.1)
    yield s_bar.2
  }
  %7: float = mul(s_bar.3, x)
  return %7
}
""",
        """\
import math


def g_fwd(x):
    tape = []
    s = x
    for i in range(3):
        sin_s = math.sin(s)
        tape.append((s, sin_s))
        s = sin_s * s
    residuals = tape, x
    return s, residuals


def g_bwd(residuals, s_bar):
    tape, x = residuals
    for s, sin_s in reversed(tape):
        s_bar = (math.cos(s) * s + sin_s) * s_bar
    return s_bar * x


def f(x):
    y, residuals = g_fwd(x)
    x_bar = g_bwd(residuals, 1.0)
    return y, x_bar
""",
        (((0.0,), (0.0, 0.0)),),
    ),
    'an exception kept beyond its clause': (
        """\
def f(x, y) {

  error.1 = try {
    %2 = truediv(x, y)
    call(&builtins:print, %2)
    yield None
  } except (&builtins:ZeroDivisionError, &builtins:ValueError) as (error) {
    yield error
  }
  %3 = call(&builtins:repr, error.1)
  return %3
}
""",
        """\
def f(x, y):
    try:
        print(x / y)
        error_2 = None
    except (ZeroDivisionError, ValueError) as error:
        error_2 = error
    return repr(error_2)
""",
        (((1, 0), "ZeroDivisionError('division by zero')"),),
    ),
    'for and else, break and return': (
        """\
def f(n: int, a: int, b: int) {
  s.5: int, value.5: int, exit.5: int = for (i: int) in range(0, n, 1) carry (s.1: int = 0, value.1: int = undef, exit.1: int = 0) exit 2 {
    %1: bool = eq(i, a)
    s.3: int, value.3: int, exit.3: int = if %1 {
      yield s.1, undef, 1
    } else {
      %2: bool = eq(i, b)
      value.4: int, exit.4: int, s.4: int = if %2 {
        %3: int = mul(i, 100)
        yield %3, 2, s.1
      } else {
        %4: int = add(s.1, 1)
        yield undef, 0, %4
      }
      yield s.4, value.4, exit.4
    }
    yield s.3, value.3, exit.3
  }
  %5: bool = eq(exit.5, 0)
  s.6: int, exit.6: int = if %5 {
    %6: int = neg(s.5)
    yield %6, 0
  } else {
    %7: bool = eq(exit.5, 2)
    exit.7: int = if %7 {
      yield 2
    } else {
      yield 0
    }
    yield s.5, exit.7
  }
  %8: bool = eq(exit.6, 0)
  value: int = if %8 {
    %9: int = mul(s.6, 10)
    yield %9
  } else {
    yield value.5
  }
  return value
}
""",
        """\
def f(n, a, b):
    s = 0
    for i in range(n):
        if i == a:
            break
        if i == b:
            return i * 100
        s += 1
    else:
        s = -s
    return s * 10
""",
        (((3, 9, 9), -30), ((5, 2, 9), 20), ((5, 9, 3), 300),),
    ),
    'continue': (
        """\
def f(n: int) {
  s.5: int = for (i: int) in range(0, n, 1) carry (s.1: int = 0) {
    %1: bool = gt(i, 1)
    s.2: int, exit.1: int = if %1 {
      %2: bool = gt(i, 3)
      s.3: int, exit.2: int = if %2 {
        yield s.1, -1
      } else {
        %3: int = add(s.1, 5)
        yield %3, 0
      }
      yield s.3, exit.2
    } else {
      yield s.1, 0
    }
    %4: bool = eq(exit.1, 0)
    s.4: int = if %4 {
      %5: int = add(s.2, 1)
      yield %5
    } else {
      yield s.2
    }
    yield s.4
  }
  return s.5
}
""",
        """\
def f(n):
    s = 0
    for i in range(n):
        if i > 1:
            if i > 3:
                continue
            s += 5
        s += 1
    return s
""",
        (((6,), 14),),
    ),
}
