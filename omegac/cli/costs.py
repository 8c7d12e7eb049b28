"""What a program may spend, as text and as data: the bounds of its procedures and of a whole run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import Formula
from omegac.analyse.cost.amounts import Amount
from omegac.analyse.cost.bounds import Bound, Bounds
from omegac.analyse.cost.sizes import ANY_DEPTH

_LETTERS = {"len": "nmpqrs", "bytes": "bcdefgh", "pairs": "uvw"}
_MEANINGS = {
    "len": "the length of {}",
    "bytes": "the bytes of {}",
    "pairs": "the pairs of {}, those within included",
    "calls": "the calls that {} makes",
    "input": "the input tokens of {}",
    "output": "the output tokens of {}",
    "tokens": "the tokens that {} spends",
    "dollars": "what {} costs in US dollars",
}


def cost_text(bounds: Bounds, file: str) -> str:
    """The bounds of a program for people; the same program gives the same text."""
    lines = [file, ""]
    free = 0
    for bound in bounds.procedures:
        if bound.is_free:
            free += 1
        else:
            lines += [*_bound_lines(bound), ""]
    lines += [*_bound_lines(bounds.run)]
    if free:
        lines += ["", f"{free} other procedure{'s call' if free > 1 else ' calls'} no model."]
    return "\n".join(lines) + "\n"


def plan_text(bounds: Bounds, file: str, budget: Mapping[str, Any]) -> str:
    """What one run may spend: as a whole, at each site, and by the branches that aren't decided yet."""
    run = bounds.run
    names = _names(run)
    lines = [f"{file}: nothing was run", "", *_bound_lines(run)]
    if run.sites:
        lines += ["", "sites"]
    for site in run.sites:
        calls = _range(site.low.calls, site.high.calls, names)
        tokens = _at_most(site.high.tokens, names)
        lines.append(f"  {site.span.line}:{site.span.column} {site.operation}  {_calls(calls)}, {tokens} tokens")
    limit = budget.get("tokens")
    most = algebra.constant(run.high.tokens)
    if isinstance(limit, int) and most is not None:
        lines += ["", f"the budget of {limit:,} tokens {'surely suffices' if most <= limit else 'may not suffice'}"]
    return "\n".join(lines) + "\n"


def _bound_lines(bound: Bound) -> Iterator[str]:
    names = _names(bound)
    if bound.name is None:
        yield "a run of the program"
    else:
        yield f"({' '.join([bound.name, *bound.parameters])})  line {bound.span.line}"
    order = "" if bound.order in ("constant", "unknown") else f", {bound.order}"
    yield f"  calls    {_range(bound.low.calls, bound.high.calls, names)}{order}"
    if bound.high.calls != 0:
        yield f"  tokens   {_at_most(bound.high.tokens, names)}"
        yield f"  input    {_at_most(bound.high.input, names)}"
        yield f"  output   {_at_most(bound.high.output, names)}"
        if not algebra.is_infinite(bound.high.dollars):
            yield f"  dollars  {_dollars(bound.high.dollars, names)}"
    for branch in bound.branches:
        holds, fails = (_amount(each, names) for each in (branch.holds, branch.fails))
        yield f"  {branch.span.line}:{branch.span.column}  if so {holds}; otherwise {fails}"
    for name, letter in names.items():
        yield f"  where    {letter} is {_meaning(name)}"
    for cause in bound.causes:
        yield f"  unknown  {cause.span.line}:{cause.span.column}: {cause.reason}"


def _range(low: Formula, high: Formula, names: dict[str, str]) -> str:
    if low == high:
        return algebra.text(high, names)
    return f"{algebra.text(low, names)} to {algebra.text(high, names)}"


def _at_most(formula: Formula, names: dict[str, str]) -> str:
    text = algebra.text(formula, names)
    return text if text == "unknown" else f"<= {text}"


def _dollars(formula: Formula, names: dict[str, str]) -> str:
    value = algebra.constant(formula)
    return f"<= ${value:.6f}" if value is not None else f"<= ${algebra.text(formula, names)}"


def _calls(number: str) -> str:
    return f"{number} call{'' if number == '1' else 's'}"


def _amount(amount: Amount, names: dict[str, str]) -> str:
    if amount.calls == 0:
        return "no call"
    return f"{_calls(algebra.text(amount.calls, names))}, {_at_most(amount.tokens, names)} tokens"


def _names(bound: Bound) -> dict[str, str]:
    """Short names for the sizes in a bound: letters for lengths and bytes; numbers keep their own."""
    high = bound.high
    shown = [high.calls, high.tokens, high.input, high.output, bound.low.calls]
    used = algebra.named([each for each in shown if not algebra.is_infinite(each)])
    letters = {kind: iter(_LETTERS[kind]) for kind in _LETTERS}
    taken = {name for name in used if "(" not in name}
    names = {}
    for name in used:
        kind = name.partition("(")[0]
        if "(" in name and kind in letters:
            letter = next((each for each in letters[kind] if each not in taken), name)
            names[name] = letter
        else:
            names[name] = name
    return names


def _meaning(name: str) -> str:
    kind, parenthesis, rest = name.partition("(")
    if not parenthesis and name.endswith(ANY_DEPTH):
        return f"the largest number in {name.removesuffix(ANY_DEPTH)}"
    if not parenthesis:
        return "the number of that name, a whole one from 0 on"
    what = rest[:-1]
    path = what.removesuffix("[]")
    shown = f"an element of {path}" if path != what else what
    if what == "file":
        shown = "a file that is read"
    return _MEANINGS[kind].format(shown)


def cost_data(bounds: Bounds, file: str) -> dict[str, Any]:
    """The bounds of a program for machines; formulas are texts, None is an unknown bound."""
    return {
        "file": file,
        "procedures": [_bound_data(each) for each in bounds.procedures if not each.is_free],
        "run": _bound_data(bounds.run),
    }


def _bound_data(bound: Bound) -> dict[str, Any]:
    return {
        "name": bound.name,
        "parameters": list(bound.parameters),
        "line": bound.span.line,
        "order": bound.order,
        "least": _amount_data(bound.low),
        "most": _amount_data(bound.high),
        "sites": [
            {
                "line": each.span.line,
                "column": each.span.column,
                "operation": each.operation,
                "least": _amount_data(each.low),
                "most": _amount_data(each.high),
            }
            for each in bound.sites
        ],
        "unknown": [
            {"line": each.span.line, "column": each.span.column, "reason": each.reason} for each in bound.causes
        ],
    }


def _amount_data(amount: Amount) -> dict[str, str | None]:
    return {name: _formula_data(getattr(amount, name)) for name in ("calls", "tokens", "input", "output", "dollars")}


def _formula_data(formula: Formula) -> str | None:
    value = algebra.constant(formula)
    if isinstance(value, float) and not algebra.is_infinite(formula):
        return f"{value:.9f}"
    return None if algebra.is_infinite(formula) else algebra.text(formula).replace(",", "")
