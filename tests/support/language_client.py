"""A client of the language server: a real process, and messages over its standard input and output."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.command import environment

SECONDS = 60


class RequestFailed(Exception):
    """The server answered with an error."""


class LanguageClient:
    """Speaks to a server that runs. Positions in texts are marked with `¦`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self._ids = iter(range(1, 1_000_000))
        self.versions: dict[str, int] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                header = stream.readline()
            self._messages.put(json.loads(stream.read(length)))

        self._messages.put({"method": "$/ended"})

    def _next(self) -> dict[str, Any]:
        """The next message. Raises queue.Empty when none comes in time, and EOFError when the server has ended."""
        message = self._messages.get(timeout=SECONDS)
        if message.get("method") == "$/ended":
            assert self.process.stderr is not None
            raise EOFError(self.process.stderr.read().decode())
        return message

    def send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def notify(self, method: str, **params: Any) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, **params: Any) -> Any:
        number = next(self._ids)
        self.send({"id": number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    raise RequestFailed(message["error"]["message"])
                return message["result"]

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """The findings about a document in its latest version, once they come."""
        while True:
            message = self._next()
            params = message.get("params") or {}
            is_meant = message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == uri
            if is_meant and params.get("version") in (None, self.versions.get(uri)):
                found: list[dict[str, Any]] = params["diagnostics"]
                return found

    def initialize(self, *folders: Path, encodings: list[str] | None = None, **options: Any) -> dict[str, Any]:
        capabilities: dict[str, Any] = {"textDocument": {"rename": {"prepareSupport": True}}}
        if encodings:
            capabilities["general"] = {"positionEncodings": encodings}
        result: dict[str, Any] = self.request(
            "initialize",
            processId=None,
            rootUri=folders[0].as_uri() if folders else None,
            capabilities=capabilities,
            workspaceFolders=[{"uri": each.as_uri(), "name": each.name} for each in folders] or None,
            initializationOptions=options or None,
        )
        self.notify("initialized")
        return result

    def open(self, uri: str, text: str) -> None:
        self.versions[uri] = 1
        document = {"uri": uri, "languageId": "omega", "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=document)

    def change(self, uri: str, text: str) -> None:
        self.versions[uri] += 1
        self.notify(
            "textDocument/didChange",
            textDocument={"uri": uri, "version": self.versions[uri]},
            contentChanges=[{"text": text}],
        )

    def at(self, method: str, uri: str, position: dict[str, int], **params: Any) -> Any:
        """Ask about a position in a document."""
        return self.request(f"textDocument/{method}", textDocument={"uri": uri}, position=position, **params)


@contextmanager
def language_server(cwd: Path | None = None) -> Iterator[LanguageClient]:
    """A server that runs, and is ended as clients do it."""
    command = [sys.executable, "-m", "omegac", "lsp"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=cwd
    ) as process:
        client = LanguageClient(process)
        try:
            yield client
            client.request("shutdown")
            client.notify("exit")
            assert process.wait(SECONDS) == 0
        finally:
            process.kill()


def marked(text: str) -> tuple[str, dict[str, int]]:
    """A text without its mark, and the position of that in UTF-16."""
    before, _, after = text.partition("¦")
    line = before.rpartition("\n")[2]
    return before + after, {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}


def ranged(text: str, span: dict[str, dict[str, int]]) -> str:
    """The part of a text that is a range in UTF-16."""
    lines = text.split("\n")

    def offset(place: dict[str, int]) -> int:
        units = lines[place["line"]].encode("utf-16-le")[: 2 * place["character"]]
        return sum(len(line) + 1 for line in lines[: place["line"]]) + len(units.decode("utf-16-le"))

    return text[offset(span["start"]) : offset(span["end"])]
