import numpy as np
from srcad.runtime import accum_at, gradient_like, unbroadcast, zeros_like


# Derivative of network (reverse mode) with respect to params.
# Signature: params: list[tuple], x: float64[:, :], labels: int64[:]
def network_grad(params, x, labels):
    # forward sweep
    tape = []
    h = x
    for w, b in params:
        product = h @ w
        h_2 = np.tanh(product + b)
        tape.append((h, w, b, product, h_2))
        h = h_2
    max_h = np.max(h, axis=1, keepdims=True)
    z = h - max_h
    exp_z = np.exp(z)
    sum_value = np.sum(exp_z, axis=1, keepdims=True)
    logp = z - np.log(sum_value)
    arange = np.arange(labels.shape[0])
    logp_part = logp[arange, labels]
    value = -np.mean(logp_part)
    # reverse sweep
    logp_bar = np.zeros(logp.shape)             # return -np.mean(logp[np.arange(labels.shape[0]), labels])
    np.add.at(logp_bar, (arange, labels), np.divide(-1.0, logp_part.shape[0]))
    # logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    logp_bar += exp_z * (-np.sum(logp_bar, axis=1, keepdims=True) / sum_value)
    test = h == max_h                           # z = h - np.max(h, axis=1, keepdims=True)
    logp_bar += test * (-np.sum(logp_bar, axis=1, keepdims=True) /
                        np.sum(test, axis=1, keepdims=True))
    params_bar = zeros_like(params)             # for w, b in params: ...
    h_bar = logp_bar
    for (h, w, b, product, h_2), k in zip(reversed(tape), reversed(range(len(tape)))):
        product_2 = (1.0 - h_2 * h_2) * h_bar   # h = np.tanh(h @ w + b)
        summed = unbroadcast(product_2, product)
        b_bar = unbroadcast(product_2, b)
        h_bar = summed @ w.T
        w_bar = h.T @ summed
        accum_at(params_bar, k, (w_bar, b_bar))     # for w, b in params: ...
    params_bar = gradient_like(params_bar, params)
    return value, params_bar
