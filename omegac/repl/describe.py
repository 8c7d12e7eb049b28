"""What a name means, for people: how it is used, and what its documentation says."""

from __future__ import annotations

import inspect

from omega_runtime.control.deep import deep
from omega_runtime.values.printing import write_text

from omegac.core import External
from omegac.expand.environment import Free, Macro, SpecialForm
from omegac.library import library
from omegac.repl.session import Session

_LONGEST = 200


def described(session: Session, name: str) -> str | None:
    """How a name is used, and its documentation; None for a name without a meaning."""
    meaning = session.meaning(name)
    if isinstance(meaning, SpecialForm):
        return "\n".join(filter(None, [meaning.shape, inspect.getdoc(meaning.expand)]))
    if isinstance(meaning, Macro):
        return f"{name} is a macro"
    if isinstance(meaning, External):
        value = session.value(meaning)
    elif isinstance(meaning, Free) and name in library():
        value = library()[name].function
    else:
        return None
    if callable(value):
        return "\n".join(filter(None, [usage(name, value), inspect.getdoc(value)]))
    text: str = deep(write_text, value)
    return f"{name} is {text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}"


def kind(session: Session, name: str) -> str:
    """What kind of thing a name stands for, in few words."""
    match session.meaning(name):
        case SpecialForm():
            return "special form"
        case Macro():
            return "macro"
        case External():
            return "defined here"
    return "library"


def usage(name: str, procedure: object) -> str:
    """A call, with the parameters by their names."""
    words = [name]
    try:
        parameters = inspect.signature(procedure).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return f"({name} …)"
    for each in parameters:
        shown = each.name.strip("_").replace("_", "-")
        if each.kind is each.VAR_POSITIONAL:
            words.append(f"{shown} …")
        elif each.kind is not each.VAR_KEYWORD:
            words.append(shown if each.default is each.empty else f"[{shown}]")
    return f"({' '.join(words)})"
