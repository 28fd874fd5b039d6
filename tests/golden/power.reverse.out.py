def power_2_fwd(x, n):
    test = n == 0
    product = None
    if test:
        value = 1.0
        h = residuals = None
    else:
        h, residuals = power_2_fwd(x, n // 2)
        if n % 2 == 0:
            value = h * h
        else:
            product = h * h
            value = product * x
    residuals = test, n, h, x, product, residuals
    return value, residuals


def power_2_bwd(residuals, value_bar):
    test, n, h, x, product, residuals = residuals
    if test:                                    # if n == 0: ...
        x_bar = 0.0
    else:
        if n % 2 == 0:                          # if n % 2 == 0: ...
            h_bar = 2.0 * h * value_bar         # return h * h
            x_bar = 0.0
        else:
            x_bar = product * value_bar         # return h * h * x
            h_bar = 2.0 * h * (x * value_bar)
        x_bar += power_2_bwd(residuals, h_bar)  # h = power(x, n // 2)
    return x_bar


# Derivative of power (reverse mode) with respect to x.
# Signature: x: float, n: int
def power_grad(x, n):
    # forward sweep
    value, residuals = power_2_fwd(x, n)
    # reverse sweep
    x_bar = power_2_bwd(residuals, 1.0)
    return value, x_bar
