"""The results as a table for the terminal and as the page benchmarks/RESULTS.md."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from statistics import geometric_mean

import attrs
from omega_runtime.acceleration import IS_ACCELERATED
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.effects import CALLS, EffectCost
from benchmarks.measure import Spread
from benchmarks.programs import PROGRAMS

COLUMNS = ("literal", "compiled", "Hy", "interpreter")


@attrs.frozen
class Comparison:
    """One program: milliseconds by hand in Python, and each contender's ratio to it."""

    name: str
    milliseconds: Spread
    ratios: dict[str, Spread]


def machine() -> str:
    """What the figures were measured on."""
    return f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores"


def versions() -> str:
    """What was measured: the commit, and the versions of what it is compared with and made of."""
    git = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    kind = "with the accelerator" if IS_ACCELERATED else "pure Python"
    return f"omegac {metadata.version('omegac')} at {commit}, {kind}; Hy {metadata.version('hy')}"


Tables = list[tuple[str, list[str], list[list[str]]]]
"""Each table's title, header and rows."""


def show(tables: Tables) -> None:
    """Print everything to the terminal."""
    console = Console()
    for title, header, rows in tables:
        table = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)
        for i, name in enumerate(header):
            table.add_column(name, justify="right" if i else "left", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def page(tables: Tables, names: list[str], rounds: int) -> str:
    """The text of RESULTS.md."""
    parts = [
        "# Results",
        "`python -m benchmarks` writes this page; [README.md](README.md) says what is measured, and how.",
        f"Measured: {versions()}.",
        f"Machine: {machine()}. Figures are medians of {rounds} rounds or more, with their quartiles.",
    ]
    for title, header, rows in tables:
        parts += [f"## {title}", _markdown(header, rows)]
    subjects = [f"- `{name}`: {PROGRAMS[name][0]}" for name in names]
    parts += ["## The programs", "\n".join(subjects)]
    return "\n\n".join(parts) + "\n"


def tabulated(
    comparisons: list[Comparison],
    effects: EffectCost,
    imports: dict[str, Spread],
    files: dict[str, Spread],
    start_ups: dict[str, Spread],
    compiling: dict[str, Spread],
    memory: dict[str, Spread],
) -> Tables:
    """All results as tables."""
    programs = [
        [each.name, f"{each.milliseconds.median:.1f}", *(str(each.ratios.get(column, "")) for column in COLUMNS)]
        for each in comparisons
    ]
    programs.append(["geometric mean", "", *(f"{_mean(comparisons, column):.2f}" for column in COLUMNS)])
    calls = [
        ["the model alone", str(effects.bare), ""],
        ["by hand, three accounts", str(effects.handwritten), "1"],
        ["woven effect, three budgets", str(effects.woven), str(effects.ratio)],
    ]
    imported = [[kind, str(times)] for kind, times in imports.items()]
    kept = [[who, f"{rate.median:,.0f}"] for who, rate in files.items()]
    started = [[what, str(times)] for what, times in start_ups.items()]
    compiled = [[size, f"{rate.median:,.0f}"] for size, rate in compiling.items()]
    grown = [[what, str(megabytes)] for what, megabytes in memory.items()]
    return [
        ("Milliseconds by hand in Python, and multiples of them", ["program", "ms", *COLUMNS], programs),
        (f"One call to a model that answers at once, over {CALLS:,} calls", ["", "ns", "ratio"], calls),
        ("Import in a new process", ["", "ms"], imported),
        ("Calls kept in one ledger file, three nested accounts", ["", "calls/s"], kept),
        ("Whole processes, beside a Python that does nothing", ["", "ms more"], started),
        ("Compiling a generated source", ["", "lines/s"], compiled),
        ("Memory, beside a process that does it once", ["", "MB more"], grown),
    ]


def _mean(comparisons: list[Comparison], column: str) -> float:
    """The geometric mean of a column; the literal way counts as the hand-written one where it is the same."""
    return geometric_mean([each.ratios[column].median if column in each.ratios else 1.0 for each in comparisons])


def _markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
