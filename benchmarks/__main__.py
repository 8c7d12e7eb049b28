"""`python -m benchmarks [PROGRAM…]`: compare, print, and write RESULTS.md when all programs ran."""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path

import click
from omega_runtime.control.deep import deep

from benchmarks.contenders import INTERPRETER, REFERENCE, contenders, silent_model
from benchmarks.effects import effect_cost
from benchmarks.imports import import_times
from benchmarks.ledgerfile import THREADS, calls_per_second
from benchmarks.measure import interleaved, ratios, spread
from benchmarks.processes import lines_per_second, memory_growth, start_up_times
from benchmarks.programs import PROGRAMS
from benchmarks.report import Comparison, page, show, tabulated

RESULTS = Path(__file__).with_name("RESULTS.md")
# CPython 3.11 makes a function with a `while` loop fast only when it is called the eighth time.
CALLS_BEFORE = 8


def compare(name: str, rounds: int) -> Comparison:
    """Run one program in every way. Raises ClickException when the ways don't agree on its result."""
    size = PROGRAMS[name][1]
    with silent_model():
        runs = {way: partial(run, size) for way, run in contenders(name).items()}
        results = {way: run() for way, run in runs.items()}
        if len(set(results.values())) > 1:
            raise click.ClickException(f"{name}: the results differ: {results}")
        for run in [run for way, run in runs.items() if way != INTERPRETER] * CALLS_BEFORE:
            run()
        gc.freeze()  # what is there already need not be searched for garbage
        seconds = interleaved(runs, rounds)
    base = seconds.pop(REFERENCE)
    times = spread([value * 1000 for value in base])
    return Comparison(name, times, {way: ratios(values, base) for way, values in seconds.items()})


@click.command()
@click.argument("programs", nargs=-1, type=click.Choice(list(PROGRAMS)))
@click.option("--rounds", default=11, show_default=True, type=click.IntRange(min=2), help="Runs of each contender.")
def command(programs: tuple[str, ...], rounds: int) -> None:
    """Compare compiled programs with the interpreter, with Hy and with Python written by hand.

    Without PROGRAMS all of them run, and the results go to benchmarks/RESULTS.md too.
    """
    comparisons = []
    for name in programs or PROGRAMS:
        click.echo(f"{name} …", err=True)
        # On the large stack, as under `omegac run`.
        comparisons.append(deep(compare, name, rounds))
    click.echo("calls to a model, imports …", err=True)
    effects, imports = deep(effect_cost, 3 * rounds), import_times(2 * rounds)
    click.echo("ledger files …", err=True)
    files = {
        f"{_number(processes, 'process')}, {_number(threads, 'thread')} each": calls_per_second(processes, threads, 3)
        for processes, threads in ((1, 1), (1, THREADS), (4, 1), (4, THREADS))
    }
    click.echo("processes …", err=True)
    processes = start_up_times(2 * rounds), lines_per_second(min(rounds, 5)), memory_growth(min(rounds, 3))
    tables = tabulated(comparisons, effects, imports, files, *processes)
    show(tables)
    if not programs:
        RESULTS.write_text(page(tables, [each.name for each in comparisons], rounds), encoding="utf-8")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{'es' if noun.endswith('s') else 's'}"


if __name__ == "__main__":
    command(prog_name="python -m benchmarks")
