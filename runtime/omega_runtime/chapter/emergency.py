"""Emergency modes: what a program does when its budget runs low."""

from __future__ import annotations

from omega_runtime.calls.context import current
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import make_list
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value

CRITICAL_TOKENS = 1000
WARNING_TOKENS = 5000


@primitive("emergency-mode", row="state")
def emergency_mode(remaining: Value) -> None:
    """The mode for so many remaining tokens: critical below 1000, a warning below 5000, otherwise standard."""
    if type(remaining) not in (int, float) or remaining != remaining:
        raise wrong_type("emergency-mode", 1, "a number of tokens", remaining)
    if remaining < CRITICAL_TOKENS:
        enable_aggressive_caching()
        use_minimal_prompts()
    elif remaining < WARNING_TOKENS:
        reduce_quality_to_medium()
        enable_caching()
    else:
        standard_mode()


@primitive("enable-caching!", row="state")
def enable_caching() -> None:
    """From here to the end of the budget around, the answer to a prompt that was asked before costs nothing."""
    current.get().policy.switch(caching="exact")


@primitive("enable-aggressive-caching!", row="state")
def enable_aggressive_caching() -> None:
    """As enable-caching!, also for prompts that differ in case, white space and punctuation only.

    And for similar ones, once `configure(similarity=…)` says how similar they must be.
    """
    current.get().policy.switch(caching="aggressive")


@primitive("use-minimal-prompts!", row="state")
def use_minimal_prompts() -> None:
    """From here to the end of the budget around, prompts lose blanks and polite phrases, and answers are short."""
    current.get().policy.switch(minimal=True)


@primitive("reduce-quality-to-medium!", row="state")
def reduce_quality_to_medium() -> None:
    """From here to the end of the budget around, no model above the ladder's medium tier is used."""
    current.get().policy.switch(cap="medium")


@primitive("reduce-quality-to-low!", row="state")
def reduce_quality_to_low() -> None:
    """As reduce-quality-to-medium!, for the lowest tier."""
    current.get().policy.switch(cap="low")


@primitive("standard-mode!", row="state")
def standard_mode() -> None:
    """Turn everything that the other switches do off again, but for degrade-when-low!."""
    current.get().policy.standard()


@primitive("degrade-when-low!", row="state")
def degrade_when_low() -> None:
    """From here to the end of the budget around, change modes by what is left of it.

    Below 20 % of a limit: exact caching, and models up to medium; below 5 %: aggressive caching, minimal prompts and
    the lowest tier. What the program switches on by itself stays on.
    """
    current.get().policy.degrade_when_low()


@primitive("current-mode", row="state")
def current_mode() -> List:
    """What is on here and now, as a list of symbols such as (caching minimal-prompts medium); () in standard mode."""
    context = current.get()
    caching, is_minimal, cap = context.policy.mode(context.account)
    name_of = {"exact": "caching", "aggressive": "aggressive-caching"}
    names = (name_of.get(caching), "minimal-prompts" if is_minimal else None, cap)
    return make_list(*(Symbol(name) for name in names if name))
