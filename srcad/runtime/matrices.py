"""Functions of matrices that derivatives need where NumPy would raise."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.runtime.numbers import prod_others


def adjugate(a: Any) -> Any:
    """`det(a) * inv(a)`, also of singular matrices: by the singular values (G. W. Stewart, "On the adjugate matrix", 1998)."""
    u, s, vh = np.linalg.svd(a)
    turned = np.swapaxes(np.conj(vh), -1, -2) * prod_others(s, -1)[..., None, :] @ np.swapaxes(np.conj(u), -1, -2)
    return (np.linalg.det(u) * np.linalg.det(vh))[..., None, None] * turned


def inverse_or_infinite(a: Any) -> Any:
    """`np.linalg.inv(a)`; where there is none its limit, the adjugate over 0."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        a = np.asarray(a)
        singular = (np.linalg.det(a) == 0.0)[..., None, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(singular, adjugate(a) / a.dtype.type(0), np.linalg.inv(np.where(singular, np.eye(a.shape[-1]), a)))


def one_or_nan(p: Any) -> Any:
    """1.0 if a symmetric matrix is positive definite, nan if it is singular."""
    values = np.linalg.eigvalsh(0.5 * (p + np.swapaxes(p, -1, -2)))
    return 1.0 if values[0] > len(values) * np.finfo(values.dtype).eps * values[-1] else np.nan
