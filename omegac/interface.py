"""What a module shows to those that import it, as data: a literal in the module, which is read without running it.

__omega_interface__ = {
    "exports": {
        "shout": {"kind": "procedure", "arity": (1, 1), "row": "infer io", "calls": (0,)},
        "limit": {"kind": "variable", "changes": True},
        "point": {"kind": "record type", "name": "Point"},      when its Python name isn't the usual one
        "swap!": {"kind": "syntax"},
        "twice": {"kind": "procedure", "module": "text.tools", …},      from another module
        "car": {"kind": "library", "name": "car"},      from the library
    },
    "library": ("text", "shouting"),
    "captures": True,       when it, or what it imports, may capture continuations that are entered again
}
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from omegac.core import External, Signature, Variable
from omegac.expand.bodies import Expansion
from omegac.expand.environment import Binding, Free, Macro
from omegac.expand.special import SPECIAL_FORMS
from omegac.names import python_name

VARIABLE = "__omega_interface__"
KINDS = frozenset({"infer", "io", "state", "control", "capture"})


@attrs.frozen
class Interface:
    """The exports by name, each an entry as above; `library` is the one that the file defines, if it does.

    `captures` is whether the module, or what it imports, may capture continuations that are entered again.
    """

    exports: dict[str, dict[str, Any]]
    library: tuple[str, ...] | None = None
    captures: bool = False

    @classmethod
    def of(cls, data: dict[str, Any]) -> Interface:
        """The interface that is this data."""
        exports = {str(name): dict(entry) for name, entry in data["exports"].items()}
        return cls(exports, tuple(data["library"]) if "library" in data else None, data.get("captures") is True)

    @property
    def has_macros(self) -> bool:
        """Whether some export is a macro, for which importers need the source."""
        return any(entry["kind"] == "syntax" for entry in self.exports.values())

    def literal(self) -> dict[str, Any]:
        """The interface as data, as a module has it."""
        library = {"library": self.library} if self.library else {}
        return {"exports": self.exports, **library, **({"captures": True} if self.captures else {})}

    def digest(self, *more: bytes) -> str:
        """A hash of what importers depend on; `more` is what else they do."""
        digest = hashlib.sha256(repr(self.literal()).encode())
        for part in more:
            digest.update(part)
        return digest.hexdigest()

    def bindings(self, module: str, macro: Callable[[str], Macro]) -> dict[str, Binding]:
        """What each export means to an importer; `macro` finds one by its name."""
        return {name: _binding(name, entry, module, macro) for name, entry in self.exports.items()}


def _binding(name: str, entry: dict[str, Any], module: str, macro: Callable[[str], Macro]) -> Binding:
    match entry["kind"]:
        case "syntax":
            return macro(name)
        case "library":
            return SPECIAL_FORMS.get(entry["name"], Free(entry["name"]))
    arity = entry.get("arity")
    row = frozenset(entry.get("row", "").split()) & KINDS
    signature = Signature(arity[0], arity[1], row, entry.get("calls", ())) if arity else None
    home, is_python = entry.get("module", module), entry["kind"] == "python"
    return External(home, entry.get("name", python_name(name)), signature, entry.get("changes", False), is_python)


def interface_of(
    expansion: Expansion, externals: Mapping[Variable, External], kinds: Mapping[Variable, str], captures: bool
) -> Interface:
    """The interface of a program, given how importers see its variables, and what some of them are."""
    exports = expansion.program.exports
    if exports is None:
        exports = {each.name: each for each in externals if not each.hidden}
    entries: dict[str, dict[str, Any]] = {}
    for name, value in exports.items():
        match value:
            case str():
                entries[name] = {"name": value, "kind": "library"}
            case Variable():
                entries[name] = _entry(name, externals[value], kinds.get(value))
            case External():
                kind = "python" if value.is_python else None
                entries[name] = {**_entry(name, value, kind), "module": value.module}
    for name in expansion.macros:
        entries[name] = {"kind": "syntax"}
    return Interface(entries, expansion.library, captures)


def _entry(name: str, external: External, kind: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": kind or ("procedure" if external.signature else "variable")}
    if external.name != python_name(name):
        entry["name"] = external.name
    if external.signature is not None:
        entry["arity"] = (external.signature.least, external.signature.most)
        entry["row"] = " ".join(sorted(external.signature.row)) or "pure"
        if external.signature.calls:
            entry["calls"] = external.signature.calls
    if external.is_live:
        entry["changes"] = True
    return entry


def read_interface(python: str) -> Interface | None:
    """The interface in the text of a compiled module, which isn't run; None when it has none that can be read."""
    try:
        tree = ast.parse(python)
        data = next(
            ast.literal_eval(each.value)
            for each in tree.body
            if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == VARIABLE
        )
        interface = Interface.of(data)
        interface.bindings("", lambda name: Macro(name, lambda form, _, __: form))
    except (SyntaxError, ValueError, StopIteration, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return interface
