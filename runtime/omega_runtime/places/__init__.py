"""Places in Omega sources: of effects, and of errors."""

from omega_runtime.places.site import Site

__all__ = ["Site"]
