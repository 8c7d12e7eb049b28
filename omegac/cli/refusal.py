"""The report of a call that its budget refused: what was needed, what is left of which limit, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

import click
from omega_runtime.diagnostics.tracebacks import Activation, activations, place_lines
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.money import dollar_text
from omega_runtime.visible import visible

from omegac.cli.words import per

# How many calls are told, the latest ones.
_CALLS = 4


def show_refusal(error: BudgetExceeded, file: str, whose: str, mends: list[str]) -> None:
    """Print the report on a run of `file`; `whose` names the account for people, `mends` says what to do, in order."""
    found = activations(error, file)
    head = f"Budget exceeded: the call needs {amount(error.needed)}, and {_left(error.available)} left"
    lines = [*place_lines(found[-1], head)] if found else [f"error: {head}"]
    lines += _figures(error, whose)
    lines += [f"  help:   {mend}" for mend in mends]
    lines += _callers(found[:-1])
    click.echo("\n".join(lines), err=True)


def amount(value: int | Decimal) -> str:
    """Tokens or US dollars, for people."""
    return dollar_text(value) if isinstance(value, Decimal) else f"{value:,} token{'' if value == 1 else 's'}"


def _left(value: int | Decimal) -> str:
    return f"{amount(value)} {'is' if value == 1 and isinstance(value, int) else 'are'}"


def raised(error: BudgetExceeded) -> str | None:
    """A limit that has room for the call and as much again, as it is typed; None where it isn't known."""
    if error.limit is None or error.spent is None or error.held is None:
        return None
    least = Decimal(error.spent) + Decimal(error.held) + 2 * Decimal(error.needed)
    wanted = max(2 * Decimal(error.limit), least)
    # Two digits are enough, rounded up.
    rounded = wanted.quantize(Decimal(1).scaleb(wanted.adjusted() - 1), ROUND_CEILING)
    if isinstance(error.limit, Decimal):
        return dollar_text(rounded.normalize()) + per(error.period)
    return str(int(max(wanted.to_integral_value(ROUND_CEILING), rounded))) + per(error.period)


def _figures(error: BudgetExceeded, whose: str) -> Iterator[str]:
    if error.output is not None and not isinstance(error.needed, Decimal):
        prompt = error.needed - error.output
        yield f"  needed: {amount(error.needed)}: {prompt:,} for the prompt, {error.output:,} for the shortest answer"
    else:
        yield f"  needed: {amount(error.needed)} at the least"
    if error.limit is None or error.spent is None or error.held is None:
        yield f"  left:   {amount(error.available)} of {visible(whose)}"
        return
    used = f"{amount(error.spent)} spent" + (f", {amount(error.held)} held by calls under way" if error.held else "")
    limit = amount(error.limit) + per(error.period)
    yield f"  left:   {amount(error.available)} of the {limit} of {visible(whose)}; {used}"


def _callers(outer: list[Activation]) -> Iterator[str]:
    """The latest calls, a line each, the last one first."""
    for call in outer[: -_CALLS - 1 : -1]:
        again = f", {call.times:,} times" if call.times > 1 else ""
        yield f"  called by {call.name} at {visible(call.file)}:{call.line}:{call.column or 1}{again}"
    if len(outer) > _CALLS:
        yield f"  … {len(outer) - _CALLS:,} more"
