import math


# Derivative of branches (reverse mode) with respect to a, b.
# Signature: a: float, b: float
def branches_grad(a, b):
    # forward sweep
    test = a > b
    if test:
        c = a * b
    elif a > 0.0:
        c = math.sin(a) - b
    else:
        c = b
    value = c * c
    # reverse sweep
    c_bar = 2.0 * c                             # return c * c
    if test:                                    # if a > b: ...
        a_bar = b * c_bar                       # c = a * b
        b_bar = a * c_bar
    elif a > 0.0:                               # elif a > 0.0: ...
        b_bar = -2.0 * c                        # c = math.sin(a) - b
        a_bar = math.cos(a) * c_bar
    else:
        b_bar = c_bar
        a_bar = 0.0
    return value, (a_bar, b_bar)
