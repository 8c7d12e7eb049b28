"""What the compiler has to say: diagnostics, their collection, and the exceptions that carry them.

Two roots: `OmegaSyntaxError` is the program's fault and shows the place in its source;
`CompilerBug` is ours and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Literal, NoReturn

import attrs
from omega_runtime.visible import visible, visible_lines

from omegac.source import Source, Span

Severity = Literal["error", "warning"]
_SHOWN_MAX = 100


@attrs.frozen
class Diagnostic:
    """One finding about a place in the source; `help` says how to mend it."""

    severity: Severity
    message: str
    span: Span
    help: str | None = None

    def render(self, source: Source) -> str:
        """`file:line:column: severity: message`, the source line, carets, and the help.

        `source` is the one that places are in whose own isn't known.
        """
        source = self.span.origin or source
        place = f"{visible(source.shown)}:{self.span.line}:{self.span.column}"
        parts = [f"{place}: {self.severity}: {visible_lines(self.message)}", source.excerpt(self.span)]
        if self.help:
            parts.append(f"  help: {visible_lines(self.help)}")
        return "\n".join(parts)


class Malformed(Exception):
    """A form that breaks the rules of the language; raised by a pass, collected by `Diagnostics`."""

    def __init__(self, message: str, span: Span, help: str | None = None) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic("error", message, span, help)


@attrs.define
class Diagnostics:
    """Collects the findings of all passes over one source.

    `unclosed` is the line of the first form that is never closed, once the source was read. What it defines is not
    known then: warnings, and errors from there on, would only be its consequences, and are left out. With
    `lost_definitions`, some other definition wasn't understood.
    """

    source: Source
    items: list[Diagnostic] = attrs.field(factory=list)
    unclosed: int | None = None
    lost_definitions: bool = False
    _found: set[tuple[Diagnostic, Source]] = attrs.field(factory=set, init=False)

    def error(self, message: str, span: Span, help: str | None = None) -> None:
        """Record an error."""
        self.add(Diagnostic("error", message, span, help))

    def warning(self, message: str, span: Span, help: str | None = None) -> None:
        """Record a warning."""
        self.add(Diagnostic("warning", message, span, help))

    def add(self, diagnostic: Diagnostic) -> None:
        """Record a finding once, unless it may only follow from a form that is never closed."""
        origin = diagnostic.span.origin or self.source
        if self.unclosed is not None and (
            diagnostic.severity == "warning" or (origin is self.source and diagnostic.span.line >= self.unclosed)
        ):
            return
        if (diagnostic, origin) not in self._found:
            self._found.add((diagnostic, origin))
            self.items.append(diagnostic)

    def give_up(self, message: str, span: Span, help: str | None = None) -> NoReturn:
        """Record an error behind which nothing is worth compiling. Raises OmegaSyntaxError with all errors so far."""
        self.error(message, span, help)
        self.check()
        raise CompilerBug("an error that ends the compilation is no error")

    @property
    def knows_definitions(self) -> bool:
        """Whether every definition was understood, so that a name without one is an error."""
        return self.unclosed is None and not self.lost_definitions

    @property
    def in_order(self) -> list[Diagnostic]:
        """The findings in source order, those of included files last."""
        origins = [self.source.name, *(d.span.origin.name for d in self.items if d.span.origin)]
        return sorted(
            self.items, key=lambda d: (origins.index((d.span.origin or self.source).name), d.span.line, d.span.column)
        )

    @property
    def warnings(self) -> list[Diagnostic]:
        """The findings that don't stop a compilation, in source order."""
        return [d for d in self.in_order if d.severity == "warning"]

    def check(self) -> None:
        """Raises OmegaSyntaxError when an error was recorded."""
        if any(d.severity == "error" for d in self.items):
            raise OmegaSyntaxError(self.source, self.in_order)


class OmegaSyntaxError(SyntaxError):
    """A source that does not compile. `diagnostics` holds every finding, the attributes the first error."""

    def __init__(self, source: Source, diagnostics: list[Diagnostic]) -> None:
        first = next(d for d in diagnostics if d.severity == "error")
        span, origin = first.span, first.span.origin or source
        end = (span.end_line, span.end_column + 1)
        super().__init__(first.message, (origin.shown, span.line, span.column, origin.line(span.line), *end))
        self.source = source
        self.diagnostics = diagnostics

    @cached_property
    def __notes__(self) -> list[str]:  # type: ignore[override]
        """The other findings, for Python's tracebacks."""
        first = next(d for d in self.diagnostics if d.severity == "error")
        return list(rendered([d for d in self.diagnostics if d is not first], self.source))

    def render(self) -> str:
        """The findings with their places, one after another."""
        return "\n".join(rendered(self.diagnostics, self.source))


def rendered(diagnostics: Iterable[Diagnostic], source: Source) -> Iterator[str]:
    """Findings for people, and how many are left out: of errors and of warnings, so many are shown."""
    found: Counter[Severity] = Counter()
    for diagnostic in diagnostics:
        found[diagnostic.severity] += 1
        if found[diagnostic.severity] <= _SHOWN_MAX:
            yield diagnostic.render(source)
    for severity, count in found.items():
        if count > _SHOWN_MAX:
            yield f"… and {count - _SHOWN_MAX:,} more {severity}{'' if count == _SHOWN_MAX + 1 else 's'}"


class CompilerBug(Exception):
    """A broken invariant of the compiler: never the program's fault."""

    def __init__(self, message: str) -> None:
        super().__init__(f"bug in omegac: {message}")


def nearest(name: str, *groups: Iterable[str]) -> str | None:
    """The known name that is closest to a misspelt one; of equally close ones, that of the first group."""
    found = [near for known in groups for near in difflib.get_close_matches(name, sorted(set(known)), n=1, cutoff=0.7)]
    return max(found, key=lambda near: difflib.SequenceMatcher(None, near, name).ratio(), default=None)


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """A did-you-mean sentence for a name that's close to a known one."""
    near = nearest(name, known)
    return None if near is None else f"did you mean {near}?"
