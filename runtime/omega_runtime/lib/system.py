"""The world outside: time, arguments, environment, files."""

from __future__ import annotations

import os
import time

from omega_runtime.lib.arguments import string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.pairs import Pair, list_from
from omega_runtime.values.symbols import Symbol
from omega_runtime.world.arguments import arguments
from omega_runtime.world.permissions import check_variable, check_variable_value, may_see_variable, readable_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value

FEATURES = (
    *("r7rs", "exact-closed", "full-unicode", "ieee-float", "omega", "omegac", "python"),
    *(f"srfi-{number}" for number in (1, 2, 6, 8, 9, 11, 16, 23, 30, 34, 39, 45, 62, 69, 87, 95)),
)
"""What `cond-expand` may ask for, and `(features)` gives."""


@primitive("command-line", row="io")
def command_line() -> List:
    """The list of the program's arguments: those set, or those of the Python process."""
    return list_from(arguments())


@primitive("features")
def features() -> List:
    """The list of the symbols of what there is, as `cond-expand` takes them."""
    return list_from([Symbol(each) for each in FEATURES])


@primitive("current-time", "current-second", row="io")
def current_time() -> float:
    """The seconds since the start of 1970, UTC."""
    return time.time()


@primitive("current-jiffy", row="io")
def current_jiffy() -> int:
    """The nanoseconds since some point in time; they never run backwards."""
    return time.monotonic_ns()


@primitive("jiffies-per-second")
def jiffies_per_second() -> int:
    """How many jiffies a second has."""
    return 1_000_000_000


@primitive("runtime", row="io")
def runtime() -> float:
    """The seconds of processor time that the program has used."""
    return time.process_time()


@primitive("real-time", row="io")
def real_time() -> float:
    """The milliseconds since the start of 1970, UTC."""
    return time.time() * 1000


@primitive("get-environment-variable", row="io")
def get_environment_variable(name: Value) -> str | bool:
    """The value of an environment variable, or #f. Raises OmegaError where the program may not see it."""
    check_variable(string("get-environment-variable", 1, name), "get-environment-variable")
    found = os.environ.get(name)
    if found is None:
        return False
    check_variable_value(name, found, "get-environment-variable")
    return found


@primitive("get-environment-variables", row="io")
def get_environment_variables() -> List:
    """The list of pairs (name . value) of the environment variables that the program may see."""
    return list_from([Pair(name, value) for name, value in os.environ.items() if may_see_variable(name, value)])


@primitive("file-exists?", row="io")
def is_file_exists(path: Value) -> bool:
    """Whether there is a file or directory at a path. Raises FileError where the program may not read."""
    # pathlib is slow to import.
    return os.path.exists(readable_path(string("file-exists?", 1, path), "file-exists?"))  # noqa: PTH110
