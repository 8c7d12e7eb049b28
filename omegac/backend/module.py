"""What the functions of one generated module share: names, imports, constants and sites."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Container
from math import copysign
from typing import Any

from omega_runtime.compiled import HOMES
from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.chars import Char
from omega_runtime.values.pairs import NIL, Pair
from omega_runtime.values.printing import shared_parts
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.vectors import Vector
from omega_runtime.version import INTERFACE

from omegac import __version__, core
from omegac.analyse.facts import Facts, bound_by
from omegac.analyse.occurrences import Occurrences
from omegac.analyse.types import types_of
from omegac.backend.build import Placer, assign, attribute, call, constant, load
from omegac.backend.jumps import Jumps
from omegac.backend.names import Names
from omegac.backend.shape import Shapes
from omegac.core import Program, Variable
from omegac.errors import CompilerBug, Diagnostics
from omegac.library import EVALUATION, library
from omegac.names import class_name, constant_name, full_name, python_name
from omegac.source import START, Source, Span
from omegac.traverse import nodes_of

# The one module of the runtime that generated code imports, and what it calls there first.
FACADE = "omega_runtime.compiled"
CHECK = "compiled_by"


class Module:
    """The names of a module: the program's own come first, imports and constants give way to them."""

    def __init__(self, program: Program, facts: Facts, source: Source, diagnostics: Diagnostics) -> None:
        self.facts = facts
        self.diagnostics = diagnostics
        self.placer = Placer(source)
        self.imports: dict[str, dict[str, str]] = {}
        self.modules: dict[str, str] = {}
        self.python: dict[str, None] = {}
        self.uses_python: Span | None = None
        self.constants: list[ast.stmt] = []
        self.sites: list[ast.stmt] = []
        self.exports: list[str] = []
        self.toplevel: dict[Variable, str] = {}
        self.occurrences = Occurrences(program)
        self.jumps = Jumps()
        self.shapes = Shapes(self.occurrences)
        self.record_aliases: dict[Variable, str] = {}
        self.early = _early_builtins(program, self.occurrences)
        self.types = types_of(program, facts)
        self.names = Names(_own_names(program))
        self._shared: dict[Any, str] = {}
        self._sites: dict[core.Site, str] = {}
        self._claim_toplevel(program)
        self.defined = {name: variable for variable, name in self.toplevel.items()}

    def _claim_toplevel(self, program: Program) -> None:
        values = {definition.variable: definition.value for definition in program.definitions}
        shown = {value: name for name, value in (program.exports or {}).items() if isinstance(value, Variable)}
        visible = [variable for variable in program.toplevel if not variable.hidden]
        # What is exported chooses its name first.
        for variable in sorted(visible, key=lambda each: each not in shown) if shown else visible:
            exported = self._claim(variable, shown.get(variable, variable.name), values.get(variable))
            if program.exports is None or variable in shown:
                self.exports.append(exported)
        for variable in program.toplevel:
            if variable.hidden:
                self.toplevel[variable] = self.private(python_name(variable.name))
        for value in (program.exports or {}).values():
            if isinstance(value, core.External) and value.name is not None:
                self.exports.append(self._imported(value.module, value.name))

    def _claim(self, variable: Variable, shown: str, value: core.Node | None) -> str:
        """Give a top-level variable its Python name; the name to export, which for a record type is its class's."""
        name = python_name(shown)
        if self.names.is_defined(name):
            other = next((v.name for v, n in self.toplevel.items() if n == name), name)
            name = self.names.definition(full_name(shown))
            if other != variable.name:
                self.diagnostics.warning(
                    f"{variable.name} and {other} have the same Python name; {variable.name} becomes {name}",
                    variable.span,
                )
        else:
            self.names.definition(name)
        self.toplevel[variable] = name
        if not isinstance(value, core.RecordType):
            return name
        self.toplevel[variable] = self.names.definition(class_name(value.name))
        if variable.name != value.name:
            return self.toplevel[variable]
        self.record_aliases[variable] = name
        return name

    def private(self, name: str) -> str:
        """A module-level name that isn't exported."""
        return self.names.added("_" + name.lstrip("_"))

    def runtime(self, name: str) -> str:
        """The name under which the module knows a run-time object or a builtin, imported when first asked for."""
        return self._imported(FACADE if name in HOMES or name == CHECK else "builtins", name)

    def builtin(self, name: str) -> str:
        """The name under which the module knows a library procedure."""
        python_name = library()[name].python_name
        if library()[name].module == EVALUATION:
            return self._imported(EVALUATION, python_name)
        if python_name not in HOMES:
            raise CompilerBug(f"{python_name} isn't in the table of {FACADE}")
        return self._imported(FACADE, python_name)

    def imported(self, external: core.External) -> ast.expr:
        """The expression for a variable of another module, or for that module."""
        if external.is_python:
            self.python[external.module] = None
        if external.name is None:
            return load(self._module(external.module))
        if external.is_live or external.is_given:
            return attribute(load(self._module(external.module)), external.name)
        return load(self._imported(external.module, external.name))

    def _module(self, module: str) -> str:
        """The name under which this module knows another one."""
        if module not in self.modules:
            name = "namespace" if module.startswith("%") else module.rpartition(".")[2]
            self.modules[module] = self.names.imported(name)
        return self.modules[module]

    @property
    def given(self) -> dict[str, str]:
        """The names of the namespaces that whoever runs the module hands to it."""
        return {module: name for module, name in self.modules.items() if module.startswith("%")}

    def _imported(self, module: str, name: str) -> str:
        names = self.imports.setdefault(module, {})
        if name not in names:
            names[name] = self.names.imported(name)
        return names[name]

    def check_statements(self, source: Source) -> list[ast.stmt]:
        """What the module begins with: it is checked against the runtime before any other import can fail."""
        name = self.runtime(CHECK)
        del self.imports[FACADE][CHECK]
        arguments = (constant(__version__), constant(INTERFACE), load("__name__"), constant(source.name))
        statements = [ast.ImportFrom(FACADE, [_alias(CHECK, name)], 0), ast.Expr(call(name, *arguments))]
        for statement in statements:
            self.placer.place(statement, START)
        return statements

    def import_statements(self, program: Program) -> list[ast.stmt]:
        """The other imports that the module needs: from the runtime, then those of the program in order.

        Before Python's own modules stands the question whether the program may use them.
        """
        spans = {each.module: each.span for each in program.imports}
        for each in program.imports:
            if each.is_python:
                self.python[each.module] = None
            if each.is_python or each.module not in self.imports:
                self._module(each.module)
        imported = next((each.span for each in program.imports if each.is_python), None)
        asked = self._python_check(imported or self.uses_python or START)
        own = [self._from(module) for module in ("builtins", FACADE) if module in self.imports]
        others = dict.fromkeys((*spans, *self.modules, *self.imports))
        for module in others:
            if module in self.given:
                continue
            statements = [ast.Import([_alias(module, self.modules[module])])] if module in self.modules else []
            names = self._from(module) if module in self.imports and module not in ("builtins", FACADE) else ()
            for statement in (*statements, *names):
                self.placer.place(statement, spans.get(module, START))
                asked.append(statement)
        return [*(statement for group in own for statement in group), *asked]

    def _python_check(self, span: Span) -> list[ast.stmt]:
        """`check_python("math", "json")`, when the module uses Python."""
        if not self.python and not self.uses_python:
            return []
        check = ast.Expr(call(self.runtime("check_python"), *map(constant, self.python)))
        self.placer.place(check, span)
        return [check]

    def _from(self, module: str) -> list[ast.stmt]:
        """`from module import name, …`."""
        names = sorted(self.imports[module].items())
        if module == "builtins":
            names = [(name, alias) for name, alias in names if name != alias]
        aliases = [_alias(name, alias) for name, alias in names]
        return [ast.ImportFrom(module, aliases, 0)] if aliases else []

    def site(self, site: core.Site, span: Span) -> str:
        """The name of an effect site's record."""
        if site in self._sites:
            return self._sites[site]
        name = self._sites[site] = self.names.added(f"SITE_{len(self.sites) + 1}")
        fields = (site.file, site.line, site.column, site.operation, site.procedure, site.ordinal)
        statement = assign(name, call(self.runtime("Site"), *map(constant, fields)))
        self.placer.place(statement, span)
        self.sites.append(statement)
        return name

    def datum(self, value: Any, span: Span) -> ast.expr:
        """The expression for a constant; data with structure are made once, at module level."""
        labels = shared_parts(value) if isinstance(value, Pair | Vector) else {}
        return self._datum(value, span, labels)

    def _datum(self, value: Any, span: Span, labels: dict[int, int]) -> ast.expr:
        if value is NIL:
            return load(self.runtime("NIL"))
        if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Char)):
            return self._literal(value)
        key = (type(value), value) if isinstance(value, Symbol | Keyword | Char) else id(value)
        if key not in self._shared:
            expression = self._construct(value, span, labels)
            if labels:
                expression = call(self.runtime("linked"), expression)
            name = self.names.added(_name_for(value))
            statement = assign(name, expression)
            self.placer.place(statement, span)
            self.constants.append(statement)
            self._shared[key] = name
        return load(self._shared[key])

    def _literal(self, value: Any) -> ast.expr:
        """A Python literal; floats without one are computed from a string."""
        if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
            return call(self.runtime("float"), constant(str(value)))
        if type(value) in (int, float) and (value < 0 or (type(value) is float and copysign(1.0, value) < 0)):
            return ast.UnaryOp(ast.USub(), constant(-value))
        return constant(value)

    def _construct(self, value: Any, span: Span, labels: dict[int, int]) -> ast.expr:
        """The expression that makes a datum; `labels` has the numbers of the parts that have labels, -1 at first."""
        if id(value) not in labels:
            return self._structure(value, span, labels)
        label, number = self.runtime("Label"), labels[id(value)]
        if number >= 0:
            return call(label, constant(number))
        labels[id(value)] = number = sum(each >= 0 for each in labels.values())
        return call(label, constant(number), self._structure(value, span, labels))

    def _structure(self, value: Any, span: Span, labels: dict[int, int]) -> ast.expr:
        match value:
            case Symbol():
                return call(self.runtime("Symbol"), constant(value.name))
            case Keyword():
                return call(self.runtime("Keyword"), constant(value.name))
            case Char():
                return call(self.runtime("Char"), constant(value.value))
            case Bytevector():
                return call(self.runtime("Bytevector"), ast.List([constant(each) for each in value], ast.Load()))
            case Vector():
                items = [self._part(item, span, labels) for item in value]
                return call(self.runtime("Vector"), ast.List(items, ast.Load()))
            case Pair():
                items, tail = _items(value, labels)
                expressions = [self._part(item, span, labels) for item in items]
                if tail is NIL:
                    return call(self.builtin("list"), *expressions)
                return call(self.builtin("cons*"), *expressions, self._part(tail, span, labels))
        raise CompilerBug(f"no Python for the datum {value!r}")

    def _part(self, value: Any, span: Span, labels: dict[int, int]) -> ast.expr:
        """The expression for a part of a datum; in one with labels, structures have no names of their own."""
        if labels and isinstance(value, Pair | Vector):
            return self._construct(value, span, labels)
        return self._datum(value, span, {})


def _alias(name: str, alias: str) -> ast.alias:
    return ast.alias(name, None if alias == name else alias)


def _items(pair: Pair, labels: Container[int]) -> tuple[list[Any], Any]:
    """The items of a list up to its end, or to a part that has a label, and what follows them."""
    items, rest = [pair.car], pair.cdr
    while isinstance(rest, Pair) and id(rest) not in labels:
        items.append(rest.car)
        rest = rest.cdr
    return items, rest


def _name_for(value: Any) -> str:
    match value:
        case Symbol():
            return constant_name(value.name)
        case Keyword():
            return constant_name(value.name + "-key")
        case Char():
            return constant_name("char-" + value.value if value.value.isalnum() else "char")
        case Vector():
            return "VECTOR"
        case Bytevector():
            return "BYTEVECTOR"
    return "LIST"


def _early_builtins(program: Program, occurrences: Occurrences) -> frozenset[Variable]:
    """The variables that something may refer to before their definition, when Python would find a builtin."""
    builtin = {each for each in program.toplevel if hasattr(builtins, python_name(each.name))}
    if not builtin:
        return frozenset()
    mentioned: set[Variable] = set()
    early: set[Variable] = set()
    has_run = False
    for item in program.items:
        if isinstance(item, core.Define) and item.variable in builtin:
            # Once code has run, an earlier procedure may have been called.
            is_own = not isinstance(item.value, core.Lambda) and occurrences.is_used(item.variable, item.value)
            if (has_run and item.variable in mentioned) or is_own:
                early.add(item.variable)
        mentioned.update(node.variable for node in nodes_of(item) if isinstance(node, core.Reference | core.Assignment))
        has_run = has_run or not (
            isinstance(item, core.Define) and isinstance(item.value, core.Lambda | core.Constant | core.RecordType)
        )
    return frozenset(early)


def _own_names(program: Program) -> frozenset[str]:
    """What Python calls the variables that the program's text names, at the top level and inside."""
    variables = set(program.toplevel)
    for item in program.items:
        for node in nodes_of(item):
            variables.update(bound_by(node))
    return frozenset(python_name(variable.name) for variable in variables if not variable.hidden)
