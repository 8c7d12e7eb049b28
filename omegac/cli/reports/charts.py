"""The charts of the page, as SVG; each shows its figures when it is pointed at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import floor, log10

import attrs
from omega_runtime.calls.watching import Watched

from omegac.cli.reports.markup import Markup, tag, together

WIDTH = 1000.0
_LEFT, _RIGHT = 78.0, 12.0
_LANE = 16.0
Scale = Callable[[float], float]
"""From seconds or tokens to a place in the picture."""

# Of a long run so many calls are drawn one by one.
DRAWN_MAX = 2_000


def spending(calls: Sequence[Watched], limit: int | None) -> Markup:
    """The tokens spent over time, as steps, against the limit."""
    height, bottom = 240.0, 26.0
    ended = sorted((call for call in calls if call.tokens), key=lambda call: call.ended)
    end = max([call.ended for call in calls], default=0.0) or 1.0
    total = sum(call.tokens for call in ended)
    top = max(total, limit or 0, 1) * 1.06

    def x(seconds: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * seconds / end

    def y(tokens: float) -> float:
        return (height - bottom) * (1 - tokens / top) + 4

    points, spent = [(x(0), y(0))], 0
    for call in ended:
        points.append((x(call.ended), y(spent)))
        spent += call.tokens
        points.append((x(call.ended), y(spent)))
    points.append((x(end), y(spent)))
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    parts = [*_grid(top, y), *_seconds(end, x, height - 6)]
    parts.append(tag("polygon", points=f"{line} {x(end):.1f},{y(0):.1f} {x(0):.1f},{y(0):.1f}", class_="area"))
    parts.append(tag("polyline", points=line, class_="line"))
    if limit is not None:
        parts.append(tag("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y(limit), y2=y(limit), class_="limit"))
        label = f"budget: {limit:,} tokens"
        parts.append(tag("text", label, x=WIDTH - _RIGHT, y=y(limit) + 13, class_="label end"))
    return _svg(height, f"Tokens spent over time: {total:,} in {end:.1f} seconds", parts)


def bars(rows: Sequence[tuple[str, int, str]]) -> Markup:
    """A bar for each name, as long as its figure, with a text behind it."""
    most = max((figure for _, figure, _ in rows), default=0) or 1
    items = []
    for name, figure, text in rows:
        bar = tag("span", class_="bar", style=f"width:{100 * figure / most:.2f}%")
        items.append(tag("div", tag("span", name, class_="name"), tag("span", bar, class_="track"), tag("span", text)))
    return tag("div", *items, class_="bars")


@attrs.define
class _Node:
    """A procedure in the flame graph, with what was spent in its calls."""

    tokens: int = 0
    inner: dict[str, _Node] = attrs.field(factory=dict)


def flames(calls: Iterable[Watched]) -> Markup:
    """The tokens by call stack: each procedure as wide as what was spent in it, above what called it."""
    root = _Node()
    for call in calls:
        if call.tokens:
            node = root
            root.tokens += call.tokens
            for name in (*call.stack, f"{call.site.file}:{call.site.line}"):
                node = node.inner.setdefault(name, _Node())
                node.tokens += call.tokens
    depth = _depth(root)
    height = depth * (_LANE + 2) + 4
    parts = list(_flames(root, 0.0, WIDTH, 0, root.tokens))
    return _svg(height, "Tokens by call stack", parts)


def _depth(root: _Node) -> int:
    depth, level = 0, list(root.inner.values())
    while level:
        depth, level = depth + 1, [inner for node in level for inner in node.inner.values()]
    return depth


def _flames(root: _Node, left: float, width: float, depth: int, total: int) -> Iterator[Markup]:
    waiting = [(root, left, width, depth)]
    while waiting:
        node, left, width, depth = waiting.pop()
        for name, inner in sorted(node.inner.items(), key=lambda each: -each[1].tokens):
            wide = width * inner.tokens / node.tokens
            top = 2 + depth * (_LANE + 2)
            title = tag("title", f"{name}: {inner.tokens:,} tokens, {100 * inner.tokens / total:.1f} %")
            shape = tag("rect", x=left, y=top, width=max(wide - 1, 0.5), height=_LANE, rx=2, class_=f"flame{depth % 3}")
            shown = name if len(name) * 7 < wide - 8 else name[: max(0, int((wide - 14) / 7))]
            shown += "…" if shown and shown != name else ""
            label = [tag("text", shown, x=left + 4, y=top + 12, class_="inside")] if shown else []
            yield tag("g", title, shape, *label)
            waiting.append((inner, left, wide, depth + 1))
            left += wide


def timeline(calls: Sequence[Watched]) -> Markup:
    """The calls over time, those at once below each other, in a band for each model; above them the modes."""
    drawn = [call for call in calls if call.outcome != "under way"][:DRAWN_MAX]
    end = max([call.ended for call in calls], default=0.0) or 1.0

    def x(seconds: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * seconds / end

    parts: list[Markup] = []
    top = 4.0
    if any(any(call.mode) for call in drawn):
        parts += _modes(drawn, x, top, end)
        top += _LANE + 8
    for model in dict.fromkeys(call.model for call in drawn):
        parts.append(tag("text", model or "the model", x=2, y=top + 11, class_="label"))
        top += 16
        lanes: list[float] = []
        for call in (call for call in drawn if call.model == model):
            lane = next((i for i, free in enumerate(lanes) if free <= call.began), len(lanes))
            lanes[lane : lane + 1] = [call.ended]
            shape = tag(
                "rect",
                x=x(call.began),
                y=top + lane * (_LANE - 4),
                width=max(x(call.ended) - x(call.began) - 1, 2.0),
                height=_LANE - 6,
                rx=2,
                class_=f"call {call.outcome}",
            )
            parts.append(tag("g", tag("title", _told(call)), shape))
        top += len(lanes) * (_LANE - 4) + 8
    parts += _seconds(end, x, top + 14)
    return _svg(top + 20, "Calls over time", parts)


def _modes(calls: Sequence[Watched], x: Scale, top: float, end: float) -> Iterator[Markup]:
    """The modes as a band: each from the first call that it applied to until the next one that another did."""
    yield tag("text", "mode", x=2, y=top + 12, class_="label")
    changes: list[tuple[float, str]] = []
    for call in sorted(calls, key=lambda call: call.began):
        name = mode_text(call.mode) or "standard"
        if not changes or changes[-1][1] != name:
            changes.append((call.began, name))
    for (began, name), (until, _) in zip(changes, [*changes[1:], (end, "")], strict=True):
        width = max(x(until) - x(began) - 1, 1.0)
        kind = "mode standard" if name == "standard" else "mode low"
        shape = tag("rect", x=x(began), y=top, width=width, height=_LANE, class_=kind)
        shown = name if len(name) * 7 < width else ""
        yield tag("g", tag("title", name), shape, tag("text", shown, x=x(began) + 4, y=top + 12, class_="inside"))


def mode_text(mode: tuple[str, bool, str | None]) -> str:
    """What a mode changes, in words; nothing for the standard one."""
    caching, is_minimal, cap = mode
    parts = (caching and f"{caching} caching", "minimal prompts" if is_minimal else "", f"up to {cap}" if cap else "")
    return ", ".join(filter(None, parts))


def _told(call: Watched) -> str:
    figures = f"{call.input_tokens:,} + {call.output_tokens:,} tokens" if call.tokens else "nothing"
    asked = f" instead of {call.instead_of}" if call.instead_of else ""
    where = f"{call.stack[-1] if call.stack else 'Python'} at {call.site.file}:{call.site.line}"
    return f"{where}: {call.outcome}, {figures}, {call.ended - call.began:.2f} s{asked}"


def _grid(top: float, y: Scale) -> Iterator[Markup]:
    for tokens in _ticks(top):
        yield tag("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y(tokens), y2=y(tokens), class_="grid")
        yield tag("text", f"{tokens:,.0f}", x=_LEFT - 6, y=y(tokens) + 4, class_="label end")


def _seconds(end: float, x: Scale, y: float) -> Iterator[Markup]:
    for seconds in _ticks(end):
        yield tag("text", f"{seconds:g} s", x=x(seconds), y=y, class_="label middle" if seconds else "label")


def _ticks(top: float) -> list[float]:
    """Round numbers from 0 to at most `top`, about five."""
    rough = top / 5
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    return [round(step * number, 12) for number in range(int(top / step + 1e-9) + 1)]


def _svg(height: float, title: str, parts: Iterable[Markup]) -> Markup:
    return tag("svg", tag("title", title), together(*parts), viewBox=f"0 0 {WIDTH:g} {height:g}", role="img")
