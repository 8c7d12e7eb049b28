"""What the setting `allow` may say that programs may do."""

from __future__ import annotations

import os

PERMISSIONS = ("env", "env=NAME", "python", "python=MODULE", "read", "read=DIR", "shell", "terminal", "write")
_WITH_VALUE = {"env": "a name", "python": "a module", "read": "a folder"}


def permission(text: str) -> str:
    """A permission as the setting keeps it, with a folder's real path. Raises ValueError that says what is wrong."""
    kind, equals, value = text.partition("=")
    if kind not in (*_WITH_VALUE, "shell", "terminal", "write") or (equals and kind not in _WITH_VALUE):
        raise ValueError(f"there is no {text!r}; it takes {', '.join(PERMISSIONS)}")
    if not equals:
        return kind
    if not value:
        raise ValueError(f"{kind}= needs {_WITH_VALUE[kind]} behind it")
    if kind == "env":
        if is_secret_name(value):
            raise ValueError(f"{value} looks like a key or a password, which programs never see")
        return text
    if kind == "python":
        if not all(part.isidentifier() for part in value.split(".")):
            raise ValueError(f"{value} is no name of a Python module")
        return text
    return f"read={os.path.realpath(os.path.expanduser(value))}"  # noqa: PTH111


def is_secret_name(name: str) -> bool:
    """Whether a variable of that name looks like it holds a key, a token, a password or the like."""
    import re

    return name.upper() != "PWD" and re.search(_SENSITIVE, name, re.IGNORECASE) is not None


_SENSITIVE = (
    "TOKEN|SECRET|PASSW|PASSPHRASE|PASSCODE|PASSFILE|PASSKEY|CREDENTIAL|PRIVATE|COOKIE|WEBHOOK|HEADERS|CONNECTION"
    "|MNEMONIC|SIGNATURE|KEY(S|ID|FILE|PAIR|RING|STORE|TAB)?(?![a-z])|(?<!COM)(?<!BY)(?<!TRES)PASS(?![a-z])"
    "|(?<![a-z])(PWD|PW|PIN|OTP|TOTP|PAT|O?AUTH|AUTHORIZATION|BEARER|CREDS?|DSN|JWT|CONN|SK|PSK|PEM|PFX|SALT|HMAC|SAS)"
    "(?![a-z])"
)
