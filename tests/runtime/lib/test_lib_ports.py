"""Reading, writing, and the system around the program."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.lib import ports, system
from omega_runtime.lib.formatting import format_
from omega_runtime.settings import configure
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import make_list
from omega_runtime.values.parameters import parameterize
from omega_runtime.values.ports import EOF
from omega_runtime.values.printing import write_text
from omega_runtime.world import arguments


@pytest.mark.parametrize(
    ("procedure", "arguments", "text"),
    [
        (ports.display, [make_list("a", 2.0)], "(a 2)"),
        (ports.write, [make_list("a", Char("b"))], '("a" #\\b)'),
        (ports.newline, [], "\n"),
        (ports.write_line, ["a"], '"a"\n'),
        (ports.write_string, ["a b"], "a b"),
        (ports.write_char, [Char("x")], "x"),
    ],
)
def test_writing_goes_to_standard_output_or_the_port(
    procedure: Any, arguments: list[Any], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert procedure(*arguments) is None
    assert capsys.readouterr().out == text
    port = ports.open_output_string()
    procedure(*arguments, port)
    procedure(*arguments, port)
    assert ports.get_output_string(port) == text * 2
    file = io.StringIO()
    procedure(*arguments, file)
    assert file.getvalue() == text
    assert capsys.readouterr().out == ""


def test_a_part_of_a_string_is_written() -> None:
    port = ports.open_output_string()
    ports.write_string("hello", port, 1, 3)
    assert ports.get_output_string(port) == "el"


def test_output_is_captured() -> None:
    assert ports.with_output_to_string(lambda: ports.display("inside")) == "inside"
    assert ports.call_with_output_string(lambda port: ports.write("x", port)) == '"x"'
    port = ports.open_output_string()
    parameterize(((ports.current_output_port, port),), lambda: format_(True, "~a!", 1))
    format_(port, "~s", "q")
    assert ports.get_output_string(port) == '1!"q"'


def test_reading_a_string_port() -> None:
    port = ports.open_input_string("one\ntwo")
    assert ports.peek_char(port) == Char("o")
    assert ports.read_char(port) == Char("o")
    assert ports.read_string(1, port) == "n"
    assert ports.read_line(port) == "e"
    assert ports.is_char_ready(port) is True
    assert ports.read_string(99, port) == "two"
    for procedure in (ports.read_char, ports.peek_char, ports.read_line):
        assert procedure(port) is EOF
    assert ports.read_string(5, port) is EOF
    assert ports.is_eof_object(ports.eof_object()) is True


def test_reading_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a line\n"))
    assert ports.read_line() == "a line"
    assert ports.read_line() is EOF


def test_a_closed_port_cannot_be_used() -> None:
    source, target = ports.open_input_string("x"), ports.open_output_string()
    for port in (source, target):
        ports.close_port(port)
    with pytest.raises(OmegaError, match="read-char: the port is closed"):
        ports.read_char(source)
    with pytest.raises(OmegaError, match="display: the port is closed"):
        ports.display(1, target)


@pytest.mark.parametrize("kind", [ports.is_port, ports.is_input_port, ports.is_output_port])
def test_kinds_of_ports(kind: Any) -> None:
    assert kind(ports.open_input_string("")) is (kind is not ports.is_output_port)
    assert kind(ports.open_output_string()) is (kind is not ports.is_input_port)
    assert kind("port") is False


def test_only_a_string_port_keeps_its_text() -> None:
    with pytest.raises(OmegaError, match="get-output-string: argument 1 must be a string output port"):
        ports.get_output_string(ports.current_output_port())


def test_the_command_line() -> None:
    before = list(system.command_line())
    try:
        arguments.set_command_line(["a", "b c"])
        assert write_text(system.command_line()) == '("a" "b c")'
    finally:
        arguments.set_command_line(before)


def test_time() -> None:
    assert abs(system.current_time() - time.time()) < 60
    first = system.current_jiffy()
    assert system.current_jiffy() >= first
    assert system.jiffies_per_second() == 10**9


def test_environment_and_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OMEGA_TEST", "x")
    monkeypatch.chdir(tmp_path)
    with configure(allow={"env"}):
        assert system.get_environment_variable("OMEGA_TEST") == "x"
        monkeypatch.delenv("OMEGA_TEST")
        assert system.get_environment_variable("OMEGA_TEST") is False
    assert system.is_file_exists(str(tmp_path)) is True
    assert system.is_file_exists(str(tmp_path / "none")) is False
