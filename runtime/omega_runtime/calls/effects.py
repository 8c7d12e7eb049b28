"""Effects other than calls to models."""

from __future__ import annotations

from omega_runtime.calls.context import current
from omega_runtime.calls.handlers import find_frame
from omega_runtime.calls.sampling import search
from omega_runtime.calls.woven import infer
from omega_runtime.values.errors import OmegaError
from omega_runtime.world.access import read_text_file, write_text_file
from omega_runtime.world.permissions import check_allowed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.places import Site
    from omega_runtime.values import Procedure, Value


def effect(site: Site, *operands: Value) -> Value:
    """Perform the site's operation: a handler's answer, or what the built-in operation gives.

    Raises OmegaError for an operation that nothing handles, that is not allowed, or that fails.
    """
    handlers = current.get().handlers
    if handlers is not None:
        frame = find_frame(handlers, site.operation)
        if frame is not None:
            return frame.ask(site.operation, operands)
    if site.operation not in OPERATIONS:
        raise OmegaError(f"no handler for effect {site.operation}{_near(site.operation)}")
    operation = OPERATIONS[site.operation]
    count = operation.operands
    if len(operands) != count:
        raise OmegaError(f"{site.operation} takes {count} operand{'s' * (count > 1)}, but got {len(operands)}")
    return operation.perform(site, *operands)


def _near(operation: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(operation, OPERATIONS, 1)
    return f"; did you mean {near[0]}?" if near else "; handle it with (handle … (on …))"


def _string(site: Site, what: str, value: Value) -> str:
    if not isinstance(value, str):
        from omega_runtime.values.printing import short_text

        raise OmegaError(f"{site.operation}: {what} must be a string, but got {short_text(value)}")
    return value


def _embed(site: Site, operand: Value, **options: Value) -> Value:
    from omega_runtime.calls.embedding import embedded

    return embedded(site, operand, **options)


def _read_file(site: Site, path: Value) -> str:
    return read_text_file(_string(site, "the path", path), site.operation)


def _write_file(site: Site, path: Value, text: Value) -> None:
    write_text_file(_string(site, "the path", path), _string(site, "the text", text), site.operation)


def _append_to_file(site: Site, path: Value, text: Value) -> None:
    write_text_file(_string(site, "the path", path), _string(site, "the text", text), site.operation, append=True)


def _shell(site: Site, command: Value) -> str:
    check_allowed("shell", site.operation)
    command = _string(site, "the command", command)
    import subprocess

    if "\0" in command:
        raise OmegaError(f"{site.operation}: the command holds a NUL character")
    done = subprocess.run(  # noqa: S602 (a shell is what this effect is for)
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        why = f": {said[-1]}" if said else ""
        raise OmegaError(f"{site.operation}: the command ended with status {done.returncode}{why}", command)
    return done.stdout


class Operation:
    """A built-in operation: what performs it, its kind in effect rows ("infer" or "io"), and its number of operands.

    `options` are those that it has besides the ones of all prompts, where it `is_prompt`.
    """

    __slots__ = ("is_prompt", "kind", "operands", "options", "perform")

    def __init__(
        self, perform: Procedure, kind: str, operands: int, options: tuple[str, ...] = (), *, is_prompt: bool = False
    ) -> None:
        self.perform = perform
        self.kind = kind
        self.operands = operands
        self.options = options
        self.is_prompt = is_prompt


OPERATIONS = {
    "infer.op": Operation(infer, "infer", 1, ("max-turns",), is_prompt=True),
    "search.op": Operation(search, "infer", 1, ("n",), is_prompt=True),
    "embed.op": Operation(_embed, "infer", 1, ("dimensions", "model")),
    "file.read.op": Operation(_read_file, "io", 1),
    "file.write.op": Operation(_write_file, "io", 2),
    "file.append.op": Operation(_append_to_file, "io", 2),
    "shell.op": Operation(_shell, "io", 1),
}
"""The operations that are performed when no handler answers."""
