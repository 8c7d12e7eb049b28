"""The language server: what clients ask goes to the one thread that works with the compiler, and answers come back."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from omega_runtime.version import __version__
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from omegac.lsp import answers
from omegac.lsp.analysis import Analysis
from omegac.lsp.describing import described_library
from omegac.lsp.renaming import Refused
from omegac.lsp.workspace import Files

T = TypeVar("T")
PAUSE = 0.2
"""Seconds without a change after which a document is checked."""
_REQUEST_FAILED = -32803
_log = logging.getLogger(__name__)


class OmegaServer(LanguageServer):
    """The server; its documents come whole, as libraries disagree about what ends a line."""

    def __init__(self) -> None:
        super().__init__("omegac", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.page: str | None = None
        self._worker = ThreadPoolExecutor(1, "compiler")
        self._files: Files | None = None
        self._checks: dict[str, asyncio.Task[None]] = {}

    @property
    def files(self) -> Files:
        """The documents and what is around them."""
        if self._files is None:
            roots = [path for folder in self.workspace.folders.values() if (path := _path(folder.uri))]
            root = self.workspace.root_path
            encoding = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
            self._files = Files(roots or ([root] if root else []), encoding)
        return self._files

    def analysis(self, uri: str) -> Analysis:
        """What the compiler says of a document as it is now."""
        return self.files.document(uri, self.workspace.get_text_document(uri).source, _path(uri))

    async def ask(self, answer: Callable[[], T], otherwise: T) -> T:
        """The answer, found by the thread that works; another one where the compiler fails, which is logged."""

        def found() -> T:
            try:
                return answer()
            except JsonRpcException:
                raise
            except Refused as error:
                raise JsonRpcException(str(error), _REQUEST_FAILED) from None
            except Exception:
                _log.exception("a request could not be answered")
                return otherwise

        return await asyncio.get_running_loop().run_in_executor(self._worker, found)

    def check_soon(self, uri: str, pause: float = PAUSE) -> None:
        """Check a document after a pause, unless it changes again."""
        before = self._checks.pop(uri, None)
        if before is not None:
            before.cancel()
        self._checks[uri] = asyncio.ensure_future(self._check(uri, pause))

    async def _check(self, uri: str, pause: float) -> None:
        await asyncio.sleep(pause)
        document = self._opened(uri)
        if document is None:
            return
        version = document.version
        nothing: list[types.Diagnostic] = []
        found = await self.ask(lambda: answers.diagnostics(self.analysis(uri), self.page), nothing)
        if self._opened(uri) is document and document.version == version:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))

    def _opened(self, uri: str) -> TextDocument | None:
        """A document that the client has open; the library knows them by their names without escapes."""
        return self.workspace.text_documents.get(unquote(uri))

    async def files_changed(self) -> None:
        """Check all open documents again, as what they import may have changed."""
        await self.ask(lambda: self.files.forget(), None)
        for document in list(self.workspace.text_documents.values()):
            self.check_soon(document.uri)

    async def close(self, uri: str) -> None:
        """Forget a document."""
        before = self._checks.pop(uri, None)
        if before is not None:
            before.cancel()
        await self.ask(lambda: self.files.close(uri), None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


def _path(uri: str) -> str | None:
    """The file that a URI names; None when it names something else, such as a document that was never saved."""
    return to_fs_path(uri) if urlsplit(uri).scheme == "file" else None


def new_server() -> OmegaServer:
    """A server that answers all that it can."""
    server = OmegaServer()
    _add_documents(server)
    _add_questions(server)
    _add_changes(server)
    return server


def _add_documents(server: OmegaServer) -> None:
    @server.feature(types.INITIALIZE)
    def _(params: types.InitializeParams) -> None:
        options = params.initialization_options
        page = options.get("checkPage") if isinstance(options, dict) else None
        server.page = page if isinstance(page, str) else None

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def _(_: types.DidSaveTextDocumentParams) -> None:
        await server.files_changed()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def _(_: types.DidChangeWatchedFilesParams) -> None:
        await server.files_changed()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def _(params: types.DidCloseTextDocumentParams) -> None:
        await server.close(params.text_document.uri)


def _add_questions(server: OmegaServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def _(params: types.HoverParams) -> types.Hover | None:
        uri = params.text_document.uri
        return await server.ask(lambda: answers.hover(server.files, server.analysis(uri), params.position), None)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def _(params: types.DefinitionParams) -> types.Location | None:
        uri = params.text_document.uri
        return await server.ask(lambda: answers.definition(server.files, server.analysis(uri), params.position), None)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def _(params: types.ReferenceParams) -> list[types.Location]:
        uri, with_definition = params.text_document.uri, params.context.include_declaration
        return await server.ask(
            lambda: answers.references(server.files, server.analysis(uri), params.position, with_definition), []
        )

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def _(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        uri = params.text_document.uri
        return await server.ask(lambda: answers.highlights(server.analysis(uri), params.position), [])

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def _(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        return await server.ask(lambda: answers.symbols(server.analysis(params.text_document.uri)), [])

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(["("], resolve_provider=True))
    async def _(params: types.CompletionParams) -> types.CompletionList:
        uri = params.text_document.uri
        nothing = types.CompletionList(is_incomplete=False, items=[])
        return await server.ask(lambda: answers.completion(server.analysis(uri), params.position), nothing)

    @server.feature(types.COMPLETION_ITEM_RESOLVE)
    async def _(item: types.CompletionItem) -> types.CompletionItem:
        name = item.data.get("library") if isinstance(item.data, dict) else None
        text = await server.ask(lambda: described_library(name), None) if isinstance(name, str) else None
        item.documentation = types.MarkupContent(types.MarkupKind.Markdown, text) if text else None
        return item


def _add_changes(server: OmegaServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    async def _(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        return await server.ask(lambda: answers.formatting(server.analysis(params.text_document.uri)), [])

    @server.feature(types.TEXT_DOCUMENT_ON_TYPE_FORMATTING, types.DocumentOnTypeFormattingOptions("\n"))
    async def _(params: types.DocumentOnTypeFormattingParams) -> list[types.TextEdit]:
        uri = params.text_document.uri
        return await server.ask(lambda: answers.indented(server.analysis(uri), params.position), [])

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def _(params: types.PrepareRenameParams) -> Any:
        uri = params.text_document.uri
        return await server.ask(
            lambda: answers.prepare_rename(server.files, server.analysis(uri), params.position), None
        )

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    async def _(params: types.RenameParams) -> types.WorkspaceEdit | None:
        uri, name = params.text_document.uri, params.new_name
        return await server.ask(
            lambda: answers.rename(server.files, server.analysis(uri), uri, params.position, name), None
        )


def serve() -> None:
    """Serve on standard input and output until the client ends it; what else is printed goes to standard error."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    output = sys.stdout.buffer
    sys.stdout = sys.stderr
    new_server().start_io(sys.stdin.buffer, output)
