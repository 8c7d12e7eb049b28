"""Why calls waited, got less than they asked for, or were refused."""

from __future__ import annotations

from omega_runtime.ledger.claim import GRANTED, REFUSED, WAIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from omega_runtime.clock import SystemClock
    from omega_runtime.ledger.claim import Claim, Decision
    from omega_runtime.ledger.report_types import DecisionLine
    from omega_runtime.places import Site

# So many of the last ones are kept.
MOST = 1000

_KINDS = {WAIT: "wait", GRANTED: "clamp", REFUSED: "refusal"}


class Explanation:
    """What became of one claim that wasn't simply granted, by the limit of the `account` behind it.

    `needed` is what the call asked for, `left` what there was of the `limit` then, `granted` what it got in the end: in
    tokens, or (`in_dollars`) picodollars. `seconds` is how long it waited.
    """

    __slots__ = ("account", "granted", "in_dollars", "kind", "left", "limit", "needed", "seconds", "site")

    def __init__(self, claim: Claim, decision: Decision) -> None:
        output = claim.request.wanted if decision.outcome == GRANTED else decision.output
        self.kind = _KINDS[decision.outcome]
        self.site: Site = claim.request.site
        self.account = decision.account.name
        self.in_dollars = decision.in_dollars
        self.needed = claim.picodollars(output) if self.in_dollars else claim.prompt + output
        self.left = decision.left
        self.limit = decision.limit
        self.granted = 0
        self.seconds = 0.0
        if decision.outcome == GRANTED:
            self.get(claim)

    def get(self, claim: Claim) -> None:
        """Note what the claim got."""
        self.granted = claim.hold.picodollars if self.in_dollars else claim.hold.tokens

    def line(self) -> DecisionLine:
        """The same as plain data."""
        site = self.site
        return {
            "kind": self.kind,
            "file": site.file,
            "line": site.line,
            "column": site.column,
            "procedure": site.procedure,
            "account": self.account,
            "unit": "dollars" if self.in_dollars else "tokens",
            "needed": self._amount(self.needed),
            "left": self._amount(self.left),
            "limit": self._amount(self.limit),
            "granted": self._amount(self.granted),
            "seconds": self.seconds,
        }

    def _amount(self, number: int) -> int | Decimal:
        if not self.in_dollars:
            return number
        from omega_runtime.money import dollars

        return dollars(number)


class Waits:
    """A claim that waits: its explanation gets the seconds, and what it got, at the end."""

    __slots__ = ("_claim", "_clock", "_explanation", "_start")

    def __init__(self, explanation: Explanation, claim: Claim, clock: SystemClock) -> None:
        self._explanation = explanation
        self._claim = claim
        self._clock = clock
        self._start = clock.now()

    def end(self) -> None:
        """Note what became of it."""
        self._explanation.seconds = self._clock.now() - self._start
        if self._claim.is_granted:
            self._explanation.get(self._claim)


def text_of(line: DecisionLine) -> str:
    """Why it happened, in words."""

    def amount(name: str) -> str:
        value = line[name]  # type: ignore[literal-required]
        if line["unit"] == "tokens":
            return f"{value:,}"
        from omega_runtime.money import dollar_text

        return dollar_text(value)

    unit = " tokens" if line["unit"] == "tokens" else ""
    of = f'of the {amount("limit")} of "{line["account"]}"'
    if line["kind"] == "wait":
        end = "" if line["granted"] else ", in vain"
        return (
            f"waited {line['seconds']:.3g} s{end}: needed {amount('needed')}{unit}, and {amount('left')} {of} were"
            " neither spent nor held"
        )
    if line["kind"] == "clamp":
        return f"got {amount('granted')} instead of {amount('needed')}{unit}: {amount('left')} {of} were left"
    return f"was refused: needed {amount('needed')}{unit}, and {amount('left')} {of} were left"
