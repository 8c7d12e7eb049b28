"""What programs see of a Python exception."""

from __future__ import annotations

from omega_runtime.values.errors import OmegaError, Raised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


def condition(error: BaseException) -> Value:
    """What a guard or handler sees of a Python exception: the object raised, or an error object."""
    if isinstance(error, Raised):
        return error.payload
    if isinstance(error, OmegaError):
        return error
    from omega_runtime.diagnostics.blame import translated

    return translated(error)
