"""Shorter prompts: what goes, and that nothing of the user's does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.lib.conversations import text_of
from omega_runtime.models.tokens import count_tokens
from omega_runtime.savings.minimal import SHORT_ANSWER, minimal_operand
from omega_runtime.values.pairs import NIL, Pair, list_from
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.vectors import Vector

WHITE_SPACE = [
    ("", ""),
    ("Summarise this.", "Summarise this."),
    ("Summarise   this    text", "Summarise this text"),
    ("One.  Two.  Three.", "One. Two. Three."),
    ("ends   \nhere\t \n", "ends\nhere"),
    ("a\r\nb\r\n", "a\nb"),
    ("a\n\n\n\nb", "a\n\nb"),
    ("a\n \n\t\n  \nb", "a\n\nb"),
    ("a\n\nb", "a\n\nb"),
    ("\n\n  \na\n\n", "a"),
    ("\n  indented\n    more", "  indented\n    more"),
    ("- one   item\n  - another   one", "- one   item\n  - another   one"),
    ("Could you   please come?", "Could you please come?"),
]

UNTOUCHED = [
    "```\nx   =  1\n\n\n\ny   \n```",
    "~~~\na    b   \n~~~",
    "```\nopen   to   the   end   \n\n\n",
    "    x  +  y",
    "\tx  +  y",
    "total  =  1",
    "f(a,  b);",
    "{ a:  1 }",
    "# a   comment",
    "| a   | b  |",
    "a\t\tb",
    "name   age\nAnna   30",
    'Replace "a  b" by "c"',
    "Explain `a   b`",
    "if x:\n    y\n\n    z",
    "no\u00a0\u00a0break",
    "wide\u3000\u3000blank",
    " ",
]


@pytest.mark.parametrize(("prompt", "minimal"), WHITE_SPACE)
def test_a_string_loses_white_space_only(prompt: str, minimal: str) -> None:
    assert minimal_operand(prompt) == minimal


@pytest.mark.parametrize("prompt", UNTOUCHED)
def test_code_tables_and_quotes_keep_their_white_space(prompt: str) -> None:
    assert minimal_operand(prompt) == prompt


def test_a_fence_stays_to_the_byte_between_squeezed_text() -> None:
    fence = "```python\nif x:\n\n\n\n    y   =   1   \n```"
    assert minimal_operand(f"Fix   this:\n\n\n\n{fence}\n\n\n\nand   say   why.  ") == (
        f"Fix this:\n\n{fence}\n\nand say why."
    )


def test_a_fence_may_reach_over_elements() -> None:
    prompt = ["Fix   this:\n```\n", "x   =   1   \n\n\n\n", "a   b", "\n```   \n\n\nand   this"]
    assert minimal_operand(prompt) == ["Fix this:\n```\n", "x   =   1   \n\n\n\n", "a   b", "\n```\n\nand this"]


POLITE = [
    ("Please summarise this text: ", "Summarise this text: "),
    ("please summarise this text: ", "summarise this text: "),
    ("Could you please summarise this text?\n\n", "Summarise this text?\n\n"),
    ("Would you kindly list the names: ", "List the names: "),
    ("Could you explain this: ", "Explain this: "),
    ("I would like you to translate this: ", "Translate this: "),
    ("I'd like you to please translate this: ", "Translate this: "),
    ("I need you to translate this: ", "Translate this: "),
    ("I was wondering if you could translate this: ", "Translate this: "),
    ("It would be great if you could please translate this: ", "Translate this: "),
    ("PLEASE summarise this: ", "Summarise this: "),
    ("Kindly, please,  summarise this: ", "Summarise this: "),
    ("Read it. Please be brief. Thank you in advance! The text: ", "Read it. Be brief. The text: "),
    ("Summarise this, please: ", "Summarise this: "),
    ("Translate this.\nPlease be exact:\n", "Translate this.\nBe exact:\n"),
    ("Please do not mention names: ", "Do not mention names: "),
    ("Summarise this.\n\n\nThanks a lot for your help.\n\n\n\nThe text:   ", "Summarise this.\n\nThe text: "),
]

KEPT = [
    "Write a text to please the king: ",
    "Please the king with a text: ",
    "Do as you please: ",
    "Could you survive on Mars? Answer: ",
    "Can you fly? Answer: ",
    "Can you translate from Greek? Answer: ",
    "I would like you to not mention names: ",
    "Pleased customers, e.g. please be kind: ",
    'Translate "Please come." to German: ',
    "Translate: Please come.\n\nTo German: ",
    "Translate `Could you please come?` to German: ",
    "Write thank you notes: ",
    "Thank you notes are what I want: ",
    "Please: ",
    "Thank you! ",
]


@pytest.mark.parametrize(("instruction", "minimal"), POLITE)
def test_politeness_goes_from_an_instruction(instruction: str, minimal: str) -> None:
    assert minimal_operand([instruction, "data"]) == [minimal, "data"]


@pytest.mark.parametrize("instruction", KEPT)
def test_what_only_looks_like_politeness_stays(instruction: str) -> None:
    assert minimal_operand([instruction, "data"]) == [instruction, "data"]


@pytest.mark.parametrize(
    "prompt",
    [
        "Please come to me.",
        ["Please come to me."],
        ["Please come: "],
        ["Please come to me.", "\n\nTranslate this."],
        ["Please come to me.\n", "\nTranslate this."],
        ["Please come.\nThank you. ", "\nTranslate this."],
        [1, "Please come: ", "data"],
        ["Translate: ", "Please come."],
        ["Translate: ", "Please come: ", "Thank you. "],
    ],
)
def test_what_may_be_data_keeps_its_politeness(prompt: Any) -> None:
    assert text_of(minimal_operand(prompt)) == text_of(prompt).rstrip()


@pytest.mark.parametrize(
    ("operand", "minimal"),
    [
        (["Sum   up: ", "a   b  "], ["Sum up: ", "a b"]),
        (("Sum   up: ", "a   b  "), ("Sum up: ", "a b")),
        (["a   ", "b"], ["a ", "b"]),
        (["a\n\n\n", "b"], ["a\n\n", "b"]),
        (["a", "   b"], ["a", "   b"]),
        (["a\n", "    ", "x   = 1"], ["a\n", "    ", "x   = 1"]),
        (["a", "\n\n\n", "b"], ["a", "\n\n", "b"]),
        (["Sum   up: ", 5, "   "], ["Sum up: ", 5, ""]),
        (["Sum   up: ", ["a   b"]], ["Sum up: ", ["a   b"]]),
        ([], []),
    ],
)
def test_the_elements_of_a_list_stay_apart(operand: Any, minimal: Any) -> None:
    found = minimal_operand(operand)
    assert found == minimal
    assert type(found) is type(operand)


def test_lists_of_omega_stay_such_and_the_operand_is_not_changed() -> None:
    operand = list_from(["Please   sum up: ", Symbol("x"), "a   b"])
    found = minimal_operand(operand)
    assert type(found) is Pair
    assert found == list_from(["Sum up: ", Symbol("x"), "a b"])
    assert operand == list_from(["Please   sum up: ", Symbol("x"), "a   b"])


@pytest.mark.parametrize("value", [NIL, 5, True, None, Symbol("a  b"), Vector(["a   b"]), Pair("a   b", "c   d")])
def test_everything_else_stays_as_it_is(value: Any) -> None:
    assert minimal_operand(value) is value


# Properties


def solid(text: str) -> str:
    return "".join(text.split())


PIECES = [*"abz.:!?,;|=-\"'`\r\f\u00a0😀5", " ", "  ", "     ", "\n", "\n\n\n", "\t", "```", "~~~", "a  b", "x   y\n"]
PHRASES = ["Please ", "Could you please ", "I would like you to ", "thank you. ", "Thanks!", ", please:", "list "]
plain = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
lines = st.lists(st.sampled_from([*PIECES, *PHRASES]), max_size=14).map("".join)
prompts = lines | st.lists(lines, min_size=1, max_size=5)


def strings(operand: Any) -> list[str]:
    return [operand] if isinstance(operand, str) else operand


@given(prompts)
def test_data_loses_white_space_only(prompt: Any) -> None:
    before, after = strings(prompt), strings(minimal_operand(prompt))
    assert len(before) == len(after)
    is_instruction_possible = len(before) > 1
    for old, new in list(zip(before, after, strict=True))[is_instruction_possible:]:
        assert solid(new) == solid(old)
    assert len(solid(after[0])) <= len(solid(before[0]))


@given(st.lists(plain, min_size=1, max_size=5))
def test_words_never_grow_together(prompt: list[str]) -> None:
    assert "".join(strings(minimal_operand(prompt))).split() == "".join(prompt).split()


@given(prompts)
def test_doing_it_twice_changes_nothing_more(prompt: Any) -> None:
    once = minimal_operand(prompt)
    assert minimal_operand(once) == once


@given(prompts)
def test_no_text_gets_longer(prompt: Any) -> None:
    for old, new in zip(strings(prompt), strings(minimal_operand(prompt)), strict=True):
        assert len(new) <= len(old)


@given(lines)
def test_fences_stay_to_the_byte(text: str) -> None:
    minimal = minimal_operand(f"a  \n\n\n```\n{text.replace('```', '')}\n```\n\n\n  b")
    assert minimal == f"a\n\n```\n{text.replace('```', '')}\n```\n\n  b"


@given(st.lists(st.text(" \tab-", max_size=8), min_size=1))
def test_indentation_stays(rows: list[str]) -> None:
    def indents(text: str) -> list[str]:
        return [row[: len(row) - len(row.lstrip())] for row in text.split("\n") if row.strip()]

    text = "\n".join(rows)
    assert indents(str(minimal_operand(text))) == indents(text)


TASKS = ["summarise", "summarize", "explain", "translate", "write", "list", "describe", "classify", "be", "use"]
TEXT = "The   quick brown fox.  It jumps.   \n\n\n\nOver\r\n   the lazy dog\n"


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    "opening",
    ["Please", "please", "Kindly", "Could you please", "Could you", "I would like you to", "I want you to please"],
)
def test_tokens_do_not_become_more(opening: str, task: str) -> None:
    instruction = f"{opening} {task} what follows. Thank you in advance!\n\nThe text: "
    before = [instruction, TEXT]
    after = minimal_operand(before)
    for old, new in zip(before, after, strict=True):
        assert count_tokens(new) < count_tokens(old)
    assert count_tokens("".join(after)) < count_tokens("".join(before))


@pytest.mark.parametrize("text", [text for text, _ in WHITE_SPACE + POLITE])
def test_tokens_do_not_become_more_in_the_examples(text: str) -> None:
    for operand in (text, [text, "data"]):
        assert count_tokens(text_of(minimal_operand(operand))) <= count_tokens(text_of(operand))


def test_the_instruction_for_short_answers_is_short() -> None:
    assert "brief" in SHORT_ANSWER
    assert count_tokens(SHORT_ANSWER) <= 12
