"""Symbolic differentiation; a sum or a product is a tuple."""

from __future__ import annotations

Expression = int | str | tuple[str, "Expression", "Expression"]


def sum_of(a: Expression, b: Expression) -> Expression:
    if a == 0:
        return b
    if b == 0:
        return a
    return "+", a, b


def product_of(a: Expression, b: Expression) -> Expression:
    if a == 0 or b == 0:
        return 0
    if a == 1:
        return b
    if b == 1:
        return a
    return "*", a, b


def derivative(e: Expression, x: str) -> Expression:
    if isinstance(e, int):
        return 0
    if isinstance(e, str):
        return 1 if e == x else 0
    operator, a, b = e
    if operator == "+":
        return sum_of(derivative(a, x), derivative(b, x))
    return sum_of(product_of(a, derivative(b, x)), product_of(derivative(a, x), b))


def size(e: Expression) -> int:
    if isinstance(e, tuple):
        # The operator, and the end of the list that it is in Lisp.
        return 2 + size(e[1]) + size(e[2])
    return 1


def power(n: int) -> Expression:
    return "x" if n == 0 else ("*", ("+", "x", n), power(n - 1))


def run(n: int) -> int:
    e = power(6)
    total = 0
    for _ in range(n):
        total += size(derivative(derivative(e, "x"), "x"))
    return total
