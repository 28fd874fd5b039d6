import numpy as np


def rhs_fwd(y, alpha, beta):
    y_0 = y[0]
    y_1 = y[1]
    product = y_0 * y_1
    residuals = beta, y_1, y_0, alpha
    return np.array([alpha * y_0 - product, product - beta * y_1]), residuals


def rhs_bwd(residuals, value_bar, y_bar):
    beta, y_1, y_0, alpha = residuals
    value_bar_0 = value_bar[0]                  # return np.array([alpha * y[0] - y[0] * y[1], y[0] * y[1] - beta * y[1]])
    value_bar_1 = value_bar[1]
    difference = value_bar_1 - value_bar_0
    y_bar[1] += y_0 * difference - beta * value_bar_1
    alpha_bar = y_0 * value_bar_0
    y_bar[0] += y_1 * difference + alpha * value_bar_0
    return y_bar, alpha_bar


# Derivative of runge_kutta (reverse mode) with respect to y0, alpha.
# Signature: y0: float64[:], alpha: float, beta: float, h: float, n: int
def runge_kutta_grad(y0, alpha, beta, h, n):
    # forward sweep
    tape = []
    y = y0
    for _ in range(n):
        k1, residuals = rhs_fwd(y, alpha, beta)
        k2, residuals_2 = rhs_fwd(y + 0.5 * h * k1, alpha, beta)
        tape.append((residuals_2, residuals))
        y = y + h * k2
    y_0 = y[0]
    y_1 = y[1]
    value = y_0 * y_1
    # reverse sweep
    y_bar = np.zeros(y.shape)                   # return y[0] * y[1]
    y_bar[1] += y_0
    y_bar[0] += y_1
    alpha_bar = 0.0
    for residuals, residuals_2 in reversed(tape):   # for _ in range(n): ...
        k2_bar = h * y_bar                      # y = y + h * k2
        y_part, alpha_part = rhs_bwd(residuals, k2_bar, np.zeros(y0.shape))     # k2 = rhs(y + 0.5 * h * k1)
        alpha_bar += alpha_part
        y_bar = y_bar + y_part
        k1_bar = 0.5 * h * y_part
        y_bar, alpha_part = rhs_bwd(residuals_2, k1_bar, y_bar)     # k1 = rhs(y)
        alpha_bar += alpha_part
    alpha_bar = float(alpha_bar)
    return value, (y_bar, alpha_bar)
