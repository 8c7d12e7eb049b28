"""The offline model and its tokenizer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer, perform, reserve, settle
from omega_runtime.models import tokens
from omega_runtime.models.offline import OFFLINE, answer
from omega_runtime.models.provider import text_bound
from omega_runtime.models.tokens import count_tokens, cut_tokens
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger
from tiktoken import registry

from tests.support.ledgers import SITE

TEXT = """The river rose in the night. By dawn the river had reached the mill, and the miller moved the flour.
Nobody slept. The mill stood for three days in water while the river carried fences, trees and a boat past it.
On the fourth day the river fell. The miller opened the mill again, and flour was sold on the steps.
Dr. Hale wrote it all down in his diary!"""


def reply(prompt: str, **options: object):  # type: ignore[no-untyped-def]
    with fresh_ledger():
        hold = reserve(SITE, prompt, options=options | {"model": "offline"})
        answered = perform(hold)
        settle(hold, answered)
        return answered


def test_answers_are_sentences_of_the_text_in_its_order() -> None:
    summary = answer("Brief summary (30 words): " + TEXT)
    flat = " ".join(TEXT.split())
    assert 0 < len(summary.split()) <= 30
    places = [flat.index(sentence) for sentence in summary.replace("! ", ". ").split(". ")]
    assert places == sorted(places)


def test_the_answer_depends_on_instruction_and_text() -> None:
    detailed, brief, title = (
        answer(f"{kind}: {TEXT}") for kind in ("Detailed summary", "Summary (20 words)", "Title only")
    )
    assert len(detailed.split()) > len(brief.split()) > len(title.split())
    assert answer("Summary (20 words): " + TEXT.replace("river", "sheep")) != brief
    assert answer("Detailed summary: " + TEXT) == detailed


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The Flood\n\nThe river rose.", "The Flood"),
        ("THE FLOOD\nThe river rose.", "THE FLOOD"),
        ("The river rose quickly.", "The river rose quickly"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert answer("Title only: " + text) == title


@pytest.mark.parametrize("prompt", ["", "  \n", "Summary: ", "?", "....", "x" * 5000, "日本語の文。次の文。", "a:b"])
def test_odd_prompts_get_an_answer(prompt: str) -> None:
    assert answer(prompt).strip()


def test_max_tokens_cuts_the_answer_and_says_so() -> None:
    full, cut = reply("Detailed summary: " + TEXT), reply("Detailed summary: " + TEXT, max_tokens=7)
    assert (full.stop_reason, full.output_tokens) == ("end_turn", count_tokens(full.text))
    assert (cut.stop_reason, cut.output_tokens) == ("max_tokens", 7)
    assert full.text.startswith(cut.text)


def test_stop_texts_end_the_answer() -> None:
    full = reply("Detailed summary: " + TEXT)
    cut = reply("Detailed summary: " + TEXT, stop=["nowhere", "mill"])
    assert cut.stop_reason == "stop_sequence"
    assert cut.text == full.text.split("mill")[0]


def test_input_is_counted_with_the_system_prompt() -> None:
    assert reply("Hello there.", system="Be kind.").input_tokens == count_tokens("Hello there.") + count_tokens(
        "Be kind."
    )


def test_what_is_settled_is_what_the_tokenizer_counts() -> None:
    with fresh_ledger(), configure(provider=None, model="offline"), budget(tokens=10_000) as account:
        text = infer(SITE, "Brief summary: " + TEXT)
    assert account.spent == count_tokens("Brief summary: " + TEXT) + count_tokens(text)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("hello world", 2), ("<|endoftext|>", 7), ("tiktoken is great!", 6), ("日本", 2)],
)
def test_known_counts(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


@given(st.text(st.characters(exclude_categories=["Cs"])))
@hypothesis_settings(deadline=None)
def test_the_bound_is_never_below_the_count(text: str) -> None:
    assert count_tokens(text) <= text_bound(text)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 20))
@hypothesis_settings(deadline=None)
def test_cutting_keeps_a_beginning_within_the_tokens(text: str, most: int) -> None:
    cut, tokens = cut_tokens(text, most)
    assert text.startswith(cut)
    assert tokens <= most


def test_nothing_here_needs_the_network(tmp_path: Path) -> None:
    program = """
import socket
def refuse(*arguments, **options): raise AssertionError("network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from omega_runtime.models.offline import answer
from omega_runtime.models.tokens import count_tokens
print(count_tokens("hello world"), answer("Title only: Nothing happened."))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path), "TMPDIR": str(tmp_path), "PATH": ""},
    )
    assert done.stdout == "2 Nothing happened\n"


def test_nothing_costs_anything_when_it_fails() -> None:
    assert OFFLINE.failure(ValueError("x")).billed == "no"


def test_an_interrupt_while_the_tokenizer_is_loaded_is_no_lasting_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_encoding", None)
    monkeypatch.setattr(registry, "ENCODINGS", {})
    # What is left of the search for tables when it is interrupted.
    monkeypatch.setattr(registry, "ENCODING_CONSTRUCTORS", {})
    assert tokens.count_tokens("hello there") == 2
