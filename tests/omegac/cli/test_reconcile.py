"""`omegac ledger reconcile`: books against bills."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.command import omegac
from tests.support.messages_api import CutOff, Server, message

MODEL = "claude-sonnet-4-5"
ASK = '(guard (_ (#t #f)) (effect infer.op "Here?" max-tokens: 50))'
PROGRAM = f"{ASK} {ASK}"


def ledger(folder: Path, *script: object) -> None:
    """A ledger file with two calls, answered as the script says."""
    (folder / "p.omega").write_text(PROGRAM)
    with Server(*script) as server:  # type: ignore[arg-type]
        key = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.url}
        done = omegac("run", "p.omega", "--model", MODEL, "--ledger", "books.ledger", cwd=folder, **key)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger file with two calls that were settled, in a folder where bills may be put."""
    folder = tmp_path_factory.mktemp("books")
    ledger(folder, message("Yes.", 1200, 400), message("No.", 800, 600))
    return folder


@pytest.fixture(scope="module")
def unclear_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with a call that was settled, and one that may have been billed."""
    folder = tmp_path_factory.mktemp("unclear")
    ledger(folder, message("Yes.", 1200, 400), CutOff())
    return folder


DAY = datetime.now(UTC).date().isoformat()


@pytest.mark.parametrize(
    ("bill", "status", "said"),
    [
        (f"model,input_tokens,output_tokens,cost\n{MODEL},2000,1000,0.021\n", 0, "agree."),
        (f"Model,Input tokens,Output tokens\n{MODEL}-20250929,1500,500\n{MODEL}-20250929,500,500\n", 0, "agree."),
        (f"model,cost_usd\n{MODEL},$0.02\n", 0, "agree."),
        (f"model,cost_usd\n{MODEL},$0.04\n", 1, "differ in 1 line."),
        (f"model,input_tokens,output_tokens\n{MODEL},2001,1000\n", 1, "differ in 1 line."),
        (f"model,input_tokens,output_tokens\n{MODEL},1999,1000\n", 1, "differ in 1 line."),
        (f"model,input_tokens,output_tokens\n{MODEL},2000,1000\nclaude-opus-5-5,7,7\n", 1, "differ in 1 line."),
        ("model,input_tokens,output_tokens\n", 1, "differ in 1 line."),
        (f"usage_date_utc,model,input_tokens,output_tokens\n{DAY},{MODEL},2000,1000\n", 0, "agree."),
        (f"usage_date_utc,model,input_tokens,output_tokens\n2001-01-01,{MODEL},2000,1000\n", 1, "differ in 2 lines."),
    ],
)
def test_settled_calls_are_compared(bill: str, status: int, said: str, books: Path) -> None:
    (books / "bill.csv").write_text(bill)
    done = omegac("ledger", "reconcile", "books.ledger", "--invoice", "bill.csv", cwd=books)
    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (
        status,
        f"The books and the bill {said}",
        "",
    )


@pytest.mark.parametrize(("tokens", "status"), [("1200,400", 0), ("1210,405", 0), ("1300,900", 1), ("1199,400", 1)])
def test_what_may_have_been_billed_is_a_range(tokens: str, status: int, unclear_books: Path) -> None:
    (unclear_books / "bill.csv").write_text(f"model,input_tokens,output_tokens\n{MODEL},{tokens}\n")
    assert (
        omegac("ledger", "reconcile", "books.ledger", "--invoice", "bill.csv", cwd=unclear_books).returncode == status
    )


def test_a_tolerance_may_be_given(books: Path) -> None:
    (books / "bill.csv").write_text(f"model,input_tokens,output_tokens\n{MODEL},2020,1005\n")
    for tolerance, status in (("1", 0), ("0.5", 1)):
        command = ("ledger", "reconcile", "books.ledger", "--invoice", "bill.csv", "--tolerance", tolerance)
        assert omegac(*command, cwd=books).returncode == status


@pytest.mark.parametrize(
    ("bill", "said"),
    [
        ("a,b\n1,2\n", "bill.csv needs a header with a column for the model, and some for tokens or the cost"),
        ("model,cost\nm,much\n", "bill.csv, line 2: cost must be a number, but is 'much'"),
        ("model\xff,cost\n", "bill.csv isn't UTF-8; save it as CSV in UTF-8"),
        (None, "cannot read bill.csv: No such file or directory"),
    ],
)
def test_bills_that_cannot_be_read(bill: str | None, said: str, books: Path) -> None:
    (books / "bill.csv").unlink(missing_ok=True)
    if bill is not None:
        (books / "bill.csv").write_text(bill, encoding="latin-1")
    done = omegac("ledger", "reconcile", "books.ledger", "--invoice", "bill.csv", cwd=books)
    assert (done.returncode, done.stderr) == (2, f"omegac: {said}\n")
