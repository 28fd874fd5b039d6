"""Kepler's equation E - e sin E = M, solved by Newton's method in a `while` loop with a tolerance, and differentiated.

Reverse mode runs the loop's trips backwards, however many there were.  The derivatives are known in closed form, so that
the result can be compared.
"""

from __future__ import annotations

import math

import srcad

HALLEY_ECCENTRICITY = 0.96714  # comet 1P/Halley
PERIOD_YEARS = 75.32


def eccentric_anomaly(e, M):
    """The eccentric anomaly E for the eccentricity e and the mean anomaly M."""
    E = M if e < 0.8 else math.pi
    step = 1.0
    while abs(step) > 1e-13:
        step = (E - e * math.sin(E) - M) / (1.0 - e * math.cos(E))
        E = E - step
    return E


def distance(e, M):
    """The distance from the sun in units of the semi-major axis."""
    return 1.0 - e * math.cos(eccentric_anomaly(e, M))


def derivatives_in_closed_form(e, M):
    """dE/de and dE/dM by the implicit function theorem."""
    E = eccentric_anomaly(e, M)
    slope = 1.0 - e * math.cos(E)
    return math.sin(E) / slope, 1.0 / slope


def main() -> None:
    """Halley's comet, some years after its perihelion: where it is, and how sensitive that is."""
    solve = srcad.value_and_grad(eccentric_anomaly, argnums=(0, 1))
    range_of = srcad.value_and_grad(distance, argnums=(0, 1))
    print("years      E         dE/de      closed     dE/dM      closed     distance")
    for years in (0.5, 5.0, 20.0, 37.0):
        M = 2.0 * math.pi * years / PERIOD_YEARS
        E, (by_e, by_M) = solve(HALLEY_ECCENTRICITY, M)
        exact_e, exact_M = derivatives_in_closed_form(HALLEY_ECCENTRICITY, M)
        r, _ = range_of(HALLEY_ECCENTRICITY, M)
        print(f"{years:5.1f}  {E:9.6f}  {by_e:9.6f}  {exact_e:9.6f}  {by_M:9.6f}  {exact_M:9.6f}  {r:9.6f}")
    print()
    print(solve.source(HALLEY_ECCENTRICITY, 1.0))


if __name__ == "__main__":
    main()
