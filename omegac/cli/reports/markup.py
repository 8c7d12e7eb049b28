"""HTML and SVG as text, whatever the texts in it hold."""

from __future__ import annotations

from html import escape

from omega_runtime.visible import without_controls


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: object) -> Markup:
    """An element; children that are no markup are text. Underscores in names of attributes are hyphens.

    `class_` is the class; attributes that are None are left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(without_controls(_text(value)), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{together(*children)}</{name}>")


def together(*children: str) -> Markup:
    """Several pieces in a row."""
    return Markup(
        "".join(child if isinstance(child, Markup) else escape(without_controls(child)) for child in children)
    )


def _text(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
