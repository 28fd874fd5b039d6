import numpy as np


# Derivative of banana (reverse mode) with respect to x.
# Signature: x: float64[:]
def banana_grad(x):
    # forward sweep
    x_part = x[:-1]
    difference = x[1:] - x_part**2
    difference_2 = 1.0 - x_part
    value = np.sum(100.0 * difference**2 + difference_2**2)
    # reverse sweep
    x_bar = np.zeros(x.shape)                   # return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
    product = 200.0 * difference
    x_bar[:-1] += -2.0 * difference_2 + -400.0 * x_part * difference
    x_bar[1:] += product
    return value, x_bar
