import numpy as np


# Derivative of banana_loops (reverse mode) with respect to x.
# Signature: x: float64[:]
def banana_loops_grad(x):
    # forward sweep
    difference = len(x) - 1
    total = 0.0
    for i in range(difference):
        x_item = x[i + 1]
        x_i = x[i]
        a = x_item - x_i * x_i
        b = 1.0 - x_i
        total += 100.0 * (a * a) + b * b
    # reverse sweep
    x_bar = np.zeros(x.shape)                   # for i in range(len(x) - 1): ...
    for i in reversed(range(difference)):
        x_i = x[i]
        b = 1.0 - x_i
        total_2 = i + 1
        a = x[total_2] - x_i * x_i
        b_bar = b + b                           # total += 100.0 * (a * a) + b * b
        a_bar = a * 100.0
        a_bar += a_bar
        product = x_i * a_bar                   # a = x[i + 1] - x[i] * x[i]
        x_bar[i] += -b_bar - product - product
        x_bar[total_2] += a_bar
    return total, x_bar
