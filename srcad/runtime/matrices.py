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


def inverse_or_nan(a: Any) -> Any:
    """`np.linalg.inv(a)`; nan where there is none."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        return np.full(np.shape(a), np.nan, np.asarray(a).dtype)
