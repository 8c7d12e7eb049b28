"""Distributions: values with weights, as sampling a model gives them."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, count, elements, index, is_number
from omega_runtime.lib.registry import primitive
from omega_runtime.values.distributions import Distribution
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.pairs import Pair, list_from, unlist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


@primitive("dist")
def dist(value: Value) -> Distribution:
    """The distribution of one value, with weight 1."""
    return Distribution([(value, 1)])


@primitive("dist?")
def is_dist(value: Value) -> bool:
    """Whether a value is a distribution."""
    return isinstance(value, Distribution)


@primitive("dist-count")
def dist_count(distribution: Value) -> int:
    """The number of values of a distribution."""
    return len(_entries("dist-count", distribution))


@primitive("dist-value-at")
def dist_value_at(distribution: Value, k: Value) -> Value:
    """The value at index `k`, from 0."""
    return _at("dist-value-at", distribution, k)[0]


@primitive("dist-weight-at")
def dist_weight_at(distribution: Value, k: Value) -> int | float:
    """The weight at index `k`, from 0."""
    return _at("dist-weight-at", distribution, k)[1]


def _at(procedure: str, distribution: Value, k: Value) -> tuple[Value, int | float]:
    found = _entries(procedure, distribution)
    return found[index(procedure, 2, k, len(found))]


def _entries(procedure: str, distribution: Value) -> list[tuple[Value, int | float]]:
    if isinstance(distribution, Distribution):
        return distribution.entries
    raise wrong_type(procedure, 1, "a distribution", distribution)


@primitive("dist-normalize")
def dist_normalize(distribution: Value) -> Distribution:
    """The distribution with weights that add up to 1; without values when they don't add up to more than 0."""
    found = _entries("dist-normalize", distribution)
    total = sum(weight for _, weight in found)
    return Distribution([(value, weight / total) for value, weight in found] if total > 0 else [])


@primitive("dist-sample", row="state")
def dist_sample(distribution: Value, seed: Value = ABSENT) -> Value:
    """A value, by chance and as often as its weight says; the same one again for the same seed, an exact integer."""
    # Importing it takes long.
    from random import Random, random

    found = [(value, weight) for value, weight in _entries("dist-sample", distribution) if weight > 0]
    if not found:
        raise wrong_range("dist-sample", 1, "a distribution with a weight above 0", distribution)
    chance = random() if seed is ABSENT else Random(_seed(seed)).random()
    left = chance * sum(weight for _, weight in found)
    for value, weight in found:
        left -= weight
        if left < 0:
            return value
    return found[-1][0]


def _seed(value: Value) -> int:
    if type(value) is not int:
        raise wrong_type("dist-sample", 2, "an exact integer", value)
    return value


@primitive("dist-topk")
def dist_topk(distribution: Value, k: Value) -> Distribution:
    """The distribution of the `k` heaviest values, the heaviest first."""
    found = sorted(_entries("dist-topk", distribution), key=lambda entry: -entry[1])
    return Distribution(found[: count("dist-topk", 2, k)])


@primitive("dist-from-list")
def dist_from_list(entries: Value) -> Distribution:
    """The distribution of a list of entries, each (value weight) or (value . weight)."""
    return Distribution([_entry(each, entries) for each in elements("dist-from-list", 1, entries)])


def _entry(entry: Value, entries: Value) -> tuple[Value, int | float]:
    parts = unlist(entry)
    if parts is None and type(entry) is Pair:
        parts = [entry.car, entry.cdr]
    if parts is None or len(parts) != 2 or not is_number(parts[1]) or parts[1] - parts[1] != 0:
        raise wrong_type("dist-from-list", 1, "a list of (value weight) or (value . weight)", entries)
    return parts[0], parts[1]


@primitive("dist-to-list")
def dist_to_list(distribution: Value) -> List:
    """The list of the pairs (value . weight)."""
    return list_from([Pair(value, weight) for value, weight in _entries("dist-to-list", distribution)])
