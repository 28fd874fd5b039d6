import math


# Derivative of logistic_walk (reverse mode) with respect to x, r.
# Signature: x: float, r: float, n: int
def logistic_walk_grad(x, r, n):
    # forward sweep
    tape = []
    total = 0.0
    value = None
    early = 0
    for _ in range(n):
        sin_x = None
        if x < 0.3:
            x_2 = r * x * (1.0 - x)
        elif x < 0.6:
            sin_x = math.sin(x)
            x_2 = x + 0.25 * r * sin_x
        else:
            x_2 = 0.9 * r * (1.0 - x)
        tape.append((x, x_2, sin_x))
        if x_2 > 1.0:
            value = total + 10.0 * x_2
            early = 2
            break
        total += x_2 * x_2
        x = x_2
    test = early == 0
    if test:
        value = total / n
    # reverse sweep
    if test:                                    # for _ in range(n): ...
        total_bar = 1.0 / n                     # return total / n
        value_bar = 0.0
    else:
        total_bar = 0.0
        value_bar = 1.0
    x_bar = 0.0
    r_bar = 0.0
    for x, x_2, sin_x in reversed(tape):        # for _ in range(n): ...
        if x_2 > 1.0:                           # if x > 1.0: ...
            total_bar += value_bar              # return total + 10.0 * x
            x_bar_2 = x_bar + 10.0 * value_bar
            value_bar = 0.0
        else:
            x_bar_2 = x_bar + 2.0 * x_2 * total_bar     # total += x * x
        if x < 0.3:                             # if x < 0.3: ...
            product = (1.0 - x) * x_bar_2       # x = r * x * (1.0 - x)
            r_bar += x * product
            x_bar = r * product - r * x * x_bar_2
        elif x < 0.6:                           # elif x < 0.6: ...
            x_bar = x_bar_2 + math.cos(x) * (0.25 * r * x_bar_2)    # x = x + 0.25 * r * math.sin(x)
            r_bar += 0.25 * sin_x * x_bar_2
        else:
            x_bar = -(0.9 * r * x_bar_2)        # x = 0.9 * r * (1.0 - x)
            r_bar += 0.9 * (1.0 - x) * x_bar_2
    return value, (x_bar, r_bar)
