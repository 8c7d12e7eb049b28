"""Scopes: what a name means is what the innermost scope that binds it says, however many there are."""

from __future__ import annotations

from hy.models import Symbol
from hypothesis import given
from hypothesis import strategies as st

from omegac.expand.environment import Binding, Environment, Free

NAMES = [Symbol(name) for name in "abcdef"]


@given(st.lists(st.lists(st.sampled_from(NAMES), max_size=3), max_size=60))
def test_the_innermost_scope_that_binds_a_name_says_what_it_means(levels: list[list[Symbol]]) -> None:
    environment, expected = Environment(), dict[Symbol, Binding]()
    for depth, names in enumerate(levels):
        environment = Environment(environment)
        for name in names:
            expected[name] = Free(f"{name} of level {depth}")
            environment.bind(name, expected[name])
        assert [environment.lookup(name) for name in NAMES] == [expected.get(n, Free(str(n))) for n in NAMES]
