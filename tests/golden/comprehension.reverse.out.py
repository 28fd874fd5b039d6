import numpy as np
from srcad.runtime import copy_tree, safe_divide


# Derivative of comprehension (reverse mode) with respect to x, a.
# Signature: x: float64[:], a: float
def comprehension_grad(x, a):
    # forward sweep
    items = [a * e * e for e in x]
    len_items = len(items)
    value = sum(items) / len_items
    # reverse sweep
    items_bar = [safe_divide(1.0, len_items)] * len(items)  # return sum(squares) / len(squares)
    items_bar = copy_tree(items_bar)            # squares = [a * e * e for e in x]
    x_bar = np.zeros(x.shape)
    a_bar = 0.0
    for e, k in zip(reversed(x), reversed(range(len(x)))):
        item_bar = items_bar.pop()
        product = e * item_bar
        a_bar += e * product
        e_bar = a * e * item_bar + a * product
        x_bar[k] += e_bar
    a_bar = float(a_bar)
    return value, (x_bar, a_bar)
