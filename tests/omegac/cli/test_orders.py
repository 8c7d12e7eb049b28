"""examples/orders.omega: records from a CSV file by a model that answers well, by pattern, and within little budget."""

from __future__ import annotations

import contextlib
import io
import json

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.control.deep import deep
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.world import arguments

from omegac.modules import compile_file
from tests.support import ROOT
from tests.support.command import omegac

EXAMPLE = ROOT / "examples" / "orders.omega"
ORDERS = ROOT / "examples" / "orders.csv"
BY_PATTERN = """\
id,customer,item,quantity,price,total,due
1,Lena Brandt,oak frames,12,14.50,174.00,2026-11-16
2,Omar Haddad,brass lamps,3,89.00,267.00,2026-11-17
4,Ines Moreau,linen napkins,40,3.25,130.00,2026-11-19
"""


def run(*replies: str) -> tuple[str, list[str]]:
    """What the example prints when a model gives these replies, and what it was asked."""
    printed = io.StringIO()
    before = arguments.arguments()
    arguments.set_command_line([str(ORDERS)])
    try:
        with (
            fresh_ledger(),
            configure(allow={"read"}),
            scripted_model(replies) as model,
            budget(tokens=20_000),
            contextlib.redirect_stdout(printed),
        ):
            deep(exec, compile_file(EXAMPLE).code(), {"__name__": "__main__"})
    finally:
        arguments.set_command_line(before)
    return printed.getvalue(), model.prompts


@pytest.mark.parametrize(("tokens", "calls"), [(6000, 12), (300, None)])
def test_without_json_the_pattern_reads_the_messages(tokens: int, calls: int | None) -> None:
    done = omegac("run", EXAMPLE, ORDERS, "--model", "offline", "--budget", str(tokens), "--report")
    assert (done.returncode, done.stdout) == (0, BY_PATTERN), done.stderr
    if calls is not None:
        assert f"in {calls} calls" in done.stderr


def test_json_is_taken_as_it_is_and_asked_for_again_where_it_is_wrong() -> None:
    good = json.dumps({"customer": "Ada", "item": "lamp", "quantity": 2, "price": 1.5})
    printed, prompts = run(good, "no JSON", good, '{"customer": "Bob"}', "again none", "none at all", good)
    assert printed.splitlines() == [
        "id,customer,item,quantity,price,total,due",
        "1,Ada,lamp,2,1.5,3.00,2026-11-16",
        "2,Ada,lamp,2,1.5,3.00,2026-11-17",
        "4,Ada,lamp,2,1.5,3.00,2026-11-19",
    ]
    assert len(prompts) == 7
    assert "(your last answer was wrong: json-parse: this is no JSON: Expecting value (line 1, column 1))" in prompts[2]
    assert '(your last answer was wrong: json-ref: there is no "item" in the data)' in prompts[4]


def test_without_a_file_it_says_how_it_is_used() -> None:
    done = omegac("run", EXAMPLE, "--model", "offline")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: omegac run orders.omega FILE")
