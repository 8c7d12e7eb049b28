"""Places in Omega programs whose library procedures call models."""

from __future__ import annotations

import sys
from types import TracebackType

from omega_runtime.places.frames import frame_place
from omega_runtime.places.site import Site

_sites: dict[tuple[object, ...], Site] = {}


def site_in_program(procedure: str, ordinal: int, operation: str = "infer.op") -> Site:
    """The site of a call that a library procedure makes: the place in the Omega program that called the procedure."""
    frame = sys._getframe(1)
    while frame.f_back is not None and "__omega_source__" not in frame.f_globals:
        frame = frame.f_back
    found = frame_place(TracebackType(None, frame, frame.f_lasti, frame.f_lineno)) or ("(library)", 1, 1)
    return _sites.setdefault((*found, procedure, ordinal), Site(*found, operation, procedure, ordinal))
