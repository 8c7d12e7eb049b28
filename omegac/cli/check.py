"""`omegac check`."""

from __future__ import annotations

from pathlib import Path

import attrs
import click

from omegac.check.checking import Outcome, check_source
from omegac.check.configuration import BadConfiguration, Configuration, codes_of, configuration_for
from omegac.check.findings import SEVERITIES, Severity, is_at_least
from omegac.check.formats import FORMATS
from omegac.cli.bounding import CostOptions, keep_to_gates, print_costs
from omegac.cli.failures import BAD_SOURCE, load_failed, show_findings
from omegac.cli.folders import omega_files
from omegac.cli.gate import Gate, most_of, sizes_of
from omegac.errors import OmegaSyntaxError
from omegac.modules import surroundings_of
from omegac.pipeline import dump, read_source

FOUND = 1


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option(
    "--format", "format_name", type=click.Choice((*FORMATS, "markdown")), default="text", help="How findings look."
)
@click.option("--select", multiple=True, metavar="CODE,...", help="Look for these findings only.")
@click.option("--ignore", multiple=True, metavar="CODE,...", help="Don't look for these findings.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="The severity from which on findings fail the check.")
@click.option(
    "--cost", is_flag=True, help="Print how many calls and tokens each procedure may take, and check nothing."
)
@click.option("--assume", multiple=True, metavar="NAME=SIZE,...", help="With --cost: sizes, as in docs=100,chars=4000.")
@click.option("--model", metavar="NAME", help="With --cost: the model that answers, for dollars.")
@click.option("--diff", "revision", metavar="REV", help="With --cost: only what differs from a revision in git.")
@click.option("--max-calls", type=int, metavar="N", help="With --cost: fail when a run may make more calls.")
@click.option("--max-cost", multiple=True, metavar="N|$N", help="With --cost: fail when a run may cost more.")
@click.option("--effects", is_flag=True, help="Print what calling each procedure may do, and check nothing.")
def command(
    files: tuple[str, ...],
    format_name: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: Severity | None,
    effects: bool,
    cost: bool,
    assume: tuple[str, ...],
    model: str | None,
    revision: str | None,
    max_calls: int | None,
    max_cost: tuple[str, ...],
) -> None:
    """Find out what FILEs may spend where nobody looks, without running them.

    A folder stands for all .omega files in it and below it. docs/CHECK.md describes the findings; comments `; noqa`
    suppress them, [tool.omegac.check] of pyproject.toml sets the options.

    Exit status: 0 fine, 1 findings of severity --fail-on (warning) or above, or a run that may take too much, 2 bad
    source or usage.
    """
    named = [Path(file) for file in files]
    paths = list(dict.fromkeys(path for file in named for path in (omega_files(file) if file.is_dir() else [file])))
    if effects:
        _print_effects(paths)
        return
    configuration = _configuration(select, ignore, fail_on)
    given = _gate(max_calls, max_cost, assume, model)
    if cost:
        if format_name not in ("text", "json", *(("markdown",) if revision else ())):
            raise click.UsageError("--cost prints text or json, with --diff also markdown")
        is_fine = print_costs(paths, CostOptions(format_name, revision, given, configuration))
    elif given != Gate() or revision:
        raise click.UsageError("--assume, --model, --diff, --max-calls and --max-cost go with --cost")
    elif format_name not in FORMATS:
        raise click.UsageError("--format markdown goes with --cost --diff")
    else:
        is_fine = _print_findings(paths, format_name, configuration)
    if not is_fine:
        raise SystemExit(FOUND)


def _print_findings(paths: list[Path], format_name: str, configuration: Configuration) -> bool:
    """Print what is found in files; whether that isn't too severe, and their runs keep to their limits."""
    outcomes = [_check(path, configuration) for path in paths]
    checked = [each.checked for each in outcomes if each is not None]
    click.echo(FORMATS[format_name](checked), nl=False)
    if None in outcomes:
        raise SystemExit(BAD_SOURCE)
    severities = [finding.severity for each in checked for finding in each.findings]
    are_kept = keep_to_gates(paths, configuration)
    return are_kept and not any(is_at_least(each, configuration.fail_on) for each in severities)


def _gate(max_calls: int | None, max_cost: tuple[str, ...], assume: tuple[str, ...], model: str | None) -> Gate:
    """What the options ask of runs."""
    try:
        most = most_of(max_calls, max_cost)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--max-cost") from None
    try:
        return Gate(most, sizes_of(assume), model)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--assume") from None


def _configuration(select: tuple[str, ...], ignore: tuple[str, ...], fail_on: Severity | None) -> Configuration:
    """The configuration of the current folder's project, with options in place of what it says."""
    try:
        configuration = configuration_for(Path())
        if select:
            configuration = attrs.evolve(configuration, select=_codes("--select", select))
        if ignore:
            configuration = attrs.evolve(configuration, ignore=_codes("--ignore", ignore))
    except BadConfiguration as error:
        raise click.UsageError(str(error)) from None
    return attrs.evolve(configuration, fail_on=fail_on) if fail_on else configuration


def _codes(option: str, values: tuple[str, ...]) -> frozenset[str]:
    return codes_of(option, [code.strip() for value in values for code in value.split(",")])


def _check(path: Path, configuration: Configuration) -> Outcome | None:
    """What checking a file gave; None when it doesn't compile, which is said."""
    try:
        source = read_source(path)
        outcome = check_source(source, configuration.codes_for(path))
    except OmegaSyntaxError as error:
        click.echo(error.render(), err=True)
        return None
    except OSError as error:
        load_failed(str(path), error)
    show_findings(source, outcome.warnings)
    return outcome


def _print_effects(paths: list[Path]) -> None:
    for path in paths:
        try:
            source = read_source(path)
            rows = dump(source, "analyse", surroundings_of(source))
        except (OSError, OmegaSyntaxError) as error:
            load_failed(str(path), error)
        if len(paths) > 1:
            click.echo(f"{path}:")
        click.echo(rows, nl=False)
