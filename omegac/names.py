"""Omega names as Python names.

adaptive-summarize -> adaptive_summarize    valid? -> is_valid    reset! -> reset    a->b -> a_to_b
a Python keyword gets a trailing _; anything else is what hy.mangle makes of it
"""

from __future__ import annotations

import keyword
import unicodedata
from functools import lru_cache


@lru_cache(4096)
def python_name(name: str) -> str:
    """The Python identifier for an Omega name."""
    text = name.removesuffix("!")
    if text.endswith("?") and len(text) > 1:
        text = "is-" + text[:-1]
    text = text.replace("->", "-to-") if not text.startswith("->") else text
    return identifier(text[:1] + text[1:].replace("-", "_")) or full_name(name)


def identifier(text: str) -> str | None:
    """A text as Python reads it as a name, with an underscore where that means something else; None if it is none."""
    text = unicodedata.normalize("NFKC", text)
    if not text.isidentifier() or text.strip("_") == "":
        return None
    return text + "_" if keyword.iskeyword(text) or (text.startswith("__") and text.endswith("__")) else text


def module_name(stem: str) -> str:
    """The Python module for an Omega file, given without its ending: `__init__` and the like stay as they are."""
    plain = unicodedata.normalize("NFKC", stem)
    return plain if plain.isidentifier() and not keyword.iskeyword(plain) else python_name(stem)


def full_name(name: str) -> str:
    """hy.mangle's form of a name: long, but two names never share it."""
    if not name:
        return "hyx_"
    if set(name) == {"_"}:
        return name + "x"
    import hy  # takes longer than finding a module in the cache

    mangled: str = hy.mangle(name.replace(".", "_"))
    return identifier(mangled) or mangled


def class_name(record: str) -> str:
    """The Python class name for a record type: `sales-report` -> `SalesReport`."""
    plain = python_name(record)
    return identifier("".join(part[:1].upper() + part[1:] for part in plain.split("_"))) or plain


def constant_name(text: str) -> str:
    """A name for a module-level constant."""
    plain = "".join(c if c.isalnum() else "_" for c in text).strip("_").upper()
    plain = unicodedata.normalize("NFKC", plain)
    return plain if plain.isidentifier() else "CONSTANT"


def attribute_name(name: str) -> str:
    """The Python attribute that a name stands for; names of Python's own protocols stay as they are."""
    return name if name.startswith("__") and name.endswith("__") and name.isidentifier() else python_name(name)
