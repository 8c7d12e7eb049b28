"""Small programs with a catch, for tests of what must hold for every program; they stand in corpus.omega."""

from __future__ import annotations

from pathlib import Path

_TEXT = Path(__file__).with_name("corpus.omega").read_text(encoding="utf-8")


def _parts() -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in _TEXT.split("\n;;; ")[1:]:
        name, _, program = part.partition("\n")
        assert name not in parts, f"two programs are called {name}"
        parts[name] = program.strip() + "\n"
    return parts


CORPUS = _parts()
"""The programs by their names."""
