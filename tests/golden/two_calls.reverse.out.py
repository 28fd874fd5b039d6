import math


def damped_fwd(x, n):
    tape = []
    s = x
    for _ in range(n):
        sin_s = math.sin(s)
        tape.append((s, sin_s))
        s = x * sin_s + 0.5 * s
    residuals = tape, x
    return s, residuals


def damped_bwd(residuals, s_bar):
    tape, x = residuals
    x_bar = 0.0
    for s, sin_s in reversed(tape):             # for _ in range(n): ...
        x_bar += sin_s * s_bar                  # s = x * math.sin(s) + 0.5 * s
        s_bar = 0.5 * s_bar + math.cos(s) * (x * s_bar)
    x_bar += s_bar                              # for _ in range(n): ...
    return x_bar


# Derivative of two_calls (reverse mode) with respect to x, y.
# Signature: x: float, y: float
def two_calls_grad(x, y):
    # forward sweep
    s, residuals = damped_fwd(x, 4)
    s_2, residuals_2 = damped_fwd(x * y, 3)
    value = s * y + s_2
    # reverse sweep
    x_part = damped_bwd(residuals_2, 1.0)       # return damped(x, 4) * y + damped(x * y, 3)
    y_bar = x * x_part + s
    x_bar = y * x_part + damped_bwd(residuals, y)
    return value, (x_bar, y_bar)
