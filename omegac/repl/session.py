"""A session: inputs that are compiled one after the other, each of which sees what the earlier ones defined.

Every variable of the top level lives in one namespace and is looked up at each use, so that a new definition reaches
all that was compiled before. What an input may capture can be entered by a later one.
"""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING

from hy.models import Object
from hy.models import Symbol as Identifier
from omega_runtime.control.deep import deep
from omega_runtime.control.machine import Session as Machine

from omegac.backend.emit import emit_body
from omegac.core import External
from omegac.dump import dump_program
from omegac.errors import Diagnostics
from omegac.evaluate import SESSION, Evaluator
from omegac.expand.environment import Binding, Toplevel
from omegac.library import library
from omegac.modules import Loaded, Modules
from omegac.modules.linking import check_names, link
from omegac.modules.loading import in_order
from omegac.modules.surroundings import FilesAround
from omegac.pipeline.evaluation import compiled_forms, globals_of, new_scope
from omegac.pipeline.namespaces import Evaluation
from omegac.pipeline.passes import Unit
from omegac.reader import opened, read
from omegac.source import Source

if TYPE_CHECKING:
    from omega_runtime.values import Value


# Names in core that are no local variables, such as (global car).
_NAME = re.compile(r"\((?:global|builtin|imported \S+) '?([^\s()]+)\)")


class Session(Evaluator):
    """Evaluates texts. `tell` is called with what the compiler has to say about one before it runs.

    `took` is called with the modules that an input imports, before they run.
    """

    __slots__ = ("_captures", "_linked", "_machine", "_modules", "_numbers", "_tell", "_took")

    def __init__(
        self,
        modules: Modules,
        tell: Callable[[Source, Diagnostics], None] = lambda *_: None,
        took: Callable[[tuple[Loaded, ...]], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._modules = modules
        self._tell = tell
        self._took = took
        self._machine = Machine()
        self._captures = False
        self._linked: dict[str, Loaded] = {}
        self._numbers = count(1)

    def source(self, text: str) -> Source:
        """A text as the next input."""
        return Source(f"<input {next(self._numbers)}>", text)

    def run(self, source: Source) -> Iterator[Value]:
        """Evaluate the forms of a source, and give the value of each in turn; None where it has none.

        Raises OmegaSyntaxError and OSError, and what the program raises; forms before that one stay evaluated.
        """
        lines = source.text.splitlines(keepends=True)
        linecache.cache[source.name] = (len(source.text), None, lines, source.name)
        for form in forms_of(source):
            yield deep(self._run, source, form)

    def _run(self, source: Source, form: Object) -> Value:
        around = self._around(source)
        unit = self._compiled(source, form, around, self._scope, is_session=True)
        self._captures = self._captures or unit.captures
        requires = tuple(around.requires.values())
        self._tell(source, unit.diagnostics)
        self._link(requires)
        code, names = globals_of(unit)
        names[SESSION] = self
        self._machine.evaluate(lambda: exec(code, names))  # noqa: S102 - the program that the user types
        return names.get("__result__")

    def _around(self, source: Source) -> FilesAround:
        around = self._modules.around(source)
        assert isinstance(around, FilesAround)
        return around

    def _compiled(
        self, source: Source, form: Object, around: FilesAround, scope: Toplevel, *, is_session: bool
    ) -> Unit:
        # Names that were imported may be defined, and imported from elsewhere.
        scope.imported.clear()
        evaluation = Evaluation(scope, self._namespace.module, is_session=is_session, captures=self._captures)
        return compiled_forms(source, (form,), around, evaluation)

    def _link(self, requires: tuple[Loaded, ...]) -> None:
        """Run the modules that are imported; again when they, or what they import, have changed."""
        self._modules.enter(requires, captures=True)
        self._took(requires)
        found = in_order(requires)
        check_names(found)
        changed: set[str] = set()
        for each in found:
            before = self._linked.get(each.module)
            is_changed = before is not None and before is not each
            if is_changed or any(required.module in changed for required in each.requires):
                changed.add(each.module)
                sys.modules.pop(each.module, None)
            self._linked[each.module] = each
        link(requires, self._modules)

    def forget_continuations(self) -> None:
        """Begin with a new machine, while something that was given up may still be at work on the old one."""
        self._machine.close()
        self._machine = Machine()

    def close(self) -> None:
        """The session is over."""
        self._machine.close()

    def names(self) -> list[str]:
        """What may be written here: names of the session, special forms and the library, sorted."""
        return sorted({*self._scope.names(), *(name for name in library() if not name.startswith("%"))})

    def own_names(self) -> list[str]:
        """What the session has defined or imported, sorted."""
        special = new_scope().bindings
        return sorted(name for name in self._scope.names() if name not in special)

    def meaning(self, name: str) -> Binding:
        """What a name is bound to."""
        return self._scope.lookup(Identifier(name, from_parser=True))

    def value(self, external: External) -> Value:
        """The value of a variable that the session has defined or imported; None while it has none."""
        if external.is_given:
            return vars(self._namespace).get(external.name or "")
        return getattr(sys.modules.get(external.module), external.name or "", None)

    def definition(self, name: str) -> Object | None:
        """The form that defined a variable of the session last."""
        return self._scope.definitions.get(name)

    def compiled(self, source: Source, form: Object) -> Unit:
        """A form compiled as an input would be, without any effect on the session.

        Entries for continuations are left out while nothing in the session captures any.
        """
        trial = new_scope(self._scope)
        trial.definitions.update(self._scope.definitions)
        around = self._around(source)
        unit: Unit = deep(lambda: self._compiled(source, form, around, trial, is_session=self._captures))
        return unit


def forms_of(source: Source) -> tuple[Object, ...]:
    """The forms of a source. Raises OmegaSyntaxError when one can't be read."""
    diagnostics = Diagnostics(source)
    forms: tuple[Object, ...] = deep(read, source, diagnostics)
    diagnostics.check()
    return forms


def is_complete(text: str) -> bool:
    """Whether a text can be evaluated as it is: false while a list, string or comment in it is still open."""
    return text.strip() == "," or deep(opened, text) is None


def python_of(unit: Unit) -> str:
    """The Python that a form is compiled to, for people; variables of the session are its attributes."""
    assert unit.lowered is not None
    text: str = deep(emit_body, unit.lowered)
    return text.replace("namespace.'", "session.")


def expanded(unit: Unit) -> str:
    """What a form is without macros and derived forms, for people."""
    assert unit.expansion is not None
    text: str = deep(dump_program, unit.expansion.program)
    return _NAME.sub(r"\1", text).rstrip()
