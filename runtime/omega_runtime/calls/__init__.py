"""Effects: what compiled code calls at an effect site, and the handlers that may answer instead."""

from omega_runtime.calls.effects import effect
from omega_runtime.calls.handlers import Resume, handle
from omega_runtime.calls.sampling import sample
from omega_runtime.calls.woven import infer, perform, reserve, settle, void
from omega_runtime.places import Site

__all__ = ["Resume", "Site", "effect", "handle", "infer", "perform", "reserve", "sample", "settle", "void"]
