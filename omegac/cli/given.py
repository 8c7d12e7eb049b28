"""What is given for options: lists of permissions and of alerts."""

from __future__ import annotations

import click
from omega_runtime.settings.permissions import PERMISSIONS, permission


def allowed(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """The permissions in comma-separated lists of them."""
    wanted: list[str] = []
    for part in (part.strip() for value in values for part in value.split(",")):
        # python=math,json names two modules.
        goes_on = bool(wanted) and wanted[-1].startswith("python=") and "=" not in part and part not in PERMISSIONS
        wanted.append(f"python={part}" if goes_on else part)
    try:
        return frozenset(permission(part) for part in wanted if part)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def alerts(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    """Shares of the budget between 0 and 1, and what to do then."""
    found = []
    for value in values:
        share, _sign, what = value.partition("=")
        number = share.strip().removesuffix("%")
        if not number.isdecimal() or not 0 < int(number) <= 100 or not what.strip():
            raise click.BadParameter(f"{value!r} is no alert; it may be 80%=COMMAND or 80%=https://…")
        found.append((int(number) / 100, what.strip()))
    return tuple(found)
