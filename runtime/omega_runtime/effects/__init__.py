"""Effects: what compiled code calls at an effect site, and the handlers that may answer instead."""

from omega_runtime.effects.builtin import effect
from omega_runtime.effects.calls import infer, perform, reserve, settle, void
from omega_runtime.effects.handlers import Resume, handle
from omega_runtime.effects.site import Site

__all__ = ["Resume", "Site", "effect", "handle", "infer", "perform", "reserve", "settle", "void"]
