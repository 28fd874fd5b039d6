import math


# Derivative of kepler (reverse mode) with respect to mean, ecc.
# Signature: mean: float, ecc: float, tol: float
def kepler_grad(mean, ecc, tol):
    # forward sweep
    tape = []
    anomaly = mean
    while True:
        sin_anomaly = math.sin(anomaly)
        residual = anomaly - ecc * sin_anomaly - mean
        if abs(residual) < tol:
            break
        cos_anomaly = math.cos(anomaly)
        difference = 1.0 - ecc * cos_anomaly
        quotient = residual / difference
        tape.append((sin_anomaly, cos_anomaly, difference, quotient))
        anomaly -= quotient
    # reverse sweep
    anomaly_bar = 1.0
    ecc_bar = 0.0
    mean_bar = 0.0
    for sin_anomaly, cos_anomaly, difference, quotient in reversed(tape):   # while True: ...
        residual_bar = -anomaly_bar / difference    # anomaly = anomaly - residual / (1.0 - ecc * math.cos(anomaly))
        product = quotient * residual_bar
        ecc_bar += cos_anomaly * product
        anomaly_bar -= sin_anomaly * (ecc * product)
        mean_bar -= residual_bar                # residual = anomaly - ecc * math.sin(anomaly) - mean
        anomaly_bar += residual_bar
        ecc_bar -= sin_anomaly * residual_bar
        anomaly_bar -= cos_anomaly * (ecc * residual_bar)
    mean_bar += anomaly_bar                     # while True: ...
    return anomaly, (mean_bar, ecc_bar)
