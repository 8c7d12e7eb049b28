"""A claim: what a call asks of its budgets, from its arrival until it is granted or refused."""

from __future__ import annotations

from omega_runtime.ledger.generic import A, Generic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omega_runtime.ledger.account import Figures, Standing
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.periods import Period
    from omega_runtime.ledger.queue import Ticket
    from omega_runtime.ledger.wish import Wish

# What may become of a claim now, in order of precedence.
UNPRICED = "unpriced"
COUNT = "count"
REFUSED = "refused"
WAIT = "wait"
GRANTED = "granted"


class Beside(Generic[A]):
    """What the owner of a claim holds beside it: `hold`, cut down to so much once the claim is granted; 0 ends it.

    Nobody else gives that room back, so the claim doesn't wait for it.
    """

    __slots__ = ("hold", "picodollars", "tokens")

    def __init__(self, hold: Hold[A], tokens: int, picodollars: int) -> None:
        self.hold = hold
        self.tokens = min(tokens, hold.tokens)
        self.picodollars = min(picodollars, hold.picodollars)

    @property
    def freed(self) -> tuple[int, int]:
        """Tokens and picodollars that are cut off."""
        return self.hold.tokens - self.tokens, self.hold.picodollars - self.picodollars


class Claim(Generic[A]):
    """A call's claim to room for its hold: at most `prompt` input tokens, and what its request wishes for the answer.

    `prompt` is a sure bound; `counted` says that no closer one is to be had. `floor` is the fewest output tokens that
    it may be clamped to. `ticket` is its place in a queue while it waits; `is_granted` says that the hold is filled in.
    `beside` is what its owner holds as well, `kept` whatever else, which stays as it is.
    """

    __slots__ = (
        "_picodollars",
        "account",
        "beside",
        "counted",
        "floor",
        "hold",
        "is_granted",
        "kept",
        "prompt",
        "request",
        "ticket",
    )

    def __init__(
        self,
        hold: Hold[A],
        prompt: int,
        floor: int,
        beside: Beside[A] | None = None,
        kept: tuple[Hold[A], ...] = (),
    ) -> None:
        self.hold = hold
        self.beside = beside
        self.kept = kept
        self.account: A = hold.account
        self.request: Wish = hold.request
        self.prompt = prompt
        self.floor = floor
        self.counted = False
        self.is_granted = False
        self.ticket: Ticket | None = None
        self._picodollars: dict[tuple[int, int], int] = {}

    def count(self) -> None:
        """Take the closer figure of the prompt, if there is one; may take time."""
        counted = self.hold.count()
        if counted is not None:
            self.prompt = counted
        self.counted = True

    def picodollars(self, output: int) -> int:
        """The most that the call can cost with so much output, in picodollars; 0 without a price."""
        price = self.request.price
        if price is None:
            return 0
        key = self.prompt, output
        if key not in self._picodollars:
            self._picodollars[key] = price.worst(*key)
        return self._picodollars[key]

    def fill(self, output: int, call: int = 0, periods: tuple[Period, ...] = ()) -> Hold[A]:
        """The hold with the worst case of so much output, not open yet; `call` and `periods` as it has them."""
        hold = self.hold
        hold.tokens = self.prompt + output
        hold.output = output
        hold.picodollars = self.picodollars(output)
        hold.call = call
        hold.periods = periods
        return hold


class Decision(Generic[A]):
    """What becomes of a claim, and why.

    GRANTED comes with the `output` tokens it gets, REFUSED and WAIT with the `account` behind it; so does GRANTED when
    it gets less than it wished for. REFUSED has the output that is needed at least, WAIT that which it can get. With an
    account come what is `left`, `spent` and `held` there and its `limit`, in tokens or (`in_dollars`) picodollars; with
    WAIT, what others hold isn't left. REFUSED also has the moment at which a next period begins that has room, if any.
    """

    __slots__ = ("account", "held", "in_dollars", "left", "limit", "next_period", "outcome", "output", "spent")

    limit: int
    spent: int
    held: int

    def __init__(
        self,
        outcome: str,
        account: A,
        output: int = 0,
        left: int = 0,
        in_dollars: bool = False,
        next_period: int | None = None,
    ) -> None:
        self.outcome = outcome
        self.account = account
        self.output = output
        self.left = left
        self.in_dollars = in_dollars
        self.next_period = next_period


def decide(
    claim: Claim[A], standing: Sequence[tuple[A, Standing]], is_queued_before: Callable[[A], bool]
) -> Decision[A]:
    """What becomes of a claim on these accounts with their figures, innermost first; it changes nothing.

    What is cut off from a hold beside the claim is room for it, but not where that belongs to another period.
    UNPRICED: a limit in dollars cannot be enforced. COUNT: it does not fit as it is, and a closer figure of its
    prompt may be had. REFUSED: it can never fit. WAIT: it may fit once calls under way have ended.
    """
    account, request = claim.account, claim.request
    if request.price is None:
        for each, figures in standing:
            if figures.limit_picodollars is not None:
                return Decision(UNPRICED, each)
    wanted = request.wanted
    if not claim.counted and not _all_have_room(claim, standing, wanted):
        return Decision(COUNT, account)
    least = min(claim.floor, wanted) if request.clamp else wanted
    most, refusal = wanted, Decision(REFUSED, account)
    for each, figures in standing:
        for output, left, in_dollars in _affordable(claim, each, figures, wanted):
            if output < most:
                start = _next_period(claim, figures, least, in_dollars)
                most, refusal = output, Decision(REFUSED, each, least, max(0, left), in_dollars, start)
    if most < least:
        return _with_figures(refusal, next(figures for each, figures in standing if each is refusal.account))
    for each, figures in standing:
        # An account that clamps has room for all that is left only once nothing else is held there.
        is_passed_over = is_queued_before(each) and not _fits_where_it_is(claim, each, figures, most)
        if is_passed_over or not _all_have_room(claim, ((each, figures),), most):
            return _waiting(claim, each, figures, most)
    if most == wanted:
        return Decision(GRANTED, account, most)
    clamped = Decision(GRANTED, refusal.account, most, refusal.left, refusal.in_dollars)
    return _with_figures(clamped, next(figures for each, figures in standing if each is clamped.account))


def _waiting(claim: Claim[A], account: A, figures: Standing, output: int) -> Decision[A]:
    """A wait for room at an account: by its limit in tokens, unless only that in dollars has none."""
    has_tokens = _is_within(figures.limit_tokens, figures.committed_tokens + claim.prompt + output)
    in_dollars = figures.limit_picodollars is not None and has_tokens
    limit = figures.limit_picodollars if in_dollars else figures.limit_tokens
    committed = figures.committed_picodollars if in_dollars else figures.committed_tokens
    left = max(0, (limit or 0) - committed)
    return _with_figures(Decision(WAIT, account, output, left, in_dollars), figures)


def _with_figures(decision: Decision[A], figures: Figures) -> Decision[A]:
    """A decision with the figures of its account as they are at this moment."""
    if decision.in_dollars:
        decision.limit, decision.spent = figures.limit_picodollars or 0, figures.spent_picodollars
        decision.held = figures.committed_picodollars - figures.spent_picodollars
    else:
        decision.limit, decision.spent = figures.limit_tokens or 0, figures.spent_tokens
        decision.held = figures.committed_tokens - figures.spent_tokens
    return decision


def _all_have_room(claim: Claim[A], standing: Sequence[tuple[A, Standing]], output: int) -> bool:
    """Whether the claim fits beside what is spent and held now."""
    tokens, picodollars = claim.prompt + output, claim.picodollars(output)
    for each, figures in standing:
        freed_tokens, freed_picodollars = _freed(claim, each, figures)
        if not _is_within(figures.limit_tokens, figures.committed_tokens + tokens - freed_tokens):
            return False
        if not _is_within(figures.limit_picodollars, figures.committed_picodollars + picodollars - freed_picodollars):
            return False
    return True


def _freed(claim: Claim[A], account: A, figures: Standing) -> tuple[int, int]:
    """Tokens and picodollars that are cut off, and so room for the claim at an account: none of an ended period."""
    beside = claim.beside
    if beside is None or not _counts_on(beside.hold, account):
        return 0, 0
    if account.periods is None:
        return beside.freed
    tokens, picodollars = beside.freed
    in_tokens, in_dollars = figures.have(beside.hold)
    return tokens * in_tokens, picodollars * in_dollars


def _counts_on(hold: Hold[A], account: A) -> bool:
    return any(each.is_same(account) for each in hold.account.chain)


def _fits_where_it_is(claim: Claim[A], account: A, figures: Standing, output: int) -> bool:
    """Whether the claim takes no room but what is cut off for it, so that nobody who waits for room is passed over."""
    tokens, picodollars = _freed(claim, account, figures)
    return claim.prompt + output <= tokens and claim.picodollars(output) <= picodollars


def _is_within(limit: int | None, committed: int) -> bool:
    return limit is None or committed <= limit


def _next_period(claim: Claim, figures: Standing, least: int, in_dollars: bool) -> int | None:
    """When the account's limit is whole again, if the claim would fit it then."""
    if in_dollars:
        return figures.dollar_stop if claim.picodollars(least) <= (figures.limit_picodollars or 0) else None
    return figures.stop if claim.prompt + least <= (figures.limit_tokens or 0) else None


def _kept(claim: Claim[A], account: A, figures: Standing) -> tuple[int, int]:
    """Tokens and picodollars at an account that stay held beside the claim."""
    if claim.beside is None and not claim.kept:
        return 0, 0
    holds = claim.kept if claim.beside is None else (claim.beside.hold, *claim.kept)
    here = [hold for hold in holds if _counts_on(hold, account)]
    freed_tokens, freed_picodollars = _freed(claim, account, figures)
    return sum(hold.tokens for hold in here) - freed_tokens, sum(hold.picodollars for hold in here) - freed_picodollars


def _affordable(claim: Claim[A], account: A, figures: Standing, wanted: int) -> list[tuple[int, int, bool]]:
    """Output tokens that what is not spent yet would pay for; below 0 when even the prompt does not fit.

    One for each limit of the account, with what is not spent of it, and whether it is the one in dollars.
    """
    outputs = []
    kept_tokens, kept_picodollars = _kept(claim, account, figures)
    if figures.limit_tokens is not None:
        left = figures.limit_tokens - figures.spent_tokens - kept_tokens
        outputs.append((left - claim.prompt, left, False))
    if figures.limit_picodollars is not None and claim.request.price is not None:
        left = figures.limit_picodollars - figures.spent_picodollars
        left -= kept_picodollars
        outputs.append((claim.request.price.affordable(left, claim.prompt, wanted), left, True))
    return outputs
