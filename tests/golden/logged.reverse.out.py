import math


# Derivative of logged (reverse mode) with respect to a.
# Signature: a: float, n: int
def logged_grad(a, n):
    # forward sweep
    a_tape = []
    for i in range(n):
        a_tape.append(a)
        print('step', i)
        a = math.sin(a)
    # reverse sweep
    a_bar = 1.0
    for a_2 in reversed(a_tape):                # for i in range(n): ...
        a_bar = math.cos(a_2) * a_bar           # a = math.sin(a)
    a_bar = float(a_bar)
    return a, a_bar
