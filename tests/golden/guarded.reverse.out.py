# Derivative of guarded (reverse mode) with respect to a.
# Signature: a: float, n: int
def guarded_grad(a, n):
    # forward sweep
    try:
        b = a / n
        path = 0
    except ZeroDivisionError:
        b = a * a
        path = 1
    value = b * a
    # reverse sweep
    if path == 0:                               # try: ...
        b_2 = a / n
        a_bar = b + b_2                         # b = a / n
    else:
        a_bar = b + 2.0 * a * a                 # b = a * a
    return value, a_bar
