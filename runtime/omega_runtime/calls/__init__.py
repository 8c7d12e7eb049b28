"""Effects: what compiled code calls at an effect site, and the handlers that may answer instead.

Each name is imported when it is first used, as most programs need few of them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.effects import effect
    from omega_runtime.calls.handlers import Resume, handle
    from omega_runtime.calls.sampling import sample
    from omega_runtime.calls.woven import infer, perform, reserve, settle, void
    from omega_runtime.places import Site

__all__ = ["Resume", "Site", "effect", "handle", "infer", "perform", "reserve", "sample", "settle", "void"]

_HOMES = {
    "Resume": "calls.handlers",
    "Site": "places",
    "effect": "calls.effects",
    "handle": "calls.handlers",
    "infer": "calls.woven",
    "perform": "calls.woven",
    "reserve": "calls.woven",
    "sample": "calls.sampling",
    "settle": "calls.woven",
    "void": "calls.woven",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'omega_runtime.calls' has no attribute {name!r}")
    value = globals()[name] = getattr(__import__(f"omega_runtime.{_HOMES[name]}", fromlist=[name]), name)
    return value
