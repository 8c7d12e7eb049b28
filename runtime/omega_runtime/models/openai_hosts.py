"""Which hosts are OpenAI's own, whose word counts and whose prices are known."""

from __future__ import annotations

OPENAI = "api.openai.com"


def is_openai(host: str) -> bool:
    """Whether a host is OpenAI's own, in any region."""
    return host == OPENAI or is_regional(host)


def is_regional(host: str) -> bool:
    """Whether all that OpenAI does for a host stays in one region."""
    return host.endswith(f".{OPENAI}")
