"""Places in Python code that make calls."""

from __future__ import annotations

import os

from omega_runtime.places.site import Site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_sites: dict[tuple[str, int, str], Site] = {}


def site_at(frame: FrameType) -> Site:
    """The site of what a frame calls; always the same for one place."""
    key = frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name
    site = _sites.get(key)
    if site is None:
        site = _sites[key] = Site(os.path.basename(key[0]), key[1], 1, "infer.op", key[2], 1)  # noqa: PTH119
    return site
