"""The rules: their codes, names, severities, and what they say; docs/CHECK.md has a section for each."""

from __future__ import annotations

import attrs

from omegac.check.findings import Severity


@attrs.frozen
class Rule:
    """A rule; `summary` says what it finds, `help` how to mend that."""

    code: str
    name: str
    severity: Severity
    summary: str
    help: str

    @property
    def page(self) -> str:
        """Where the rule is documented."""
        return f"docs/CHECK.md#{self.code.lower()}"


UNUSED_SUPPRESSION = "OM100"

_ALL = (
    Rule(
        UNUSED_SUPPRESSION,
        "unused-suppression",
        "note",
        "A noqa comment that suppresses nothing.",
        "remove the comment, or the code in it",
    ),
    Rule(
        "OM101",
        "call-without-budget",
        "warning",
        "A model call that the program's top level reaches outside of every budget.",
        "put with-budget around it or around a call that leads to it",
    ),
    Rule(
        "OM102",
        "exported-call-without-budget",
        "note",
        "A model call outside of every budget in a procedure that only callers from outside reach.",
        "put with-budget around it, or see to it that callers have a budget",
    ),
    Rule(
        "OM103",
        "unbounded-calls",
        "warning",
        "Model calls in a loop or recursion without a known bound and outside of every budget.",
        "count the rounds down, go through a list, or put with-budget around it",
    ),
    Rule(
        "OM104",
        "limit-below-one-call",
        "warning",
        "A limit that isn't enough for a single model call.",
        "raise the limit",
    ),
    Rule(
        "OM105",
        "allotments-exceed-limit",
        "warning",
        "Budgets that allot more than the budget around them has.",
        "lower these limits, or raise the one around them",
    ),
    Rule(
        "OM106",
        "minimum-exceeds-limit",
        "warning",
        "A budget around code that surely needs more.",
        "raise the limit, or make fewer calls",
    ),
    Rule(
        "OM107",
        "dropped-refusal",
        "warning",
        "A guard that catches every error of model calls, Budget exceeded too, and doesn't look at it.",
        "use the condition in the handler, or let other errors go on: (guard (e ((error-object? e) …)) …)",
    ),
    Rule(
        "OM108",
        "tracker-calls-model",
        "warning",
        "A tracker that calls a model itself, and so is called for its own calls.",
        "let the tracker only note the tokens, and call the model outside of it",
    ),
    Rule(
        "OM109",
        "growing-prompts",
        "warning",
        "Prompts that get longer with the number of calls, so that their tokens grow faster than the calls.",
        "pass on what the next call needs, such as a summary of bounded length",
    ),
    Rule(
        "OM110",
        "repeated-prompt",
        "note",
        "The same prompt sent twice in one body.",
        "bind the answer to a name and use it twice",
    ),
    Rule(
        "OM111",
        "unused-answer",
        "warning",
        "An answer of a model that nothing uses.",
        "use the answer, or leave the call out",
    ),
    Rule(
        "OM112",
        "dead-effect",
        "warning",
        "An effect that is never performed.",
        "remove it, or what keeps the program from getting there",
    ),
    Rule(
        "OM113",
        "unreachable-branch",
        "warning",
        "A branch on thresholds that is never taken.",
        "put the tests in order: for > the largest number first, for < the smallest",
    ),
)

RULES = {rule.code: rule for rule in _ALL}
"""The rules by code."""
