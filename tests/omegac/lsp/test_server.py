"""The language server as an editor has it: a real process that is spoken to over standard input and output."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from omegac.formatting import formatted
from omegac.source import Source
from tests.support import ROOT
from tests.support.command import environment
from tests.support.language_client import LanguageClient, RequestFailed, language_server, marked, ranged

_numbers = count(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace: a library, a program that imports it, and one that includes a file."""
    root = tmp_path_factory.mktemp("work space")
    (root / "text").mkdir()
    (root / "text" / "tools.omega").write_text(TOOLS)
    (root / "main.omega").write_text(MAIN)
    (root / "including.omega").write_text('(include "part.omega")\n(display (helper 1))\n')
    (root / "part.omega").write_text('(define (helper n)\n  "Helps."\n  (+ n 1))\n')
    return root


TOOLS = """(define (shout text)
  "The text, louder."
  (string-append text "!"))
(define (unused) 1)
(define-syntax twice
  (syntax-rules () ((_ e) (begin e e))))
"""
MAIN = '(import (text tools))\n(twice (display (shout "a")))\n'


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[LanguageClient]:
    with language_server(folder) as client:
        client.initialize(folder, checkPage="https://example.org/check")
        yield client


def opened(client: LanguageClient, text: str) -> str:
    """A new document that is in no file."""
    uri = f"untitled:Untitled-{next(_numbers)}"
    client.open(uri, text)
    return uri


def test_what_it_can() -> None:
    with language_server() as client:
        found = client.initialize()["capabilities"]
    assert found["positionEncoding"] == "utf-16"
    assert found["textDocumentSync"]["change"] == 1
    assert found["renameProvider"] == {"prepareProvider": True}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(define x 1)\nx\n", []),
        ("(car", [("(", 1, None, "unbalanced parentheses: this ( is never closed\nadd the missing )")]),
        ('(display "😀") (zzzz)', [("zzzz", 1, None, "unbound variable: zzzz")]),
        (
            "(if)\r\n\r\n  (zzzz)",
            [
                ("(if)", 1, None, "malformed if: expected (if test then [otherwise])"),
                ("zzzz", 1, None, "unbound variable: zzzz"),
            ],
        ),
        ('(display (effect infer.op "a"))', [('(effect infer.op "a")', 2, "OM101", None)]),
        ('(define x "\u2028") \r(zzzz)', [("zzzz", 1, None, "unbound variable: zzzz")]),
    ],
)
def test_findings(client: LanguageClient, text: str, expected: list[Any]) -> None:
    uri = opened(client, text)
    found = client.diagnostics(uri)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    for finding, (part, severity, code, message) in zip(found, expected, strict=True):
        assert ranged(lines, finding["range"]) == part
        assert (finding["severity"], finding.get("code"), finding["source"]) == (severity, code, "omegac")
        assert message is None or finding["message"] == message
        if code:
            assert finding["codeDescription"] == {"href": f"https://example.org/check#{code.lower()}"}


def test_findings_follow_changes(client: LanguageClient) -> None:
    uri = opened(client, "(foo)")
    assert len(client.diagnostics(uri)) == 1
    for text in ("(f", "(fo", "(car '(1))"):
        client.change(uri, text)
    assert client.diagnostics(uri) == []
    client.notify("textDocument/didClose", textDocument={"uri": uri})
    del client.versions[uri]
    assert client.diagnostics(uri) == []


def test_findings_of_files_that_are_brought_in(client: LanguageClient, folder: Path) -> None:
    path = folder / "bad.omega"
    (folder / "worse.omega").write_text("(define (f) (if))\n")
    client.open(path.as_uri(), '1\n(include "worse.omega")\n')
    [found] = client.diagnostics(path.as_uri())
    assert ranged('1\n(include "worse.omega")', found["range"]) == "include"
    assert f"{folder / 'worse.omega'}:1:13: malformed if" in found["message"]
    (folder / "worse.omega").write_text("(define (f) 1)\n")
    client.notify("textDocument/didSave", textDocument={"uri": path.as_uri()})
    assert client.diagnostics(path.as_uri()) == []


def test_the_projects_configuration_holds(client: LanguageClient, folder: Path) -> None:
    (folder / "quiet").mkdir()
    (folder / "quiet" / "pyproject.toml").write_text('[tool.omegac.check]\nignore = ["OM101"]\n')
    uri = (folder / "quiet" / "a.omega").as_uri()
    client.open(uri, '(display (effect infer.op "a"))')
    assert client.diagnostics(uri) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '(define (f x)\n  "Doubles."\n  (* 2 x))\n(¦f 1)',
            "```lisp\n(f x)\n```\n\nDoubles.\n\nEffects: pure\n\nCost: calls no model",
        ),
        (
            "(define (ask¦ docs)\n  (for-each (lambda (doc) (effect infer.op doc max-tokens: 9)) docs))",
            (
                "```lisp\n(ask docs)\n```\n\nEffects: infer\n\nCost:\n"
                "- calls: len(docs)\n- tokens: at most len(docs)·(bytes(docs[]) + 41)"
            ),
        ),
        ("(define f (lambda (a b) a))\n(f¦ 1 2)", "```lisp\n(f a b)\n```\n\nEffects: pure\n\nCost: calls no model"),
        ("(define x 5)\n¦x", "```lisp\nx\n```\n\nvariable"),
        ("(let ((😀 1))\n  (+ 😀¦ 1))", "```lisp\n😀\n```\n\nlocal variable, line 1"),
        (
            "(define-record-type point (make-point x) point? (x point-x))\n(point-x¦ 1)",
            "```lisp\npoint-x\n```\n\nvariable, line 1",
        ),
        ("(define-syntax m (syntax-rules () ((_) 1)))\n(m¦)", "```lisp\nm\n```\n\nmacro"),
        ('(¦string-upcase "a")', "```lisp\n(string-upcase text)\n```\n\nThe string in upper case.\n\nEffects: pure"),
        (
            "(¦if 1 2)",
            (
                "```lisp\n(if test then [otherwise])\n```\n\n"
                "Two branches; without the second one the value is unspecified."
            ),
        ),
        ("(foo¦)", None),
        ("'(car¦)", None),
        ("; car¦", None),
        ("¦", None),
    ],
)
def test_hover(client: LanguageClient, text: str, expected: str | None) -> None:
    plain, position = marked(text)
    found = client.at("hover", opened(client, plain), position)
    assert (found and found["contents"]["value"]) == expected


def test_hover_on_names_of_other_files(client: LanguageClient, folder: Path) -> None:
    main, including = folder / "main.omega", folder / "including.omega"
    for path in (main, including):
        client.open(path.as_uri(), path.read_text())
    _, position = marked(MAIN.replace("(shout", "(sh¦out"))
    text = client.at("hover", main.as_uri(), position)["contents"]["value"]
    assert text.startswith("```lisp\n(shout text)\n```\n\nThe text, louder.\n\nfrom `text.tools`\n\nEffects: pure")
    _, position = marked(including.read_text().replace("(helper", "(he¦lper"))
    text = client.at("hover", including.as_uri(), position)["contents"]["value"]
    assert text == "```lisp\n(helper n)\n```\n\nHelps.\n\nEffects: pure\n\nCost: calls no model"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("(define (f) 1)\n(define (g) (¦f))", 0),
        ("(define x 1)\n(let ((x 2))\n  ¦x)", 1),
        ("(define x 1)\n(let ((x 2)) x)\n¦x", 0),
        ("(define (f)\n  (define h 1)\n  (+ ¦h 1))", 1),
        ("(define-record-type point\n  (make-point x)\n  point?\n  (x point-x))\n(¦point-x 1)", 3),
        ("(define-syntax m\n  (syntax-rules () ((_) 1)))\n(¦m)", 0),
        ("(define (f a)\n  (foo\n  (+ ¦a 1)", 0),
        ("(define (f a) (foo\n(define (g b)\n  (+ ¦b 1))", 1),
        ("(¦car '(1))", None),
    ],
)
def test_definitions(client: LanguageClient, text: str, line: int | None) -> None:
    plain, position = marked(text)
    uri = opened(client, plain)
    found = client.at("definition", uri, position)
    assert (found and (found["uri"], found["range"]["start"]["line"])) == (None if line is None else (uri, line))


@pytest.mark.parametrize(
    ("file", "before", "target", "line"),
    [
        ("main.omega", "(sh¦out", "text/tools.omega", 0),
        ("main.omega", "(tw¦ice", "text/tools.omega", 4),
        ("including.omega", "(he¦lper", "part.omega", 0),
    ],
)
def test_definitions_in_other_files(
    client: LanguageClient, folder: Path, file: str, before: str, target: str | None, line: int | None
) -> None:
    text = (folder / file).read_text()
    client.open((folder / file).as_uri(), text)
    _, position = marked(text.replace(before.replace("¦", ""), before, 1))
    found = client.at("definition", (folder / file).as_uri(), position)
    assert (found and (found["uri"], found["range"]["start"]["line"])) == (
        None if target is None else ((folder / target).as_uri(), line)
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("(define (f x) x)\n(f 1)\n(let ((f 2)) f)\n(¦f 2)\n'f", [0, 1, 3]),
        ("(define x 1)\n(define (f ¦x)\n  (set! x 2)\n  x)\nx", [1, 2, 3]),
        ("(define (helper) 1)\n(define-syntax m (syntax-rules () ((_)\n  (helper))))\n(m)\n(¦helper)", [0, 2, 4]),
        ("(¦car '(1))\n(car '(2))", [0, 1]),
        ("(define x 1)\n; ¦x", []),
    ],
)
def test_references(client: LanguageClient, text: str, lines: list[int]) -> None:
    plain, position = marked(text)
    uri = opened(client, plain)
    found = client.at("references", uri, position, context={"includeDeclaration": True})
    assert [each["range"]["start"]["line"] for each in found] == lines
    assert len(client.at("documentHighlight", uri, position)) == len(lines)


def test_references_in_the_workspace(client: LanguageClient, folder: Path) -> None:
    uri = (folder / "text" / "tools.omega").as_uri()
    client.open(uri, TOOLS)
    _, position = marked(TOOLS.replace("(shout", "(sh¦out"))
    found = client.at("references", uri, position, context={"includeDeclaration": False})
    assert [(each["uri"], each["range"]["start"]["line"]) for each in found] == [((folder / "main.omega").as_uri(), 1)]
    with pytest.raises(RequestFailed, match="shout is also used in .*main.omega:2; a name is changed in one file only"):
        client.at("rename", uri, position, newName="cry")


@pytest.mark.parametrize(
    ("file", "before", "user"),
    [
        ("text/tools.omega", "(define-syntax tw¦ice", "main.omega:2"),
        ("part.omega", "(define (he¦lper", "including.omega:2"),
    ],
)
def test_names_that_other_files_use_stay(
    client: LanguageClient, folder: Path, file: str, before: str, user: str
) -> None:
    text = (folder / file).read_text()
    client.open((folder / file).as_uri(), text)
    _, position = marked(text.replace(before.replace("¦", ""), before, 1))
    with pytest.raises(RequestFailed, match=f"is also used in .*{user}; a name is changed in one file only"):
        client.at("rename", (folder / file).as_uri(), position, newName="other")


def test_a_file_whose_import_has_errors_is_looked_at_all_the_same(client: LanguageClient, folder: Path) -> None:
    (folder / "broken.omega").write_text("(define (f) (if))\n")
    plain, position = marked("(import (broken))\n(define (own x) x)\n(o¦wn 1)\n")
    uri = (folder / "using.omega").as_uri()
    client.open(uri, plain)
    [found] = client.diagnostics(uri)
    assert "malformed if" in found["message"]
    assert found["range"]["start"]["line"] == 0
    assert client.at("definition", uri, position)["range"]["start"]["line"] == 1


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("(define (f x) (* x x))\n(¦f 1)\n'f", "g", "(define (g x) (* x x))\n(g 1)\n'f"),
        ("(define x 1)\n(define (f ¦x) (set! x 2) x)\nx", "y", "(define x 1)\n(define (f y) (set! y 2) y)\nx"),
        ("(let loop ((i 0)) (if (< i 3) (¦loop (+ i 1))))", "go", "(let go ((i 0)) (if (< i 3) (go (+ i 1))))"),
        (
            "(define (h) 1)\n(define-syntax m (syntax-rules () ((_) (h))))\n(m)\n(¦h)",
            "k",
            "(define (k) 1)\n(define-syntax m (syntax-rules () ((_) (k))))\n(m)\n(k)",
        ),
        (
            "(define-syntax ¦sw! (syntax-rules () ((_ a b) (list b a))))\n(sw! 1 2)",
            "swap!",
            "(define-syntax swap! (syntax-rules () ((_ a b) (list b a))))\n(swap! 1 2)",
        ),
        ('(let ((😀 "😀")) (list 😀 ¦😀))', "x", '(let ((x "😀")) (list x x))'),
        ("(define |a b| 1)\n¦|a b|", "ab", "(define ab 1)\nab"),
        ("(define ¦x 1)\n(foo x)", "y", "(define y 1)\n(foo y)"),
        (
            "(define-record-type point (make-point x) point? (x ¦point-x))\n(point-x (make-point 1))",
            "abscissa",
            "(define-record-type point (make-point x) point? (x abscissa))\n(abscissa (make-point 1))",
        ),
        (
            "(define-library (a) (export f) (begin (define (¦f) 1) (define (g) (f))))\n(import (a))\n(f)",
            "h",
            "(define-library (a) (export h) (begin (define (h) 1) (define (g) (h))))\n(import (a))\n(h)",
        ),
        ("(match '(1 2) ((a ¦b) (+ a b)))", "c", "(match '(1 2) ((a c) (+ a c)))"),
        ("(guard (¦e (#t e)) (raise 1))", "x", "(guard (x (#t x)) (raise 1))"),
        ("(handle (f) (on ask (q ¦k) (k q)))", "go", "(handle (f) (on ask (q go) (go q)))"),
        ("(do ((¦i 0 (+ i 1))) ((= i 3) i) (display i))", "n", "(do ((n 0 (+ n 1))) ((= n 3) n) (display n))"),
        ("(define (f #;(x) ¦y) `(y ,y ,@y))", "z", "(define (f #;(x) z) `(y ,z ,@z))"),
        ("#!fold-case\n(define ABC 1)\n(list abc ¦Abc)", "d", "#!fold-case\n(define d 1)\n(list d d)"),
    ],
)
def test_renaming(client: LanguageClient, text: str, name: str, expected: str) -> None:
    plain, position = marked(text)
    uri = opened(client, plain)
    assert client.at("prepareRename", uri, position) is not None
    edits = client.at("rename", uri, position, newName=name)["changes"][uri]
    for edit in sorted(edits, key=lambda each: (each["range"]["start"]["line"], -each["range"]["start"]["character"])):
        # From the end of each line, so that places stay right.
        lines = plain.split("\n")
        row, start, end = edit["range"]["start"]["line"], *(edit["range"][one]["character"] for one in ("start", "end"))
        units = lines[row].encode("utf-16-le")
        lines[row] = (units[: 2 * start] + name.encode("utf-16-le") + units[2 * end :]).decode("utf-16-le")
        plain = "\n".join(lines)
    assert plain == expected


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("(¦car '(1))", "first", "car is a procedure of the library"),
        ("(¦if 1 2)", "when", "if is a form of the language"),
        ("(¦foo)", "bar", "foo is not defined"),
        ("; ¦x", "y", "there is no name here that the compiler knows"),
        ("(define ¦x 1)", "a b", "a b is no name; take a word without blanks, parentheses and quotes"),
        ("(define ¦x 1)", "5", "5 is no name; take a word without blanks, parentheses and quotes"),
        ("(define ¦x 1)", "", " is no name; take a word without blanks, parentheses and quotes"),
        ("(define (¦f) 1)", "define", "define is a form of the language; take another name"),
        ("(define ¦x 1)\n(if)", "y", "this file has errors; mend them first"),
        ("(define ¦x 1)\n(foo", "y", "this file has errors; mend them first"),
        ("(define ¦x 1)\n(foo)", "foo", "foo would mean something else"),
        ("(define-macro (m) '(list x))\n(define ¦x 1)\n(display (m))", "y", "y would mean something else"),
        ("(define ¦x 1)\n(define y 2)", "y", "y would mean something else"),
        ("(define ¦x 1)\n(let ((y 2)) (+ x y))", "y", "y would mean something else"),
        ("(define (f ¦x) (let ((y 1)) (+ x y)))", "y", "y would mean something else"),
        ("(define (f ¦x) (list x))", "list", "list would mean something else"),
        ("(define (f ¦x) (if x 1 2))", "if", "if is a form of the language"),
    ],
)
def test_names_that_stay(client: LanguageClient, text: str, name: str, message: str) -> None:
    plain, position = marked(text)
    uri = opened(client, plain)
    with pytest.raises(RequestFailed) as failed:
        client.at("rename", uri, position, newName=name)
    assert str(failed.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "some", "none"),
    [
        ("(define (f long-name) (lo¦", ["long-name", "log"], ["length"]),
        ("(define (f aaa) aaa)\n(define (g abc) (¦))", ["abc", "f", "g", "if", "car"], ["aaa", "…"]),
        ("(let ((abc 1)) (let ((x (¦", ["abc", "car"], []),
        ("(define (f abc)\n  (if ¦))\n\n(define later 1)", ["abc", "later"], []),
        ("(define (f abc)\n  (if ¦\n\n(define later 1)", ["abc", "later"], []),
        ("(let ((😀a 1)) 😀¦)", ["😀a"], ["car"]),
        ("(wi¦", ["with-budget"], ["car"]),
        ("(handle (f) (on ask (question k) (¦)))", ["question", "k"], []),
        ('"(ca¦"', [], ["car"]),
        ("; (ca¦", [], ["car"]),
        ("#| (ca¦ |#", [], ["car"]),
        ("(display #\\sp¦", [], ["sp"]),
        ("¦", ["define", "car"], []),
    ],
)
def test_completion(client: LanguageClient, text: str, some: list[str], none: list[str]) -> None:
    plain, position = marked(text)
    items = client.at("completion", opened(client, plain), position)["items"]
    labels = [each["label"] for each in items]
    assert [each for each in some if each not in labels] == []
    assert [each for each in none if each in labels] == []
    assert len(labels) == len(set(labels))
    assert bool(labels) == bool(some)


def test_completion_puts_what_is_near_first_and_tells_more_when_asked(client: LanguageClient) -> None:
    plain, position = marked("(define (f card) (car¦))")
    items = client.at("completion", opened(client, plain), position)["items"]
    names = [each["label"] for each in sorted(items, key=lambda each: each["sortText"])]
    assert names[:2] == ["card", "car"]
    car = next(each for each in items if each["label"] == "car")
    assert ranged(plain, car["textEdit"]["range"]) == "car"
    assert client.request("completionItem/resolve", **car)["documentation"]["value"].startswith("```lisp\n(car pair)")


def test_symbols(client: LanguageClient) -> None:
    text = (
        "(define x 1)\n(define (f a)\n  (define h 1)\n  h)\n(define-record-type point (make-point x) point? (x px))\n"
        '(define-syntax m (syntax-rules () ((_) 1)))\n(define-tool (t (a number)) "Does." a)\n(define (g'
    )
    found = client.request("textDocument/documentSymbol", textDocument={"uri": opened(client, text)})
    assert [(each["name"], each["kind"]) for each in found] == [
        ("x", 13),
        ("f", 12),
        ("point", 23),
        ("m", 25),
        ("t", 12),
        ("g", 12),
    ]
    assert [each["name"] for each in found[1]["children"]] == ["h"]
    assert ranged(text, found[1]["range"]) == "(define (f a)\n  (define h 1)\n  h)"
    assert ranged(text, found[1]["selectionRange"]) == "f"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(f\n a)\n", "(f\n  a)\n"),
        ("a\n( f )\nb\n", "a\n(f)\nb\n"),
        ("( a )", "(a)\n"),
        ("(a)\n", None),
        ("(a", None),
        ("a\n\n\n\n\nb\n", "a\n\n\nb\n"),
        ("", None),
    ],
)
def test_layout(client: LanguageClient, text: str, expected: str | None) -> None:
    uri = opened(client, text)
    options = {"tabSize": 2, "insertSpaces": True}
    edits = client.request("textDocument/formatting", textDocument={"uri": uri}, options=options)
    if expected is None:
        assert edits == []
        return
    [edit] = edits
    part = ranged(text, edit["range"])
    start = sum(len(line) + 1 for line in text.split("\n")[: edit["range"]["start"]["line"]])
    assert text[:start] + edit["newText"] + text[start + len(part) :] == expected == formatted(Source("a", text))


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("(define (f x)\n¦", 2),
        ("(list 1\n  ¦2)", 6),
        ("(list 1\n      ¦2)", None),
        ("(define x\r\n¦\r\n(f)", 2),
        ('"a\n¦', None),
        ("(f)\n    ¦", 0),
    ],
)
def test_where_a_new_line_begins(client: LanguageClient, text: str, column: int | None) -> None:
    plain, position = marked(text)
    options = {"tabSize": 2, "insertSpaces": True}
    edits = client.at("onTypeFormatting", opened(client, plain), position, ch="\n", options=options)
    assert [each["newText"] for each in edits] == ([] if column is None else [" " * column])


HOSTILE = [
    "(" * 5_000,
    ")" * 100,
    '"' + "a" * 1_000,
    "#|" * 100,
    "\x00\ud800",
    "(define-syntax m (syntax-rules () ((_ a ...) (m a ... a ...))))\n(m 1)",
    "(define-macro (m) (let loop () (loop)))\n(m)",
    "(define (f . ) (let ((a)) (define)))",
    "#0=#0#",
    '(include "/nowhere") (import (no where)) (require-omega 5)',
    "(define-library)",
    "(define)(define ())(define (()))(lambda)(let loop)",
    "'",
    "(define-record-type)",
    "[{]}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_it_outlives_every_text(client: LanguageClient, text: str) -> None:
    uri = opened(client, text)
    client.diagnostics(uri)
    where = {"line": 0, "character": min(3, len(text))}
    for method in ("hover", "definition", "completion"):
        client.at(method, uri, where)
    client.at("references", uri, where, context={"includeDeclaration": True})
    client.request("textDocument/documentSymbol", textDocument={"uri": uri})
    assert client.at("hover", opened(client, "(car '(1))"), {"line": 0, "character": 2}) is not None


def test_every_beginning_of_a_program_is_taken(client: LanguageClient) -> None:
    text = (ROOT / "examples" / "chat.omega").read_text()
    uri = opened(client, "")
    for end in range(0, len(text), 37):
        client.change(uri, text[:end])
        position = marked(text[:end] + "¦")[1]
        client.at("completion", uri, position)
        client.at("hover", uri, position)
    client.change(uri, text)
    assert client.diagnostics(uri) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_encodings(encoding: str) -> None:
    with language_server() as client:
        assert client.initialize(encodings=[encoding])["capabilities"]["positionEncoding"] == encoding
        uri = opened(client, '(list "😀" (foo))')
        [found] = client.diagnostics(uri)
        start = {"utf-8": 14, "utf-16": 12, "utf-32": 11}[encoding]
        assert found["range"]["start"] == {"line": 0, "character": start}


def test_files_that_are_not_there(client: LanguageClient, folder: Path) -> None:
    uri = (folder / "not-yet.omega").as_uri()
    client.open(uri, "(import (text tools))\n(shout 1)\n")
    assert client.diagnostics(uri) == []
    assert client.at("definition", uri, {"line": 1, "character": 2})["uri"].endswith("tools.omega")


def test_it_ends_when_its_client_is_gone() -> None:
    command = [sys.executable, "-m", "omegac", "lsp", "--stdio"]
    done = subprocess.run(command, input=b"", capture_output=True, env=environment(), timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def test_what_is_missing_is_told() -> None:
    program = (
        "import sys; sys.modules['pygls'] = None; from omegac.cli import main; sys.argv = ['omegac', 'lsp']; main()"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert (done.returncode, done.stderr) == (2, "omegac: the language server needs pygls: pip install 'omegac[lsp]'\n")
