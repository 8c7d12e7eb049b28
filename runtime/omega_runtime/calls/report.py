"""What was spent where the caller stands."""

from __future__ import annotations

from omega_runtime.calls.context import current_account
from omega_runtime.ledger.report import report_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.ledger import Ledger
    from omega_runtime.ledger.report_types import DecisionLine, Report


def explain_budget(ledger: Ledger | None = None) -> list[DecisionLine]:
    """Why calls of this process waited, got less than they asked for or were refused: the last ones, oldest first.

    Of the current ledger when none is given; see `omega_runtime.ledger.report_types.DecisionLine`.
    """
    return [each.line() for each in list((ledger or current_account().ledger).explanations)]


def report(ledger: Ledger | None = None) -> Report:
    """What was spent, by site, by model and by account; of the current ledger when none is given.

    See `omega_runtime.ledger.report_types.Report` for its keys.
    """
    return report_of(ledger or current_account().ledger)
