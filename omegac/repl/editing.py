"""Inputs that are edited on a terminal: over several lines, with a history, completion and colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import is_done
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout.processors import ConditionalProcessor, HighlightMatchingBracketProcessor
from prompt_toolkit.lexers import PygmentsLexer

from omegac.formatting import indentation
from omegac.repl.describe import kind
from omegac.repl.highlight import OmegaLexer
from omegac.repl.session import Session, is_complete

_WORD = re.compile(r"""[^\s()\[\]{}";'`,]*$""")
_COMMAND = re.compile(r"\s*(,[^\s()]*)$")

Commands = Callable[[], list[tuple[str, str]]]


class Names(Completer):
    """Completes names of the session, forms and procedures, and commands at the start of an input."""

    def __init__(self, session: Session, commands: Commands) -> None:
        self._session = session
        self._commands = commands

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002
        """What the word before the cursor may become."""
        before = document.text_before_cursor
        command = _COMMAND.fullmatch(before)
        if command:
            for name, help in self._commands():
                if name.startswith(command[1]):
                    yield Completion(name, -len(command[1]), display_meta=help)
            return
        found = _WORD.search(before)
        word = found.group() if found else ""
        for name in self._session.names() if word else ():
            if name.startswith(word):
                yield Completion(name, -len(word), display_meta=kind(self._session, name))


def edited(session: Session, history: Path | None, prompt: str, more: str, commands: Commands) -> Iterator[str]:
    """The inputs, each once it is complete; Ctrl-C drops one, Ctrl-D on an empty one is the end of them.

    `history` is the file that keeps them.
    """
    asking: PromptSession[str] = PromptSession(
        prompt,
        history=FileHistory(str(history)) if history else InMemoryHistory(),
        lexer=PygmentsLexer(OmegaLexer),
        completer=Names(session, commands),
        complete_while_typing=False,
        multiline=True,
        prompt_continuation=more,
        key_bindings=_keys(),
        input_processors=[ConditionalProcessor(HighlightMatchingBracketProcessor(chars="()"), ~is_done)],
    )
    while True:
        try:
            text = asking.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.strip():
            yield text


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        """Take the input when it is complete; otherwise begin another line."""
        buffer = event.current_buffer
        document = buffer.document
        if is_complete(document.text) and not document.text_after_cursor.strip():
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n" + " " * (indentation(document.text_before_cursor) or 0))

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        """Take the input as it is."""
        event.current_buffer.validate_and_handle()

    return keys
