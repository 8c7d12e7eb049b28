"""URLs of servers that keep ledgers."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

_SCHEMES = ("postgresql://", "postgres://")


def is_url(where: str | os.PathLike[str]) -> bool:
    """Whether this is the URL of a server, and no path of a file."""
    return isinstance(where, str) and where.startswith(_SCHEMES)


def shown(where: str | os.PathLike[str]) -> str:
    """The place for people: a URL without its password and options."""
    return without_passwords(str(where)).partition("?")[0] if is_url(where) else str(where)


def without_passwords(text: str) -> str:
    """A text in which no URL has its password any more."""
    import re

    text = re.sub(r"(postgres(?:ql)?://[^/?\s]*?):[^/?\s]*@", r"\1:…@", text)
    # One that is not encoded may hold anything; what comes after the last @ is the host.
    text = re.sub(r"(postgres(?:ql)?://[^:/?\s]*):\S*@", r"\1:…@", text)
    return re.sub(r"\b((?:ssl)?password=)[^&\s]*", r"\1…", text)
