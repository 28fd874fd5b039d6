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
        x_bar[i] += -(2.0 * b) - 400.0 * x_i * a    # a = x[i + 1] - x[i] * x[i]
        x_bar[total_2] += 200.0 * a
    return total, x_bar
