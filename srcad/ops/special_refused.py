"""Functions of `scipy.special` without a rule, each with the reason, and those that count or take integers only."""
from __future__ import annotations

from typing import Any

from srcad.ops.op import Spellings
from srcad.ops.scipy_words import stepped, unruled

_INVERSE = "it solves a distribution function for a parameter by which no derivative in closed form is known"
_SHAPE = "its derivatives are not in `scipy.special`"
_WAY_OUT = "keep its operands constant, or add a rule of your own (srcad.rules)"

REASONS = {
    _INVERSE:
        "bdtri bdtrik bdtrin btdtria btdtrib chdtriv chndtridf chndtrinc chndtrix fdtridfd gdtria gdtrib gdtrix nbdtri nbdtrik "
        "nbdtrin ncfdtri ncfdtridfd ncfdtridfn ncfdtrinc nctdtridf nctdtrinc nctdtrit pdtri pdtrik stdtridf",
    _SHAPE:
        "agm airye besselpoly chndtr elliprc elliprd elliprf elliprg elliprj itairy kelvin kolmogi kolmogorov log_wright_bessel "
        "mathieu_a mathieu_b mathieu_cem mathieu_modcem1 mathieu_modcem2 mathieu_modsem1 mathieu_modsem2 mathieu_sem modfresnelm "
        "modfresnelp ncfdtr nctdtr obl_ang1 obl_ang1_cv obl_cv obl_rad1 obl_rad1_cv obl_rad2 obl_rad2_cv pro_ang1 pro_ang1_cv "
        "pro_cv pro_rad1 pro_rad1_cv pro_rad2 pro_rad2_cv smirnov smirnovi tklmbda wright_bessel zetac sph_harm "
        "sph_harm_y_all sph_legendre_p sph_legendre_p_all assoc_legendre_p assoc_legendre_p_all legendre_p legendre_p_all "
        "ellip_harm ellip_harm_2 ellip_normal lmbda lqmn lqn lpn lpmn clpmn pbdn_seq pbdv_seq pbvv_seq riccati_jn riccati_yn "
        "obl_cv_seq pro_cv_seq mathieu_even_coef mathieu_odd_coef diric factorial2 factorialk",
    "nodes and weights of a rule with a real parameter are computed by a library routine":
        "roots_sh_jacobi js_roots",
    "it makes a polynomial object":
        "jacobi genlaguerre gegenbauer sh_jacobi assoc_laguerre",
}

INTEGERS = (
    "gammasgn round ai_zeros bei_zeros beip_zeros ber_zeros berp_zeros bi_zeros bernoulli c_roots chebyc chebys chebyt chebyu "
    "erf_zeros euler fresnel_zeros fresnelc_zeros fresnels_zeros h_roots he_roots hermite hermitenorm jn_zeros jnjnp_zeros "
    "jnp_zeros jnyn_zeros kei_zeros keip_zeros kelvin_zeros ker_zeros kerp_zeros l_roots laguerre legendre p_roots ps_roots "
    "roots_chebyc roots_chebys roots_chebyt roots_chebyu roots_hermite roots_hermitenorm roots_laguerre roots_legendre "
    "roots_sh_chebyt roots_sh_chebyu roots_sh_legendre s_roots sh_chebyt sh_chebyu sh_legendre stirling2 t_roots ts_roots u_roots "
    "us_roots y0_zeros y1_zeros y1p_zeros yn_zeros ynp_zeros geterr seterr"
)


def rules(special: Any) -> tuple[Spellings, ...]:
    """One entry per function that the installed SciPy has; several names may stand for one function."""
    reasons = ((n, why) for why, names in REASONS.items() for n in names.split() if hasattr(special, n))
    found = (unruled(getattr(special, n), "special", n, why, _WAY_OUT) for n, why in reasons)
    return (*found, *(stepped(getattr(special, n), "special", n) for n in INTEGERS.split() if hasattr(special, n)))
