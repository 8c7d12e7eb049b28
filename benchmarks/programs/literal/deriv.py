"""Symbolic differentiation on linked lists."""

from __future__ import annotations

from typing import Any

from benchmarks.programs.literal.lists import Pair


def sum_of(a: Any, b: Any) -> Any:
    if a == 0:
        return b
    if b == 0:
        return a
    return Pair("+", Pair(a, Pair(b, None)))


def product_of(a: Any, b: Any) -> Any:
    if a == 0 or b == 0:
        return 0
    if a == 1:
        return b
    if b == 1:
        return a
    return Pair("*", Pair(a, Pair(b, None)))


def derivative(e: Any, x: str) -> Any:
    if isinstance(e, int):
        return 0
    if isinstance(e, str):
        return 1 if e == x else 0
    if e.car == "+":
        return sum_of(derivative(e.cdr.car, x), derivative(e.cdr.cdr.car, x))
    return sum_of(
        product_of(e.cdr.car, derivative(e.cdr.cdr.car, x)),
        product_of(derivative(e.cdr.car, x), e.cdr.cdr.car),
    )


def size(e: Any) -> int:
    if isinstance(e, Pair):
        return size(e.car) + size(e.cdr)
    return 1


def power(n: int) -> Any:
    return "x" if n == 0 else Pair("*", Pair(Pair("+", Pair("x", Pair(n, None))), Pair(power(n - 1), None)))


def run(n: int) -> int:
    e = power(6)
    i, total = 0, 0
    while i != n:
        i, total = i + 1, total + size(derivative(derivative(e, "x"), "x"))
    return total
