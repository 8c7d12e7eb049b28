"""The books of a file that are moved onto a server say the same there, and programs go on with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.moving import move
from omega_runtime.ledger.stores import contents, reset
from omega_runtime.models.choose import use_model
from omega_runtime.values.errors import OmegaError

from tests.support import answering
from tests.support.answering import asked
from tests.support.command import omegac
from tests.support.ledgers import SITE, hold
from tests.support.servers import Server, audit


def spent(where: str | Path, resume: bool = False) -> Any:
    """Calls in budgets with all kinds of limits, one of them resumable."""
    with use_model(answering.model):
        with budget("1000/day", ledger=where, name="daily") as account:
            infer(SITE, "a", max_tokens=20)
        with budget(1000, ledger=where, name="whole", run="job", resume=resume):
            with budget(200), budget("100/hour"):
                infer(SITE, "b", max_tokens=20)
                infer(SITE, "c", max_tokens=20)
    account.ledger.close()


def test_the_books_say_the_same(server: Server, tmp_path: Path) -> None:
    path, url = tmp_path / "team.ledger", server.url(server.database())
    spent(path)
    reset(path, ["whole"])
    spent(path)
    before = contents(path)
    assert move(str(path), url) == f"{path}.moved"
    assert not path.exists()
    assert contents(url) == before
    assert audit(url) == []
    asked.clear()
    spent(url, resume=True)
    assert asked == ["a"]
    assert audit(url) == []


def test_from_the_command_line(server: Server, tmp_path: Path) -> None:
    path, url = tmp_path / "team.ledger", server.url(server.database())
    spent(path)
    done = omegac("ledger", "move", path, url.replace("owner@", "owner:s3cr3t@"))
    assert (done.returncode, "s3cr3t" in done.stdout) == (0, False)
    assert done.stdout.endswith(f"the file is {path}.moved now\n")


def test_not_while_calls_are_under_way(server: Server, tmp_path: Path) -> None:
    path, url = tmp_path / "team.ledger", server.url(server.database())
    with budget(100, ledger=path, name="job") as account:
        held = hold(account, 0, 10)
        with pytest.raises(OmegaError, match="has calls under way"):
            move(str(path), url)
        account.ledger.void(held)
    account.ledger.close()
    assert path.exists()


def test_not_onto_other_books(server: Server, tmp_path: Path) -> None:
    path, url = tmp_path / "team.ledger", server.books()
    spent(path)
    spent(url)
    with pytest.raises(LedgerFileError, match="has books already"):
        move(str(path), url)
    assert path.exists()
    assert audit(url) == []
