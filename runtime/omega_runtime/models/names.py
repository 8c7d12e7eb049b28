"""The names of models, for the error that an unknown one is."""

from __future__ import annotations

from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.settings.ladder import Ladder

AVAILABLE = '"offline", a name that starts with "claude" (anthropic), or a Python function given to use_model'

# From 0 to 1: how alike names must be to be taken for a slip of the pen.
_LIKENESS = 0.6


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


def _vendor_of(name: str) -> str | None:
    """Who offers a model of exactly that name, by the price data."""
    from genai_prices.data_snapshot import get_snapshot

    return next((each.name for each in get_snapshot().providers if any(m.id == name for m in each.models)), None)


def _near(name: str, ladder: Ladder) -> list[str]:
    """Up to three names like it, out of those that are answered here."""
    from genai_prices.data_snapshot import get_snapshot
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein
    from rapidfuzz.utils import default_process

    claude = [model.id for each in get_snapshot().providers if each.id == "anthropic" for model in each.models]
    steps = [model for tier, models in ladder for model in (tier, *models) if "*" not in model]
    names = dict.fromkeys(["offline", *steps, *claude])
    scorer = DamerauLevenshtein.normalized_similarity
    found = process.extract(
        name, list(names), scorer=scorer, processor=default_process, limit=3, score_cutoff=_LIKENESS
    )
    return [each for each, _, _ in found]
