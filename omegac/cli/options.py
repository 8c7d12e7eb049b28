"""The options that `run` and `eval` share, and those of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from omegac.cli.given import alerts, allowed

if TYPE_CHECKING:
    from omegac.cli.amounts import Limit


def limits(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, Limit]:
    """The limits as keywords of `omega_runtime.budget`: tokens, dollars or both."""
    if not values:
        return {}
    from omegac.cli.amounts import parse_limit

    limits: dict[str, Limit] = {}
    for value in values:
        try:
            unit, amount = parse_limit(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
        if unit in limits:
            raise click.BadParameter(f"there are two limits in {unit}")
        limits[unit] = amount
    return limits


_SESSION_OPTIONS = (
    click.option(
        "--budget",
        metavar="N|$N",
        multiple=True,
        callback=limits,
        help="Limit what the whole run may cost: tokens (10000, 10k) or US dollars ('$0.50'), or one of each; "
        "with --ledger also per minute, hour, day, week, month or year (10k/hour, '$5/day').",
    ),
    click.option("--timezone", metavar="NAME", help="Where days begin, such as Europe/Berlin (UTC)."),
    click.option(
        "--ledger",
        metavar="FILE",
        help="Keep the account in a ledger file, or on a server (postgresql://…), for all runs and processes.",
    ),
    click.option("--account", metavar="NAME", help="The account in the ledger file (default)."),
    click.option(
        "--on-low",
        type=click.Choice(["degrade"]),
        help="When the budget runs low: cached answers, shorter prompts and lower models.",
    ),
    click.option("--raise-limit", is_flag=True, help="Replace the account's stored limit by --budget."),
    click.option(
        "--model",
        metavar="NAME",
        help="The model of calls that name none; offline answers all.",
    ),
    click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        help="The most time for a call to the model, with all attempts (600).",
    ),
    click.option(
        "--jobs",
        metavar="N",
        type=click.IntRange(min=1),
        help="How many calls of a concurrent map go on at once (8); 1: one after the other.",
    ),
    click.option("--verbose", is_flag=True, help="Say on standard error when a call is tried again, and why."),
    click.option("--stream", is_flag=True, help="Show answers on standard error as they come."),
    click.option(
        "--allow",
        metavar="LIST",
        multiple=True,
        callback=allowed,
        help="What the program may do: write, shell, read (any file) or read=DIR, env or env=NAME, terminal, "
        "python or python=MODULE.",
    ),
    click.option(
        "--report",
        metavar="[=FILE]",
        is_flag=False,
        flag_value="-",
        help="End with what was spent: a table on stderr, or in FILE: a page (.html), or JSON with each call.",
    ),
    click.option(
        "--alert",
        "alerts",
        metavar="SHARE=WHAT",
        multiple=True,
        callback=alerts,
        help="When so much of the budget is spent (80%), run a command once, or post JSON to a URL.",
    ),
    click.option("--report-prompts", is_flag=True, help="Tell in FILE what the model was asked, too."),
    click.option(
        "--profile",
        metavar="FILE",
        help="Write the tokens by call stack to FILE, for speedscope.app.",
    ),
)


_PROGRAM_OPTIONS = (
    click.option(
        "--resume",
        is_flag=True,
        help="Go on with the program's last run: what was paid for is not asked again.",
    ),
    click.option("--no-journal", is_flag=True, help="Keep no answers, in the ledger file or for --resume."),
    click.option(
        "--plan",
        is_flag=True,
        help="Run nothing: print what the run may spend, with its arguments and files as they are.",
    ),
)


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that run a program."""
    for option in reversed((*_SESSION_OPTIONS, *_PROGRAM_OPTIONS)):
        command = option(command)
    return command


def session_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that run input after input, which nobody goes on with."""
    for option in reversed(_SESSION_OPTIONS):
        command = option(command)
    return command


class ProgramCommand(click.Command):
    """A command whose `--report` takes its value after `=` only, so that it may stand before a file.

    An option that it doesn't know isn't handed to the program: a misspelt --budget would be no limit at all.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        options = ["--report=-" if arg == "--report" else arg for arg in args[:end]]
        try:
            return super().parse_args(ctx, options + args[end:])
        except click.NoSuchOption as error:
            example = f"{ctx.command_path} FILE -- {error.option_name}"
            mend = f"What is meant for the program stands last, behind --, as in: {example}"
            raise click.UsageError(f"{error.format_message()} {mend}", ctx) from None
