"""A session as its user sees it: answers, errors that leave it alive, and commands."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import click
import omega_runtime
from omega_runtime.control.deep import deep
from omega_runtime.ledger.account import Account
from omega_runtime.savings.policy import WARNING_SHARE
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.printing import write_text

from omegac.cli.execution import exit_status, is_terminated
from omegac.cli.failures import say, show_error, show_findings
from omegac.cli.programs import modules_for, take_over
from omegac.cli.refusal import amount, show_refusal
from omegac.cli.report import against, show_report
from omegac.cli.run_options import RunOptions
from omegac.cli.terminal import start_line
from omegac.cli.words import count
from omegac.errors import Diagnostics, OmegaSyntaxError, suggestion
from omegac.modules import Unavailable
from omegac.pipeline import read_source
from omegac.repl.describe import described
from omegac.repl.session import Session, expanded, forms_of, python_of
from omegac.source import Source


class _Command(NamedTuple):
    usage: str
    help: str
    run: Callable[[Conversation, str], bool]


class Conversation:
    """What comes of inputs; `status` is the exit status once the session has to end."""

    def __init__(self, options: RunOptions, account: Account) -> None:
        modules = modules_for("<input>", options.allow)
        self.session = Session(modules, _show_warnings, take_over)
        self.account = account
        self.status: int | None = None

    def close(self) -> None:
        """The session is over."""
        self.session.close()

    def completions(self) -> list[tuple[str, str]]:
        """The commands, each with what it does."""
        return [(f",{name}", each.help) for name, each in _COMMANDS.items()]

    def load(self, file: str) -> bool:
        """Evaluate a file; whether that went well."""
        try:
            source = read_source(file)
        except OmegaSyntaxError as error:
            click.echo(error.render(), err=True)
            return False
        except OSError as error:
            say(f"cannot read {file}: {error.strerror}")
            return False
        return self._evaluate(source, lambda _: None)

    def respond(self, text: str) -> bool:
        """Do what an input says; whether that went well."""
        if not text.lstrip().startswith(","):
            return self._evaluate(self.session.source(text), _answer)
        name, rest = re.split(r"\s+|$", text.strip()[1:], maxsplit=1)
        found = _COMMANDS.get(name)
        if found is None:
            near = suggestion(f",{name}", [f",{each}" for each in _COMMANDS])
            say(f"there is no command ,{name}; {near or ',help tells them all'}")
            return False
        return found.run(self, rest)

    def _evaluate(self, source: Source, answer: Callable[[object], None]) -> bool:
        before = self.account.spent
        try:
            for value in self.session.run(source):
                answer(value)
        except SystemExit as error:
            self.status = exit_status(error)
        except KeyboardInterrupt:
            if is_terminated():
                raise
            start_line()
            say("interrupted; what may have been billed counts as spent")
            self.session.forget_continuations()
            return False
        except (BrokenPipeError, omega_runtime.LedgerFileError):
            raise
        except Exception as error:
            start_line()
            self._show(error, source)
            return False
        finally:
            start_line()
            if self.account.spent != before:
                self._tell_when_low()
        return True

    def _show(self, error: Exception, source: Source) -> None:
        """Print an error with what to do about it."""
        if isinstance(error, OmegaSyntaxError):
            click.echo(error.render(), err=True)
        elif isinstance(error, Unavailable):
            say(f"{error}; {error.help}" if error.help else str(error))
        elif isinstance(error, omega_runtime.BudgetExceeded):
            mends = ["ask for less: a shorter prompt, or a smaller max-tokens:", ",spend tells what was spent where"]
            whose = "the session" if error.account is self.account.name else f'the budget "{error.account}"'
            show_refusal(error, source.name, whose, mends)
        else:
            show_error(error, source.name)
            near = self._near(error)
            if near:
                click.echo(f"  help: {near}", err=True)

    def _near(self, error: Exception) -> str | None:
        """The name that was meant, where an unbound one is close to it."""
        problem, _, name = str(error).partition("unbound variable: ")
        if not isinstance(error, OmegaError) or problem or not name:
            return None
        return suggestion(name.partition(" ")[0], self.session.names())

    def _tell_when_low(self) -> None:
        """Say what is left when that is little."""
        for limit, left in (
            (self.account.limit, self.account.remaining),
            (self.account.dollars.limit, self.account.dollars.remaining),
        ):
            if limit is not None and left is not None and float(left) < WARNING_SHARE * float(limit):
                say(f"budget: {amount(left if isinstance(left, Decimal) else int(left))} of {amount(limit)} left")


def _answer(value: object) -> None:
    start_line()
    if value is not None:
        print(f"=> {deep(write_text, value)}", flush=True)


def _show_warnings(source: Source, diagnostics: Diagnostics) -> None:
    show_findings(source, diagnostics.warnings)


def _help(conversation: Conversation, name: str) -> bool:
    if name:
        text = described(conversation.session, name)
        if text is None:
            near = suggestion(name, conversation.session.names())
            say(f"nothing is called {name}" + (f"; {near}" if near else ""))
        else:
            print(text)
        return text is not None
    width = max(len(each.usage) for each in _COMMANDS.values())
    for each in _COMMANDS.values():
        print(f"{each.usage:{width}}  {each.help}")
    return True


def _budget(conversation: Conversation, _: str) -> bool:
    account = conversation.account
    print(f"{against(account)} spent" + (f"; {account.held:,} tokens held by calls under way" if account.held else ""))
    if not account.is_limited:
        print("there is no limit; omegac repl --budget 10000 gives the session one")
    return True


def _spend(conversation: Conversation, _: str) -> bool:
    show_report(omega_runtime.report(conversation.account.ledger), conversation.account)
    return True


def _time(conversation: Conversation, text: str) -> bool:
    if not text:
        return _needs(",time", "an expression")
    account = conversation.account
    spent, begun = account.spent, time.perf_counter()
    is_fine = conversation.respond(text)
    seconds = time.perf_counter() - begun
    say(f"{seconds:.3f} seconds" + (f", {count(account.spent - spent, 'token')}" if account.spent != spent else ""))
    return is_fine


def _expand(conversation: Conversation, text: str) -> bool:
    return _compiled(conversation, ",expand", text, expanded)


def _dis(conversation: Conversation, text: str) -> bool:
    return _compiled(conversation, ",dis", text, python_of)


def _compiled(conversation: Conversation, name: str, text: str, show: Callable[..., str]) -> bool:
    """Print what becomes of a form, or of the definition of a name."""
    if not text:
        return _needs(name, "an expression, or a name that was defined here")
    source = Source("<input>", text)
    try:
        for form in forms_of(source):
            defined = conversation.session.definition(text)
            print(show(conversation.session.compiled(source, form if defined is None else defined)))
    except OmegaSyntaxError as error:
        click.echo(error.render(), err=True)
        return False
    return True


def _needs(name: str, what: str) -> bool:
    say(f"{name} needs {what} behind it, as in {_COMMANDS[name[1:]].usage.replace('EXPRESSION', '(+ 1 2)')}")
    return False


def _load(conversation: Conversation, file: str) -> bool:
    return conversation.load(file) if file else _needs(",load", "a file")


def _quit(conversation: Conversation, _: str) -> bool:
    conversation.status = 0
    return True


_COMMANDS = {
    "help": _Command(",help [NAME]", "what a name means, or these commands", _help),
    "budget": _Command(",budget", "what is spent and what is left", _budget),
    "spend": _Command(",spend", "what was spent, by place and model", _spend),
    "time": _Command(",time EXPRESSION", "how long it takes, and what it costs", _time),
    "expand": _Command(",expand EXPRESSION", "what it is without macros and derived forms", _expand),
    "dis": _Command(",dis EXPRESSION", "the Python that it, or a definition by its name, is compiled to", _dis),
    "load": _Command(",load FILE", "evaluate a file", _load),
    "quit": _Command(",quit", "end the session, as Ctrl-D does", _quit),
}
