"""Which environment variables programs may see."""

from __future__ import annotations

from pathlib import Path

import pytest
from omega_runtime.lib.system import get_environment_variable
from omega_runtime.settings import configure
from omega_runtime.values.errors import OmegaError

from tests.support.command import omegac

KEYS = """
    ANTHROPIC_API_KEY OPENAI_API_KEY aws_secret_access_key AWS_SESSION_TOKEN GITHUB_TOKEN GH_PAT NPM_AUTH HF_TOKEN_2
    DB_PASSWORD PGPASSWORD MYSQL_PWD SMTP_PASS GOOGLE_APPLICATION_CREDENTIALS SSH_PRIVATE_KEY apiKey KEY KEYS KEY1
    SENTRY_DSN COOKIE Passphrase SSH_AUTH_SOCK BEARER STRIPE_SK PGPASS PGPASSFILE keyfile TLS_KEYFILE KEYSTORE dbPass
    AWS_CREDS DB_PW WIFI_PSK CARD_PIN OAUTH SERVER_PEM PASSWORD_SALT AWS_ACCESSKEYID WALLET_MNEMONIC
"""
HARMLESS = """
    HOME PATH PWD OLDPWD LANG KEYBOARD COMPASS BYPASS PATHEXT TZ AUTHOR USER XDG_SESSION_ID LS_COLORS TASK SPIN
    SSL_CERT_FILE TEMPORARY
"""


@pytest.mark.parametrize("name", KEYS.split())
def test_keys_are_never_seen(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "a-value")
    for allow in ((), ("env",)):
        with configure(allow=allow), pytest.raises(OmegaError, match=f"{name} looks like a key.*never see") as caught:
            get_environment_variable(name)
        assert "a-value" not in str(caught.value)
    with pytest.raises(OmegaError, match=f"allow: {name} looks like a key or a password, which programs never see"):
        configure(allow={f"env={name}"})


@pytest.mark.parametrize("name", HARMLESS.split())
def test_other_variables_need_the_permission(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "value")
    for allow in (["env"], [f"env={name}"], ["env=OTHER", f"env={name}"]):
        with configure(allow=allow):
            assert get_environment_variable(name) == "value"
    for allow in ([], ["env=OTHER"], ["read", "write"]):
        with configure(allow=allow), pytest.raises(OmegaError, match=f"off; allow it with --allow env={name} or"):
            get_environment_variable(name)


def test_whether_a_variable_is_set_is_not_told_either() -> None:
    with pytest.raises(OmegaError, match="is off"):
        get_environment_variable("NO_SUCH_VARIABLE")
    with configure(allow={"env"}):
        assert get_environment_variable("NO_SUCH_VARIABLE") is False


def test_a_key_under_another_name_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-0123456789")
    monkeypatch.setenv("MINE", "Bearer sk-ant-0123456789")
    monkeypatch.setenv("DATABASE_URL", "postgres://ada:love@host/db")
    monkeypatch.setenv("ADDRESS", "http://127.0.0.1:8080/a?b=c@d")
    with configure(allow={"env"}):
        for name in ("MINE", "DATABASE_URL"):
            with pytest.raises(OmegaError, match=f"{name} holds a key or a password"):
                get_environment_variable(name)
        assert get_environment_variable("ADDRESS") == "http://127.0.0.1:8080/a?b=c@d"


def test_the_option(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(display (get-environment-variable "COLOUR"))')
    refused = omegac("run", "p.omega", cwd=tmp_path, COLOUR="green")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--allow env=COLOUR" in refused.stderr
    for allow in ("env", "env=COLOUR", "write,env=COLOUR"):
        assert omegac("run", "p.omega", "--allow", allow, cwd=tmp_path, COLOUR="green").stdout == "green"
