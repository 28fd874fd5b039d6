import math


# Derivative of gaussian (reverse mode) with respect to x1, x2.
# Signature: x1: float, x2: float
def gaussian_grad(x1, x2):
    # forward sweep
    exp = math.exp(-(x1**2 + x2**2) / 2)
    product = x1 * exp
    # reverse sweep
    quotient = product / 2                      # return x1 * math.exp(-(x1**2 + x2**2) / 2)
    x2_bar = -(2.0 * x2 * quotient)
    x1_bar = exp - 2.0 * x1 * quotient
    return product, (x1_bar, x2_bar)
