"""What programs may do: the setting `allow`, and the checks against it."""

from __future__ import annotations

import os

from omega_runtime import settings
from omega_runtime.settings.permissions import is_secret_name
from omega_runtime.values.errors import FileError, OmegaError
from omega_runtime.world.arguments import arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# The kernel's views of processes and devices: they look like files, and hold the keys of the environment.
_KERNEL = ("/proc", "/sys")


def check_allowed(what: str, doing: str) -> None:
    """Raise OmegaError unless programs may do `what` ("write" or "shell"); `doing` is the operation."""
    if what not in settings.active.allow:
        raise OmegaError(f'{doing} is off; allow it with --allow {what} or configure(allow={{"{what}"}})')


def check_python(*modules: str) -> None:
    """Raise OmegaError unless programs may use these Python modules; without any, unless they may use Python at all.

    What a module can be reached by is beyond that: whoever may use one can do what Python can.
    """
    allow = settings.active.allow
    if "python" in allow:
        return
    named = {each[7:] for each in allow if each.startswith("python=")}
    missing = [each for each in modules if not any(each == name or each.startswith(f"{name}.") for name in named)]
    if missing or not named:
        doing = f"importing {', '.join(missing)} from Python" if missing else "using Python objects"
        option = f"python={','.join(missing)}" if missing else "python"
        listed = ", ".join(f'"python={each}"' for each in missing) or '"python"'
        raise OmegaError(f"{doing} is off; allow it with --allow {option} or configure(allow={{{listed}}})")


def readable_path(path: str, doing: str) -> str:
    """The real path of what a program wants to read, or to know of.

    Programs may read what is below the current folder and the files among their arguments; "read" and "read=DIR"
    allow more. Raises FileError for anything else, the same whether it exists or not.
    """
    real = real_path(path, doing)
    allow = settings.active.allow
    folders = [each[5:] for each in allow if each.startswith("read=")] + _current_folder()
    if "read" in allow or any(is_below(real, each) for each in folders) or real in _argument_files():
        return real
    # Told of links that the program can see only.
    is_link = any(is_below(os.path.abspath(path), each) for each in folders)  # noqa: PTH100
    leads = f" (it leads to {real})" if is_link else ""
    folder = os.path.dirname(real)  # noqa: PTH120
    raise FileError(
        f'{doing}: "{path}" is neither below the current folder nor an argument of the program{leads}; '
        f'allow it with --allow read={folder} or configure(allow={{"read={folder}"}})'
    )


def real_path(path: str, doing: str) -> str:
    """A path without links and dots. Raises FileError for one that can be none, or that is the kernel's."""
    try:
        real = os.path.realpath(path)
    except (OSError, ValueError) as error:
        raise FileError(f'{doing}: "{path}" is no path: {error}') from error
    if any(is_below(real, each) for each in _KERNEL):
        raise FileError(f'{doing}: "{path}" is no regular file, but the kernel\'s view of processes or devices')
    return real


def is_below(path: str, folder: str) -> bool:
    """Whether a real path is that of a folder, or of something inside it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def check_variable(name: str, doing: str) -> None:
    """Raise OmegaError unless programs may see an environment variable; one that looks like a key they never may."""
    if is_secret_name(name):
        raise OmegaError(f"{doing}: {name} looks like a key or a password, which programs never see")
    allow = settings.active.allow
    if "env" not in allow and f"env={name}" not in allow:
        raise OmegaError(
            f'{doing} is off; allow it with --allow env={name} or configure(allow={{"env={name}"}}), '
            "or env for all variables that hold no key"
        )


def check_variable_value(name: str, value: str, doing: str) -> None:
    """Raise OmegaError for a value that holds a key under another name, or an address with a password in it."""
    import re

    keys = (each for key, each in os.environ.items() if is_secret_name(key) and len(each) >= 8)
    if re.search(r"://[^/\s]*:[^/\s]*@", value) or any(key in value for key in keys):
        raise OmegaError(f"{doing}: {name} holds a key or a password, which programs never see")


def may_see_variable(name: str, value: str) -> bool:
    """Whether programs may see an environment variable and its value."""
    try:
        check_variable(name, "")
        check_variable_value(name, value, "")
    except OmegaError:
        return False
    return True


def _current_folder() -> list[str]:
    """The real path of the current folder, if there is one still."""
    try:
        return [os.path.realpath(os.getcwd())]  # noqa: PTH109
    except FileNotFoundError:
        return []


def _argument_files() -> Iterable[str]:
    """The real paths of the program's arguments; folders among them don't count."""
    files = (os.path.realpath(each) for each in arguments() if each and "\0" not in each)
    return [each for each in files if not os.path.isdir(each)]  # noqa: PTH112
