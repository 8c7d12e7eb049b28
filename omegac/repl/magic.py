"""The magic %%omega for IPython and Jupyter: `%load_ext omegac.repl.magic`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from omega_runtime.control.deep import deep
from omega_runtime.diagnostics.tracebacks import format_error
from omega_runtime.values.printing import write_text

from omegac.core import External
from omegac.errors import OmegaSyntaxError
from omegac.modules import Modules
from omegac.names import python_name
from omegac.repl.session import Session

if TYPE_CHECKING:
    from omega_runtime.values import Value


class Shown:
    """The value of a cell, which shows itself as Omega writes it; `value` is the value."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def __repr__(self) -> str:
        text: str = deep(write_text, self.value)
        return text


class Magic:
    """Evaluates cells in one session, and hands what they define to Python."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._session = Session(Modules(path=["."]))

    def evaluate(self, line: str, cell: str) -> Shown | None:
        """The value of the last form of a cell; errors are printed with Omega's lines."""
        source = self._session.source(f"{line}\n{cell}" if line.strip() else cell)
        value = None
        try:
            value = [None, *self._session.run(source)][-1]
        except OmegaSyntaxError as error:
            print(error.render(), file=sys.stderr)
        except Exception as error:
            print(format_error(error, source.name), file=sys.stderr)
        finally:
            self._shell.push(self._defined())
        return None if value is None else Shown(value)

    def _defined(self) -> dict[str, Value]:
        """What the session has defined and has a value, by its Python names."""
        found = {name: self._session.meaning(name) for name in self._session.own_names()}
        values = {
            python_name(name): self._session.value(meaning)
            for name, meaning in found.items()
            if isinstance(meaning, External) and meaning.name
        }
        return {name: value for name, value in values.items() if value is not None}


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext` calls."""
    shell.register_magic_function(Magic(shell).evaluate, "cell", "omega")
