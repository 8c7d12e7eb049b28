"""Quality against cost: one pass or several, by a target of quality and what there is to spend."""

from __future__ import annotations

from math import inf

from omega_runtime.calls.woven import infer
from omega_runtime.lib.registry import primitive
from omega_runtime.places.programs import site_in_program
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import list_from, make_list, unlist
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value

HIGH_TOKENS = 5000
MEDIUM_TOKENS = 1000
HIGH_PASSES = 3
GOOD_MODEL = Symbol("gpt-4")
FAST_MODEL = Symbol("gpt-3.5")

# The fewest tokens that each kind of summary is for, and its instruction.
_SUMMARIES = (
    (50_000, "Detailed summary: "),
    (10_000, "Brief summary (50 words): "),
    (-inf, "Title only: "),
)

_IMPROVE = "Improve this text so that it is clear and correct and says the same; answer with the text only:\n\n"
_CRITICISE = "Name the weaknesses of this text, the most serious first, in at most five short points:\n\n"
_REVISE = "Revise this text by the critique below it; answer with the revised text only:\n\n"


@primitive("adaptive-summarize", row="infer")
def adaptive_summarize(documents: Value, remaining: Value) -> List:
    """A summary of each document of a list, by what there is to spend.

    Detailed above 50,000 remaining tokens, of about 50 words above 10,000, otherwise only a title.
    """
    items = unlist(documents)
    if items is None:
        raise wrong_type("adaptive-summarize", 1, "a list", documents)
    if type(remaining) not in (int, float) or remaining != remaining:
        raise wrong_type("adaptive-summarize", 2, "a number of tokens", remaining)
    instruction, ordinal = next(
        (text, ordinal) for ordinal, (least, text) in enumerate(_SUMMARIES, 1) if remaining > least
    )
    site = site_in_program("adaptive-summarize", ordinal)
    return list_from([infer(site, make_list(instruction, document)) for document in items])


@primitive("single-pass", row="infer")
def single_pass(text: Value, model: Value) -> str:
    """The text as the model improves it in one call."""
    _check_text("single-pass", text)
    improved: str = infer(site_in_program("single-pass", 1), _IMPROVE + text, model=model)
    return improved


@primitive("multi-pass-refinement", row="infer")
def multi_pass_refinement(text: Value, model: Value, passes: Value) -> str:
    """The text after so many passes: a draft, and for each further pass a critique and a revision by it.

    `passes` is an integer >= 1, and makes 2 * passes - 1 calls.
    """
    _check_text("multi-pass-refinement", text)
    if type(passes) is not int or passes < 1:
        raise wrong_type("multi-pass-refinement", 3, "an integer >= 1", passes)
    draft: str = infer(site_in_program("multi-pass-refinement", 1), _IMPROVE + text, model=model)
    for _ in range(passes - 1):
        critique = infer(site_in_program("multi-pass-refinement", 2), _CRITICISE + draft, model=model)
        draft = infer(
            site_in_program("multi-pass-refinement", 3), f"{_REVISE}{draft}\n\nCritique:\n{critique}", model=model
        )
    return draft


@primitive("generate-with-quality-target", row="infer")
def generate_with_quality_target(text: Value, quality: Value, budget: Value) -> str:
    """The improved text, for a quality of high, medium or low and so many tokens to spend.

    High takes three passes of the good model and raises an error below 5000 tokens; medium takes one pass of it,
    below 1000 tokens of the fast one; low takes one pass of the fast one.
    """
    if type(budget) not in (int, float):
        raise wrong_type("generate-with-quality-target", 3, "a number of tokens", budget)
    level = quality.name if isinstance(quality, Symbol) else quality
    if level == "high":
        if not budget >= HIGH_TOKENS:  # so for +nan.0 too
            raise OmegaError("Insufficient budget for high quality")
        return multi_pass_refinement(text, GOOD_MODEL, HIGH_PASSES)
    if level == "medium":
        return single_pass(text, GOOD_MODEL if budget >= MEDIUM_TOKENS else FAST_MODEL)
    if level == "low":
        return single_pass(text, FAST_MODEL)
    raise wrong_type("generate-with-quality-target", 2, "one of high, medium and low", quality)


def _check_text(procedure: str, text: Value) -> None:
    if not isinstance(text, str):
        raise wrong_type(procedure, 1, "a string", text)
