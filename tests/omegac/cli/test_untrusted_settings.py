"""Settings files that somebody else may have written."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from omega_runtime import OmegaError, budget, configuration, configure, configure_from, settings, use_model
from omega_runtime.calls import Site, infer
from omega_runtime.models import prices
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.function import FunctionProvider
from omega_runtime.models.provider import Provider
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger

from tests.support.command import omegac

SITE = Site("test.omega", 1, 1, "infer.op", "main", 1)
MILLION = Reply("", 1_000_000, 1_000_000)


@pytest.fixture(autouse=True)
def said_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "_told", set())
    monkeypatch.setattr(prices, "_compared", set())


def use(folder: Path, text: str) -> None:
    (folder / "omegac.toml").write_text(text)
    assert configure_from(folder) is not None


def answerer(model: str) -> Provider:
    return AnthropicProvider("key", None) if model.startswith("claude") else FunctionProvider(lambda prompt: "")


def cost(model: str, reply: Reply = MILLION) -> Decimal:
    price = prices.price_under(settings.active, answerer(model), model)
    assert price is not None
    return Decimal(price.of(reply)) / 10**12


@pytest.fixture
def unchanged() -> object:
    """Settings come back at the end of the test."""
    with configure(prices={}, least_prices={}):
        yield


@pytest.mark.parametrize("listed", ["[0, 0]", "[0, 1000]", "[1000, 0]", "[2.99, 15]"])
def test_a_file_cannot_lower_a_known_price(
    tmp_path: Path, unchanged: None, capsys: pytest.CaptureFixture[str], listed: str
) -> None:
    known = cost("claude-sonnet-4-5")
    use(tmp_path, f"[prices]\nclaude-sonnet-4-5 = {listed}\n")
    assert cost("claude-sonnet-4-5") >= known
    for usage in (Reply("", 10, 0), Reply("", 0, 10), Reply("", 10, 0, None, None, 10), Reply("", 300_000, 5)):
        with configure(least_prices={}):
            least = cost("claude-sonnet-4-5", usage)
        assert cost("claude-sonnet-4-5", usage) >= least
    assert capsys.readouterr().err.count("price of claude-sonnet-4-5 is below the known one, which counts") == 1


def test_a_file_can_raise_a_price_and_add_one(
    tmp_path: Path, unchanged: None, capsys: pytest.CaptureFixture[str]
) -> None:
    use(tmp_path, '[prices]\nclaude-sonnet-4-5 = [300, 1500]\nmine = ["0.5", 1]\n')
    assert cost("claude-sonnet-4-5") == 1800
    assert cost("mine") == Decimal("1.5")
    assert "below" not in capsys.readouterr().err


def test_python_may_set_any_price(tmp_path: Path, unchanged: None) -> None:
    use(tmp_path, "[prices]\nclaude-sonnet-4-5 = [300, 1500]\n")
    with configure(prices={"claude-sonnet-4-5": (0, 0)}):
        assert cost("claude-sonnet-4-5") == 0


def test_a_limit_in_dollars_holds_under_a_file_with_low_prices(tmp_path: Path, unchanged: None) -> None:
    use(tmp_path, "[prices]\ngpt-4 = [0, 0]\n")
    with fresh_ledger(), use_model(lambda prompt: Reply("x", 1000, 1000)), budget(dollars=1) as account:
        infer(SITE, "p", model="gpt-4", max_tokens=1000)
        assert account.dollars.spent == Decimal("0.09")


@pytest.mark.parametrize("listed", ["[0, 0]", "[0, 15]", "[3, 0]", "['0.000', 15]"])
@pytest.mark.parametrize("model", ["mine", "claude-unknown-9"])
def test_no_file_makes_an_unknown_model_free(
    tmp_path: Path, unchanged: None, capsys: pytest.CaptureFixture[str], model: str, listed: str
) -> None:
    use(tmp_path, f"[prices]\n{model} = {listed}\n")
    said = f"omegac: {tmp_path / 'omegac.toml'}: prices.{model} has a 0: no file can make a model free"
    assert capsys.readouterr().err.count(said) == 1
    assert prices.price_under(settings.active, answerer(model), model) is None
    with configure(prices={model: (0, 0)}):
        assert cost(model) == 0


def test_a_limit_in_dollars_refuses_what_a_file_says_is_free(tmp_path: Path, unchanged: None) -> None:
    use(tmp_path, "[prices]\nmine = [0, 0]\n")
    asked: list[str] = []
    with fresh_ledger(), use_model(lambda prompt: asked.append(prompt) or "x"), budget(dollars=1):
        with pytest.raises(OmegaError, match='the price of model "mine" is not known'):
            infer(SITE, "p", model="mine")
    assert asked == []


def test_an_unknown_model_of_a_known_vendor_costs_no_less_than_its_dearest_one(
    tmp_path: Path, unchanged: None, capsys: pytest.CaptureFixture[str]
) -> None:
    use(tmp_path, "[prices]\nclaude-unknown-9 = [0.000001, 0.000001]\nclaude-unknown-10 = [9000, 9000]\n")
    known = [cost(model) for model in ("claude-opus-4-1", "claude-opus-5-5", "claude-haiku-5-5", "claude-sonnet-4-5")]
    for _ in range(2):
        assert cost("claude-unknown-9") >= max(known)
    assert cost("claude-unknown-10") == 18_000
    said = capsys.readouterr().err
    assert said.count("price of claude-unknown-9 is below that of anthropic's dearest model, which counts") == 1
    assert "claude-unknown-10" not in said
    with configure(prices={"claude-unknown-9": (1, 1)}):
        assert cost("claude-unknown-9") == 2


LAXER = [("error", "warn"), ("error", "allow"), ("warn", "allow")]


@pytest.mark.parametrize(("before", "wanted"), LAXER)
def test_no_file_allows_calls_outside_of_budgets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, wanted: str
) -> None:
    with configure(unbudgeted=before, max_tokens=1024):
        use(tmp_path, f'unbudgeted = "{wanted}"\nmax_tokens = 77')
        assert (settings.active.unbudgeted, settings.active.max_tokens) == (before, 77)
        (said, _) = capsys.readouterr().err.splitlines()
        file = tmp_path / "omegac.toml"
        assert said == (
            f'omegac: {file}: unbudgeted = "{wanted}" is laxer than "{before}", which stays; only '
            f'configure(unbudgeted="{wanted}") can say so'
        )


@pytest.mark.parametrize(("wanted", "before"), [*LAXER, *[(each, each) for each in ("error", "warn", "allow")]])
def test_a_file_may_be_stricter_about_calls_outside_of_budgets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, wanted: str
) -> None:
    with configure(unbudgeted=before):
        use(tmp_path, f'unbudgeted = "{wanted}"')
        assert settings.active.unbudgeted == wanted
    assert "laxer" not in capsys.readouterr().err


def test_a_run_under_a_file_that_would_allow_calls_outside_of_budgets(tmp_path: Path) -> None:
    (tmp_path / "omegac.toml").write_text('unbudgeted = "allow"\n')
    (tmp_path / "p.omega").write_text('(display (effect infer.op "Hello?"))')
    done = omegac("run", tmp_path / "p.omega", "--model", "offline", OMEGAC_BUDGET_OPEN="1")
    assert done.returncode != 0
    assert 'unbudgeted = "allow" is laxer than "error"' in done.stderr
    assert "a call to a model outside every budget" in done.stderr


BOUNDS = {
    'unbudgeted = "never"': 'unbudgeted must be "allow", "warn" or "error"',
    "unbudgeted = []": "unbudgeted must be",
    "prices = {x = [-1, 1]}": "prices must be a table",
    "prices = {x = [nan, 1]}": "prices must be a table",
    "prices = {x = 1}": "prices must be a table",
    "retries = 11": "retries must be from 1 to 10 in a file, but got 11",
    "retries = 1_000_000": "retries must be",
    "retry-wait = 61": "retry_wait must be from 0 to 60",
    "retry_wait = inf": "retry_wait must be",
    "retry-max = 601": "retry_max must be from 0 to 600",
    "timeout = 1": "timeout must be from 10 to 3,600",
    "timeout = nan": "timeout must be",
    "timeout = 1e9": "timeout must be",
    "max-wait = 1e6": "max_wait must be from 0 to 86,400",
    "lease = 0.5": "lease must be from 10 to 3,600",
    "lease = 1e9": "lease must be",
    'retries = "many"': "retries must be an integer >= 1",
    'history = "../history"': "history must be below",
    'history = "/tmp/history"': "history must be below",
    'history = "link/history"': "history must be below",
    'history = "."': "history must be below",
    "least_prices = {x = [0, 0]}": "there is no setting 'least_prices'",
}


@pytest.mark.parametrize(("text", "message"), BOUNDS.items(), ids=BOUNDS)
def test_what_a_file_may_not_set(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "link").symlink_to(tmp_path)
    (tmp_path / "project" / "omegac.toml").write_text(text)
    before = settings.active
    with pytest.raises(OmegaError) as caught:
        configure_from(tmp_path / "project")
    assert str(caught.value).startswith(f"{tmp_path / 'project' / 'omegac.toml'}: {message}")
    assert settings.active is before


def test_a_history_below_the_folder(tmp_path: Path) -> None:
    with configure(history=None):
        use(tmp_path, 'history = "below/../history.ledger"')
        assert settings.active.history == str(tmp_path / "history.ledger")


def test_the_file_in_use_is_named_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with configure(max_tokens=1024):
        use(tmp_path, "max_tokens = 5")
        use(tmp_path, "max_tokens = 6")
    assert capsys.readouterr().err == f"omegac: settings from {tmp_path / 'omegac.toml'}\n"


def test_a_name_that_speaks_to_terminals_is_shown_harmlessly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a\x1b]0;title\x07\nb"
    folder.mkdir()
    with configure(max_tokens=1024):
        use(folder, "max_tokens = 5")
    assert "a\\x1b]0;title\\x07\\nb" in capsys.readouterr().err


def test_a_file_that_everybody_can_write_is_ignored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "omegac.toml").write_text("max_tokens = ")
    (tmp_path / "omegac.toml").chmod(0o666)
    assert configure_from(tmp_path) is None
    said = capsys.readouterr().err
    assert f"{tmp_path / 'omegac.toml'} can be written by everybody" in said
    assert "it is ignored" in said
    with pytest.raises(OmegaError, match="can be written by everybody"):
        configure_from(tmp_path / "omegac.toml")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to other users")
@pytest.mark.parametrize(
    ("name", "text"), [("omegac.toml", "max_tokens = 5"), ("pyproject.toml", "[tool.omegac]\nmax_tokens = 5")]
)
def test_a_file_of_another_user_is_ignored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    os.chown(tmp_path / name, 4242, -1)
    assert configure_from(tmp_path) is None
    assert f"{tmp_path / name} belongs to another user (number 4242); it is ignored" in capsys.readouterr().err
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['omegac']")
    os.chown(tmp_path / "pyproject.toml", 4242, -1)
    (tmp_path / "omegac.toml").unlink(missing_ok=True)
    assert configure_from(tmp_path) is None
    assert capsys.readouterr().err == ""


def test_a_file_outside_of_the_project_is_ignored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "omegac.toml").write_text("max_tokens = ")
    project = tmp_path / "project"
    (project / "sub").mkdir(parents=True)
    (project / ".git").write_text("gitdir: elsewhere")
    assert configure_from(project / "sub") is None
    said = capsys.readouterr().err
    assert f"{tmp_path / 'omegac.toml'} is outside of the project, which is {project}; it is ignored" in said
    (project / ".git").unlink()
    (project / "pyproject.toml").write_text("[project]")
    assert configure_from(project / "sub") is None


@pytest.mark.parametrize("end", ["home", "open to all"])
def test_no_project_reaches_beyond_home_or_into_a_folder_that_everybody_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], end: str
) -> None:
    inner = tmp_path / "top" / "me" / "work"
    inner.mkdir(parents=True)
    (tmp_path / "top" / "omegac.toml").write_text("max_tokens = 5")
    if end == "home":
        monkeypatch.setenv("HOME", str(tmp_path / "top" / "me"))
    else:
        (tmp_path / "top").chmod(0o777)
    assert configure_from(inner) is None
    assert "is outside of the project" in capsys.readouterr().err


def test_a_run_says_which_file_it_uses(tmp_path: Path) -> None:
    (tmp_path / "omegac.toml").write_text("max_tokens = 50\n")
    (tmp_path / "p.omega").write_text("(display 1)")
    done = omegac("run", tmp_path / "p.omega")
    assert (done.returncode, done.stdout) == (0, "1")
    assert done.stderr == f"omegac: settings from {tmp_path / 'omegac.toml'}\n"


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = 1\n" * 400_000])
def test_a_hostile_file_is_a_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "omegac.toml").write_text(text)
    with pytest.raises(OmegaError, match="omegac.toml cannot be read"):
        configure_from(tmp_path)
