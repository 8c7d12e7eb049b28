"""Texts taken apart into linked lists of characters and of words."""

from __future__ import annotations

from benchmarks.programs.literal.lists import elements, list_from, mapped
from benchmarks.programs.strings import shift


def encode(text: str, k: int) -> str:
    return "".join(elements(mapped(lambda c: shift(c, k), list_from(text))))


def acronym(text: str) -> str:
    return "".join(elements(mapped(lambda word: word[0:1].upper(), list_from(text.split(" ")))))


def run(n: int) -> str:
    i, text, seen = 0, "the quick brown fox jumps over", ""
    while i != n:
        i, text, seen = i + 1, encode(text, 7), seen + acronym(text) + ","
    return text + "/" + str(len(seen))
