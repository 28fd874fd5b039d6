# Derivative of heron (reverse mode) with respect to a.
# Signature: a: float, tol: float
def heron_grad(a, tol):
    # forward sweep
    x_tape = []
    x = a
    while abs(x * x - a) > tol * a:
        x_tape.append(x)
        x = 0.5 * (x + a / x)
    # reverse sweep
    x_bar = 1.0
    a_bar = 0.0
    for x_2 in reversed(x_tape):                # while abs(x * x - a) > tol * a: ...
        x_bar = 0.5 * x_bar                     # x = 0.5 * (x + a / x)
        quotient = x_bar / x_2
        a_bar += quotient
        x_bar -= a / x_2 * quotient
    a_bar += x_bar                              # while abs(x * x - a) > tol * a: ...
    return x, a_bar
