"""The names of models: what is said of unknown ones."""

from __future__ import annotations

import re

from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.settings import Settings
    from omega_runtime.settings.ladder import Ladder

AVAILABLE = (
    '"offline", a name that starts with "claude" (anthropic) or with "openai:" (OpenAI, or the server at '
    "OPENAI_BASE_URL), a model that OpenAI sells when OPENAI_API_KEY is set, or a Python function given to use_model"
)

# From 0 to 1: how alike names must be to be taken for a slip of the pen.
_LIKENESS = 0.6
# Words are short: sonet and opsu, but no new word that happens to end alike.
_LIKENESS_OF_WORDS = 0.7


def unknown_model(name: str, ladder: Ladder) -> OmegaError:
    """The error for a name that nobody answers to: whose model it is, or which names are near it."""
    vendor = _vendor_of(name)
    if vendor is not None:
        return OmegaError(
            f'model "{name}" is one of {vendor}, which cannot be asked from here; '
            f"put it on a tier of the ladder to have that one's model answer; there are {AVAILABLE}"
        )
    near = " or ".join(_near(name, ladder))
    hint = f"did you mean {near}? There" if near else "there"
    return OmegaError(f'unknown model "{name}"; {hint} are {AVAILABLE}')


def misspelt(name: str, settings: Settings) -> str | None:
    """The known name that a Claude model's unknown one is a slip for, if it looks like one.

    New models have new numbers, which say nothing; a slip is a word that no known name has and that is near one.
    """
    known = [*_claude_names(), *_steps(settings.ladder), *settings.prices, *settings.least_prices]
    words = {word for each in known for word in _words(each)}
    odd = [word for word in _words(name) if word not in words]
    if name in known or not any(_most_like(word, sorted(words), _LIKENESS_OF_WORDS) for word in odd):
        return None
    return next(iter(_most_like(name, _claude_names(), _LIKENESS)), None)


def _vendor_of(name: str) -> str | None:
    """Who offers a model of exactly that name, by the price data; who made it rather than who resells it."""
    from genai_prices.data_snapshot import get_snapshot

    found = [each for each in get_snapshot().providers if any(model.id == name for model in each.models)]
    makers = [each for each in found if each.model_match is not None and each.model_match.is_match(name)]
    return next((each.name for each in [*makers, *found]), None)


def _near(name: str, ladder: Ladder) -> list[str]:
    """Up to three names that are answered here: of which it is a part, as sonnet is, or else that are like it."""
    names = list(dict.fromkeys(["offline", *_steps(ladder), *_claude_names()]))
    parts = set(_parts(name))
    whole = [each for each in names if parts and parts.issubset(_parts(each))]
    return whole[:3] or _most_like(name, names, _LIKENESS)


def _most_like(name: str, names: list[str], least: float) -> list[str]:
    """Up to three of the names, the most alike first."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein
    from rapidfuzz.utils import default_process

    scorer = DamerauLevenshtein.normalized_similarity
    found = process.extract(name, names, scorer=scorer, processor=default_process, limit=3, score_cutoff=least)
    return [each for each, _, _ in found]


def _claude_names() -> list[str]:
    """Those of the price data, later numbers first."""
    from genai_prices.data_snapshot import get_snapshot

    names = [model.id for each in get_snapshot().providers if each.id == "anthropic" for model in each.models]
    return sorted(names, reverse=True)


def _steps(ladder: Ladder) -> list[str]:
    """The names on a ladder that are no patterns."""
    return [model for tier, models in ladder for model in (tier, *models) if "*" not in model]


def _parts(name: str) -> list[str]:
    return re.findall(r"[a-z]+|[0-9]+", name.lower())


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", name.lower())
