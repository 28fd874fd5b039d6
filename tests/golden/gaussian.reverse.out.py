import math


# Derivative of gaussian (reverse mode) with respect to x1, x2.
# Signature: x1: float, x2: float
def gaussian_grad(x1, x2):
    # forward sweep
    exp = math.exp(-(x1**2 + x2**2) / 2)
    product = x1 * exp
    # reverse sweep
    x2_bar = -(x2 * product)                    # return x1 * math.exp(-(x1**2 + x2**2) / 2)
    x1_bar = exp - x1 * product
    return product, (x1_bar, x2_bar)
