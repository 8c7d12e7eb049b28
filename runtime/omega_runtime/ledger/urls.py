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


def without_password(url: str) -> str:
    """A URL that works, without the password in it."""
    from urllib.parse import parse_qsl, quote, urlencode, urlsplit

    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    options = [(name, each) for name, each in parse_qsl(parts.query, keep_blank_values=True) if "password" not in name]
    query = urlencode(options, quote_via=quote)  # no + for blanks, as the driver takes it for itself
    return parts._replace(netloc=user.partition(":")[0] + at + host, query=query).geturl()
