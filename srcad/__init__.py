"""srcad: source-transformation automatic differentiation for Python and NumPy."""
from __future__ import annotations

from srcad import rules as rules
from srcad.api import grad as grad
from srcad.api import jvp as jvp
from srcad.api import stop_gradient as stop_gradient
from srcad.api import value_and_grad as value_and_grad
from srcad.api import vjp as vjp
from srcad.checkpointed import checkpointed as checkpointed
from srcad.custom import checkpoint as checkpoint
from srcad.custom import complex_step as complex_step
from srcad.custom import custom_jvp as custom_jvp
from srcad.custom import custom_vjp as custom_vjp
from srcad.custom import finite_differences as finite_differences
from srcad.errors import ArgumentError as ArgumentError
from srcad.errors import CutWarning as CutWarning
from srcad.errors import InternalError as InternalError
from srcad.errors import NoRule as NoRule
from srcad.errors import NotDifferentiable as NotDifferentiable
from srcad.errors import ShapeMismatch as ShapeMismatch
from srcad.errors import SourceNotFound as SourceNotFound
from srcad.errors import SrcadError as SrcadError
from srcad.errors import UnsupportedSyntax as UnsupportedSyntax
from srcad.inserted import cotangent_of as cotangent_of
from srcad.jacobians import hessian as hessian
from srcad.jacobians import jacfwd as jacfwd
from srcad.jacobians import jacobian as jacobian
from srcad.jacobians import jacrev as jacrev
from srcad.products import hvp as hvp
from srcad.products import linearize as linearize
from srcad.sparse import sparse_hessian as sparse_hessian
from srcad.sparse import sparse_jacobian as sparse_jacobian
from srcad.testing import check_grads as check_grads

__version__ = "0.1.0"
