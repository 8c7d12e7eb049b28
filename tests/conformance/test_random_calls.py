"""Nothing is billed that wasn't held: random calls of every provider, of which servers bill all that they may."""

from __future__ import annotations

from typing import Any

import pytest
from omega_runtime.models import completions, embeddings, server_tools

from tests.support.conformance import EMBEDDING_SUBJECTS, SUBJECTS, Subject, random_calls

# Calls of each subject.
FEW, MANY = 50, 1_500
ALL = (*SUBJECTS, *EMBEDDING_SUBJECTS)


@pytest.mark.parametrize("subject", ALL, ids=str)
def test_nothing_is_billed_that_was_not_held(subject: Subject) -> None:
    result = random_calls(subject, 1, FEW)
    assert result.overruns == 0
    assert result.beyond == []
    assert result.answered > FEW / 3


def test_a_bound_that_is_too_low_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completions, "MESSAGE_OVERHEAD", completions.MESSAGE_OVERHEAD - 1)
    assert random_calls(next(each for each in SUBJECTS if each.name == "own server"), 1, FEW).beyond


@pytest.mark.parametrize(
    ("module", "name", "value", "subject"),
    [
        (embeddings, "TEXT_OVERHEAD", 15, "openai, vectors"),
        (server_tools, "MOST_ROUNDS", 9, "anthropic"),
    ],
)
def test_so_is_one_of_vectors_and_of_searches(
    module: Any, name: str, value: int, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, value)
    assert random_calls(next(each for each in ALL if each.name == subject), 1, 3 * FEW).beyond


@pytest.mark.slow
@pytest.mark.parametrize("subject", ALL, ids=str)
def test_nothing_is_billed_in_ten_thousand_calls_that_was_not_held(subject: Subject) -> None:
    result = random_calls(subject, 2, MANY)
    assert result.overruns == 0
    assert result.beyond == []
