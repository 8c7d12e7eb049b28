"""Bounds of calls with tools, and of calls that think: never below what a run makes."""

from __future__ import annotations

import pytest
from omega_runtime import ModelRequest, Reply, tool_call, use_model

from tests.support.command import omegac
from tests.support.omega import Run, compiled

TOOLS = """
(define-tool (look (at string)) "Looks." at)
(define-tool (think (of string)) "Thinks." (effect infer.op of max-tokens: 5))
"""


@pytest.mark.parametrize(
    ("call", "calls"),
    [
        ('(effect infer.op "?" tools: (list look))', "1 to 9"),
        ('(effect infer.op "?" tools: (list look) max-turns: 3)', "1 to 4"),
        ('(effect infer.op "?" tools: (list look) max-turns: 0)', "1"),
        ('(map (lambda (each) (effect infer.op each tools: (list look) max-turns: 1)) \'("a" "b"))', "2 to 4"),
        ('(effect infer.op "?" tools: (list look think))', "0 to unknown"),
        ('(effect infer.op "?" tools: (reverse (list look)))', "1 to 9"),
        ('(let ((tools (read))) (effect infer.op "?" tools: tools))', "0 to unknown"),
    ],
)
def test_calls_of_a_run(call: str, calls: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("cost") / "a.omega"
    file.write_text(TOOLS + call)
    done = omegac("check", "--cost", file)
    run = done.stdout.partition("a run of the program")[2]
    (line,) = [line for line in run.splitlines() if line.strip().startswith("calls")]
    assert line.split(None, 1)[1].partition(",")[0] == calls, done.stdout


@pytest.mark.parametrize("turns", range(4))
def test_no_run_makes_more(turns: int) -> None:
    asked = 0

    def model(request: ModelRequest) -> Reply:
        nonlocal asked
        asked += 1
        return Reply("", 1, 1, content=[tool_call("look", at="x")]) if request.tools else Reply("Fine.", 1, 1)

    with use_model(model):
        Run(compiled(TOOLS + f'(effect infer.op "?" tools: (list look) max-turns: {turns})').code())
    assert asked == turns + 1


def test_thinking_counts(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("cost") / "a.omega"
    file.write_text('(effect infer.op "Hi" thinking: 2000 max-tokens: 10)')
    assert "output   <= 2,010" in omegac("check", "--cost", file).stdout
