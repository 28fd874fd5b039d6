# Derivative of hunters (reverse mode) with respect to u, v, alpha.
# Signature: u: float, v: float, alpha: float, h: float, n: int
def hunters_grad(u, v, alpha, h, n):
    # forward sweep
    tape = []
    for _ in range(n):
        tape.append((u, v))
        product = u * v
        du = alpha * u - product
        dv = product - v
        u += h * du
        v += h * dv
    value = u * u + v * v
    # reverse sweep
    v_bar = 2.0 * v                             # return u * u + v * v
    u_bar = 2.0 * u
    alpha_bar = 0.0
    for u, v in reversed(tape):                 # for _ in range(n): ...
        dv_bar = h * v_bar                      # u, v = u + h * du, v + h * dv
        du_bar = h * u_bar
        v_bar -= dv_bar                         # dv = u * v - v
        difference = dv_bar - du_bar            # du = alpha * u - u * v
        u_bar += v * difference
        v_bar += u * difference
        alpha_bar += u * du_bar
        u_bar += alpha * du_bar
    return value, (u_bar, v_bar, alpha_bar)
