"""The model ladder as the setting `ladder` has it: tiers of quality, best first, and the models on each."""

from __future__ import annotations

# The tiers, best first, each with its models: the ones to use, then other names and patterns ("gpt-4*").
Ladder = tuple[tuple[str, tuple[str, ...]], ...]

DEFAULT_LADDER: Ladder = (
    ("high", ("claude-opus-5-5", "claude-opus-*", "gpt-4", "gpt-4-turbo*", "gpt-5")),
    ("medium", ("claude-sonnet-5-5", "claude-sonnet-*", "gpt-4o", "gpt-5-mini")),
    ("low", ("claude-haiku-5-5", "claude-haiku-*", "gpt-3.5*", "gpt-4o-mini", "gpt-5-nano")),
)
