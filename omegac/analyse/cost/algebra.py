"""Formulas over sizes: whole numbers from 0 on, and infinity for what has no bound. sympy computes; this room names.

No other room imports sympy, which takes half a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

Formula = Any
"""A sympy expression; its symbols are sizes."""

ZERO: Formula = sympy.Integer(0)
ONE: Formula = sympy.Integer(1)
INFINITY: Formula = sympy.oo
_PIECES_MAX = 32


def number(value: float) -> Formula:
    """A constant."""
    return sympy.Integer(value) if value == int(value) else sympy.Float(value)


def dollars(picodollars: int) -> Formula:
    """An amount of money in US dollars."""
    return sympy.Rational(picodollars, 10**12)


def size(name: str) -> Formula:
    """The size of that name: equal names are one size."""
    return sympy.Symbol(name, integer=True, nonnegative=True)


def signed(name: str) -> Formula:
    """The number of that name, which may be below 0 and have a fraction: equal names are one number."""
    return sympy.Symbol(name, real=True)


def fresh(name: str) -> Formula:
    """A size that no other formula has."""
    return sympy.Dummy(name, integer=True, nonnegative=True)


def fresh_signed(name: str) -> Formula:
    """A whole number that no other formula has."""
    return sympy.Dummy(name, integer=True)


def fresh_fraction(name: str) -> Formula:
    """A number, maybe with a fraction, that no other formula has."""
    return sympy.Dummy(name, real=True)


def most(*formulas: Formula) -> Formula:
    """The largest of some formulas; 0 of none."""
    return sympy.Max(*formulas) if formulas else ZERO


def least(*formulas: Formula) -> Formula:
    """The smallest of some formulas."""
    return sympy.Min(*formulas)


def times(one: Formula, other: Formula) -> Formula:
    """The product, where nothing times infinity is nothing."""
    if one == 0 or other == 0:
        return ZERO
    return INFINITY if is_infinite(one) or is_infinite(other) else one * other


def halved(formula: Formula) -> Formula:
    """Half of it, rounded down."""
    return sympy.floor(formula / 2)


def quotient(one: Formula, other: Formula) -> Formula:
    """A quotient, rounded down."""
    return sympy.floor(one / other)


def rounded_up(one: Formula, other: Formula) -> Formula:
    """A quotient, rounded up."""
    return sympy.ceiling(one / other)


def halvings(formula: Formula, least: Formula) -> Formula:
    """How often a size can be halved, rounding down, while it is at least so large."""
    return sympy.floor(sympy.log(sympy.Max(formula, least) / least, 2)) + 1


def power(base: Formula, exponent: Formula) -> Formula:
    """The power."""
    return base**exponent


def is_infinite(formula: Formula) -> bool:
    """Whether a formula is no bound."""
    return bool(formula.has(sympy.oo, sympy.zoo, sympy.nan))


def constant(formula: Formula) -> int | float | None:
    """The value of a formula without sizes."""
    if formula.is_Integer:
        return int(formula)
    if formula == sympy.oo:
        return float("inf")
    return float(formula) if formula.is_number and formula.is_finite else None


def sign(formula: Formula) -> int | None:
    """-1, 0 or 1 when a formula has that sign whatever the sizes are."""
    if formula.is_zero:
        return 0
    if formula.is_positive:
        return 1
    return -1 if formula.is_negative else None


def is_at_least(one: Formula, other: Formula) -> bool:
    """Whether one formula is surely at least another one."""
    return one == other or one == sympy.oo or bool((one - other).is_nonnegative)


def symbols(formula: Formula) -> frozenset[Formula]:
    """The sizes that a formula depends on."""
    return frozenset(formula.free_symbols)


def replaced(formula: Formula, values: Mapping[Formula, Formula]) -> Formula:
    """The formula with formulas in place of sizes."""
    return formula.subs(values, simultaneous=True) if values and formula.free_symbols else formula


def total(formula: Formula, index: Formula, count: Formula) -> Formula | None:
    """The sum over an index from 0 to count - 1; None when no closed form is known."""
    if index not in formula.free_symbols:
        return times(formula, count)
    if is_infinite(formula):
        return INFINITY
    if not formula.is_polynomial(index):
        return None
    return sympy.expand(sympy.summation(sympy.expand(formula), (index, 0, count - 1)))


def highest(formula: Formula, index: Formula, count: Formula) -> Formula | None:
    """The largest value while an index goes from 0 to count, when the formula surely rises or surely falls."""
    if index not in formula.free_symbols:
        return formula
    if rises(formula, index):
        return formula.subs(index, count)
    return formula.subs(index, 0) if falls(formula, index) else None


def lowest(formula: Formula, index: Formula, count: Formula) -> Formula | None:
    """The smallest value while an index goes from 0 to count, when the formula surely rises or surely falls."""
    found = highest(-formula, index, count)
    return None if found is None else -found


def rises(formula: Formula, symbol: Formula) -> bool:
    """Whether a formula surely doesn't fall with a size: none of the pieces that it is made of does."""
    pieces = _pieces(_unrounded(formula))
    return pieces is not None and all(piece.diff(symbol).is_nonnegative for piece in pieces)


def _unrounded(formula: Formula) -> Formula:
    """The formula without rounding, which rises and falls alike."""
    return formula.replace(sympy.ceiling, lambda inner: inner).replace(sympy.floor, lambda inner: inner)


def _pieces(formula: Formula) -> list[Formula] | None:
    """The formulas without Max and Min, one of which is the formula for each choice of sizes; None for too many."""
    pending, found = [formula], []
    while pending:
        current = pending.pop()
        extremes = current.atoms(sympy.Max, sympy.Min)
        if not extremes:
            found.append(current)
        elif len(pending) + len(found) > _PIECES_MAX:
            return None
        else:
            inner = min(extremes, key=lambda each: (each.count_ops(), str(each)))
            pending += [current.xreplace({inner: part}) for part in inner.args]
    return found


def falls(formula: Formula, symbol: Formula) -> bool:
    """Whether a formula surely doesn't rise with a size."""
    return rises(-formula, symbol)


def expanded(formula: Formula) -> Formula:
    """The formula multiplied out."""
    return sympy.expand(formula)


def difference(one: Formula, other: Formula) -> Formula:
    """one - other, where equal infinities leave nothing."""
    return ZERO if one == other else sympy.expand(one - other)


def value_at(formula: Formula, sizes: Mapping[str, int]) -> Formula:
    """The formula with the sizes of these names put in."""
    known = {symbol: sizes[symbol.name] for symbol in formula.free_symbols if symbol.name in sizes}
    return formula.subs(known)


def simplified(formula: Formula) -> Formula:
    """A shorter form of the same."""
    forms = (formula, sympy.expand(formula), sympy.factor(formula))
    return min(forms, key=lambda form: (form.count_ops(), str(form)))


def order(formula: Formula) -> str:
    """How a formula grows with its sizes: constant, linear, …, exponential; in what, when that is one size."""
    if is_infinite(formula):
        return "unknown"
    names = sorted(symbol.name for symbol in formula.free_symbols)
    if not names:
        return "constant"
    powers = formula.atoms(sympy.Pow)
    if any(power.exp.free_symbols for power in powers):
        return "exponential"
    smooth = _smooth(formula)
    symbol = sympy.Symbol("n", positive=True)
    joined = smooth.subs(dict.fromkeys(smooth.free_symbols, symbol))
    logarithms = joined.has(sympy.log)
    degree = sympy.degree(sympy.expand(joined.replace(sympy.log, lambda *_: sympy.Integer(1))), symbol)
    return _ORDERS.get((int(degree), logarithms), f"degree {degree}")


def _smooth(formula: Formula) -> Formula:
    """The formula without rounding and extremes, which grows alike."""
    formula = formula.replace(sympy.Max, lambda *parts: sympy.Add(*parts))
    return _unrounded(formula.replace(sympy.Min, lambda *parts: sympy.Add(*parts)))


_ORDERS = {
    (0, False): "constant",
    (0, True): "logarithmic",
    (1, False): "linear",
    (1, True): "n·log n",
    (2, False): "quadratic",
    (3, False): "cubic",
}


class _Printer(StrPrinter):
    """Formulas as they are written on paper."""

    def _print_Symbol(self, expr: Formula) -> str:  # noqa: N802 - sympy's protocol
        return str(expr.name)

    def _print_Dummy(self, expr: Formula) -> str:  # noqa: N802
        return str(expr.name)

    def _print_Integer(self, expr: Formula) -> str:  # noqa: N802
        return f"{int(expr):,}"

    def _print_Max(self, expr: Formula) -> str:  # noqa: N802
        return f"max({', '.join(sorted(map(self._print, expr.args)))})"

    def _print_Min(self, expr: Formula) -> str:  # noqa: N802
        return f"min({', '.join(sorted(map(self._print, expr.args)))})"

    def _print_ceiling(self, expr: Formula) -> str:
        return f"⌈{self._print(expr.args[0])}⌉"

    def _print_floor(self, expr: Formula) -> str:
        return f"⌊{self._print(expr.args[0])}⌋"

    def _print_Infinity(self, expr: Formula) -> str:  # noqa: N802, ARG002
        return "unknown"

    def _print_log(self, expr: Formula) -> str:
        return f"ln({self._print(expr.args[0])})"

    def _print_Mul(self, expr: Formula) -> str:  # noqa: N802
        logarithms = [each for each in expr.atoms(sympy.log) if each.free_symbols]
        if len(logarithms) == 1:
            rest = expr / logarithms[0] * sympy.log(2)
            if not rest.has(sympy.log):
                shown = f"log2({self._print(logarithms[0].args[0])})"
                return shown if rest == 1 else f"{self._print(rest)}·{shown}"
        return str(super()._print_Mul(expr)).replace("*", "·")

    def _print_Pow(self, expr: Formula, rational: bool = False) -> str:  # noqa: N802
        base, exponent = expr.args
        if exponent.is_Integer and int(exponent) > 1:
            inner = self._print(base)
            return (inner if base.is_Symbol or base.is_Integer else f"({inner})") + str(exponent).translate(_RAISED)
        return str(super()._print_Pow(expr, rational)).replace("**", "^")


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def text(formula: Formula, names: Mapping[str, str] | None = None) -> str:
    """A formula as text, with other names for sizes: the same for equal formulas."""
    if is_infinite(formula):
        return "unknown"
    shown = {symbol: size(names[symbol.name]) for symbol in formula.free_symbols if names and symbol.name in names}
    return str(_Printer({"order": "grlex"}).doprint(simplified(formula).xreplace(shown)))


def named(formulas: Iterable[Formula]) -> list[str]:
    """The names of the sizes in some formulas, sorted."""
    return sorted({symbol.name for formula in formulas for symbol in formula.free_symbols})
