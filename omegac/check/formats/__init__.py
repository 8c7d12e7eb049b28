"""How findings are written: a function from what was checked to text, for each format."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from omegac.check.findings import Checked
from omegac.check.formats.github import github
from omegac.check.formats.json import as_json
from omegac.check.formats.sarif import sarif
from omegac.check.formats.text import text

FORMATS: dict[str, Callable[[Sequence[Checked]], str]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "github": github,
}
"""By the name of the format; the texts end with a newline unless they are empty."""
