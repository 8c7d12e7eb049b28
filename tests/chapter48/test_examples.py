"""The chapter's definitions, as the chapter prints them, in examples/chapter48.omega, and its transcripts."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import omega_runtime
import pytest
from omega_runtime.testing import scripted_model
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import list_from
from omega_runtime.values.symbols import Keyword, Symbol

from omegac.modules import compile_file
from tests.support import ROOT
from tests.support.command import omegac

EXAMPLE = ROOT / "examples" / "chapter48.omega"


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The example as a module compiled to .py, imported."""
    import importlib.util

    path = tmp_path_factory.mktemp("compiled") / "chapter48.py"
    path.write_text(compile_file(EXAMPLE).text())
    spec = importlib.util.spec_from_file_location("chapter48", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with scripted_model(lambda prompt: "answer"):
        spec.loader.exec_module(module)
    return module


def test_it_runs() -> None:
    done = omegac("run", EXAMPLE, "--model", "offline", "--budget", "60000")
    assert (done.returncode, done.stderr) == (0, "")
    assert "(within 10 tokens => Budget exceeded)" in done.stdout
    assert "(high with 4999 => Insufficient budget for high quality)" in done.stdout
    assert "((summarize 100 documents) => 15000)" in done.stdout
    assert "Budget used: " in done.stdout


def test_the_digest_is_made_within_its_budget_and_resumed(tmp_path: Path) -> None:
    texts = sorted((ROOT / "examples" / "texts").glob("*.txt"))
    options = ("--model", "offline", "--ledger", tmp_path / "l", "--report")
    first = omegac("run", ROOT / "examples" / "digest.omega", *texts, *options, "--budget", "4000")
    assert first.returncode == 0, first.stderr
    assert "(Note: 50 percent of default are spent)" in first.stdout
    second = omegac("run", ROOT / "examples" / "digest.omega", *texts, *options, "--resume")
    assert "6 replayed, 0 run, 0 dropped" in second.stderr
    timeless = [line for line in first.stdout.splitlines() if not line.startswith(("(Budget used:", "(Rate:"))]
    assert all(line in second.stdout.splitlines() for line in timeless)
    assert first.stdout.split(" tokens in ")[0] == second.stdout.split(" tokens in ")[0]


def test_48_1_the_chapters_with_budget_throws_when_the_budget_is_exceeded(chapter: ModuleType) -> None:
    with scripted_model(lambda prompt: omega_runtime.Reply("x", 6, 5)):
        assert chapter.with_budget(11, chapter.expensive_operation) == "x"
        with pytest.raises(OmegaError) as caught:
            chapter.with_budget(10, chapter.expensive_operation)
    assert caught.value.message == "Budget exceeded"


@pytest.mark.parametrize(
    ("remaining", "instruction"),
    [
        (50001, "Detailed summary: "),
        (50000, "Brief summary (50 words): "),
        (10001, "Brief summary (50 words): "),
        (10000, "Title only: "),
    ],
)
@pytest.mark.parametrize("documents", [["one", "two"], ("one", "two"), list_from(["one", "two"])])
def test_48_2_the_strategy_depends_on_the_remaining_budget(
    chapter: ModuleType, remaining: int, instruction: str, documents: Any
) -> None:
    with scripted_model(lambda prompt: prompt.upper()) as model:
        summaries = chapter.adaptive_summarize(documents, remaining)
    assert model.prompts == [instruction + "one", instruction + "two"]
    assert list(summaries) == [prompt.upper() for prompt in model.prompts]


def test_48_3_the_definition_as_printed_divides_exactly_in_proportion(chapter: ModuleType) -> None:
    tasks = list_from(
        list_from([Symbol(name), Keyword("priority"), weight])
        for name, weight in (("research", 3), ("writing", 2), ("editing", 1))
    )
    allocations = [(pair.car.car.name, pair.cdr) for pair in chapter.allocate_budget(100000, tasks)]
    assert allocations == [
        ("research", 50000),
        ("writing", pytest.approx(33333.33, abs=0.01)),
        ("editing", pytest.approx(16666.67, abs=0.01)),
    ]


@pytest.mark.parametrize(
    ("level", "budget", "calls", "model_name"),
    [("high", 5000, 3, "gpt-4"), ("medium", 1000, 1, "gpt-4"), ("medium", 999, 1, "gpt-3.5"), ("low", 0, 1, "gpt-3.5")],
)
def test_48_4_quality_and_cost(chapter: ModuleType, level: str, budget: int, calls: int, model_name: str) -> None:
    with scripted_model(lambda prompt: "better") as model:
        assert chapter.generate_with_quality_target("text", Symbol(level), budget) == "better"
    assert len(model.prompts) == calls
    assert all(f"({model_name})" in prompt for prompt in model.prompts)


def test_48_4_high_quality_needs_the_budget_for_it(chapter: ModuleType) -> None:
    with pytest.raises(OmegaError, match="Insufficient budget for high quality"):
        chapter.generate_with_quality_target("text", Symbol("high"), 4999)


def test_48_5_monitoring_reports_usage_and_rate(chapter: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_model(lambda prompt: omega_runtime.Reply("done", 30, 12)), omega_runtime.budget(tokens=5000):
        assert chapter.monitor_budget_usage(chapter.expensive_operation) == "done"
    printed = capsys.readouterr().out
    assert printed.startswith("(Budget used: 42 tokens in ")
    assert " tokens/sec)" in printed


@pytest.mark.parametrize(
    ("remaining", "printed"),
    [
        (999, "[cache everything][shortest prompts]"),
        (1000, "[medium quality][cache]"),
        (4999, "[medium quality][cache]"),
        (5000, "[standard]"),
    ],
)
def test_48_6_modes(chapter: ModuleType, remaining: int, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    chapter.emergency_mode(remaining)
    assert capsys.readouterr().out == printed


def test_48_7_forecast(chapter: ModuleType) -> None:
    assert chapter.forecast_budget_needs(list_from([Symbol("summarize"), 100, Symbol("documents")])) == 15000


def test_the_summarizer_degrades_with_its_budget(tmp_path: Path) -> None:
    texts = sorted((ROOT / "examples" / "texts").glob("*.txt"))
    done = omegac(
        "run", ROOT / "examples" / "summarize.omega", *texts, "--model", "offline", "--budget", "11000", "--report"
    )
    assert done.returncode == 0
    assert "of 11,000 tokens in 5 calls" in done.stderr
    answers = [block.split("\n")[1] for block in done.stdout.split("== ")[1:]]
    assert len(answers) == len(texts)
    assert len(answers[0].split()) > 30
    assert len(answers[-1].split()) < 12
