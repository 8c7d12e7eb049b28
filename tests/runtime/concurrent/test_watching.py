"""Who tells how far a run is sees the outermost maps, while they are under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from omega_runtime import configure, gather
from omega_runtime.concurrent.library import concurrently, parallel_map
from omega_runtime.concurrent.watching import MapUnderWay, watching_maps
from omega_runtime.values.pairs import list_from

NUMBERS = range(1, 7)


def nested() -> None:
    gather(lambda n: gather(abs, range(n)), NUMBERS)


def beside_each_other() -> None:
    each = list_from(list(NUMBERS))
    concurrently(lambda: parallel_map(abs, each), lambda: parallel_map(abs, each))


@pytest.mark.parametrize("jobs", [1, 4])
@pytest.mark.parametrize(
    ("work", "totals"),
    [
        (lambda: gather(abs, NUMBERS), [6]),
        (lambda: gather(abs, []), [0]),
        (nested, [6]),
        (beside_each_other, [6, 6]),
        (lambda: concurrently(lambda: 1, lambda: 2), []),
    ],
)
def test_outermost_maps_are_seen(
    work: Callable[[], Any], totals: list[int], jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[MapUnderWay] = []

    class Noted(MapUnderWay):
        def __init__(self, total: int) -> None:
            super().__init__(total)
            begun.append(self)

    monkeypatch.setattr("omega_runtime.concurrent.watching.MapUnderWay", Noted)
    with configure(jobs=jobs), watching_maps() as under_way:
        work()
        assert under_way == []
    assert [each.total for each in begun] == totals
    assert all(each.begun == each.done == each.total for each in begun)


def test_a_map_that_fails_is_under_way_no_more() -> None:
    with watching_maps() as under_way:
        with pytest.raises(ZeroDivisionError):
            gather(lambda n: len(under_way) // n, [2, 1, 0])
        assert under_way == []


def test_results_are_those_of_a_map_that_nobody_watches() -> None:
    with watching_maps():
        assert gather(lambda n: n * n, NUMBERS) == [1, 4, 9, 16, 25, 36]
