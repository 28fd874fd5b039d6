import numpy as np
from srcad.runtime import safe_divide


# Derivative of comprehension (reverse mode) with respect to x, a.
# Signature: x: float64[:], a: float
def comprehension_grad(x, a):
    # forward sweep
    squares = [a * e * e for e in x]
    len_squares = len(squares)
    value = sum(squares) / len_squares
    # reverse sweep
    quotient = safe_divide(1.0, len_squares)    # return sum(squares) / len(squares)
    x_bar = np.zeros(x.shape)                   # squares = [a * e * e for e in x]
    a_bar = 0.0
    for e, k in zip(reversed(x), reversed(range(len(x)))):
        product = e * quotient
        a_bar += e * product
        e_bar = a * e * quotient + a * product
        x_bar[k] += e_bar
    a_bar = float(a_bar)
    return value, (x_bar, a_bar)
