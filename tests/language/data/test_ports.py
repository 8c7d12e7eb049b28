"""Ports onto strings, bytevectors and files; reading and writing data."""

from __future__ import annotations

from pathlib import Path

import pytest
from omega_runtime.settings import configure

from tests.support.omega import error_of, output_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(define p (open-input-string "ab\ncd")) (let* ((a (peek-char p)) (b (read-char p)) (c (read-line p)) (d (read-string 5 p))) (list a b c d (eof-object? (read-char p)))) ⇒ (#\a #\a "b" "cd" #t)
(define p (open-input-string "")) (map eof-object? (list (read-char p) (peek-char p) (read-line p) (read-string 1 p) (read p))) ⇒ (#t #t #t #t #t)
(define p (open-input-string "\n\na")) (let* ((a (read-line p)) (b (read-line p)) (c (read-line p))) (list a b c)) ⇒ ("" "" "a")
(define p (open-input-string "abc")) (list (read-string 0 p) (char-ready? p) (read-string 2 p)) ⇒ ("" #t "ab")
(eof-object? (eof-object))                              ⇒ #t
(define p (open-output-string)) (write 'a p) (write-string "xyz" p 1) (write-char #\! p) (newline p) (write-string "hello" p 1 3) (get-output-string p) ⇒ "ayz!\nel"
(with-output-to-string (lambda () (write "a") (display "b") (write-shared 'c))) ⇒ "\"a\"bc"
(call-with-output-string (lambda (p) (write '(1 "x" #\y) p))) ⇒ "(1 \"x\" #\\y)"
(with-input-from-string "1 (2)" (lambda () (let* ((a (read)) (b (read))) (list a b)))) ⇒ (1 (2))
(call-with-input-string "a b" (lambda (p) (read p) (read p))) ⇒ b
(define sb (string-builder)) (sb #\a) (sb "bc") (list (sb) (sb 'result)) ⇒ ("abc" "abc")
"""),  # noqa: E501
)
def test_string_ports(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(define p (open-input-bytevector #u8(1 2 3 4 5 6))) (let* ((a (peek-u8 p)) (b (read-u8 p)) (c (u8-ready? p)) (d (read-bytevector 3 p)) (e (read-bytevector 9 p))) (list a b c d e (eof-object? (read-u8 p)))) ⇒ (1 1 #t #u8(2 3 4) #u8(5 6) #t)
(define p (open-input-bytevector #u8())) (map eof-object? (list (read-u8 p) (peek-u8 p) (read-bytevector 1 p) (read-bytevector! (make-bytevector 1) p))) ⇒ (#t #t #t #t)
(define p (open-input-bytevector #u8(1 2 3))) (define v (make-bytevector 5 9)) (let* ((a (read-bytevector! v p 1 3)) (b (read-bytevector! v p)) (c (read-bytevector! v p 0 0))) (list a b c v)) ⇒ (2 1 0 #u8(3 1 2 9 9))
(read-bytevector 0 (open-input-bytevector #u8(1)))      ⇒ #u8()
(define p (open-output-bytevector)) (write-u8 7 p) (write-bytevector #u8(1 2 3) p) (write-bytevector #u8(1 2 3) p 1) (write-bytevector #u8(1 2 3) p 1 2) (flush-output-port p) (get-output-bytevector p) ⇒ #u8(7 1 2 3 2 3 2)
(parameterize ((current-input-port (open-input-bytevector #u8(5)))) (read-u8)) ⇒ 5
(define p (open-output-bytevector)) (parameterize ((current-output-port p)) (write-u8 5)) (get-output-bytevector p) ⇒ #u8(5)
(define v (bytevector 1 2)) (define p (open-input-bytevector v)) (bytevector-u8-set! v 0 9) (read-u8 p) ⇒ 1
"""),  # noqa: E501
)
def test_bytevector_ports(program: str, value: str) -> None:
    assert value_of(program) == value


PORTS = """
(define ports
  (list (open-input-string "x") (open-output-string) (open-input-bytevector #u8(1)) (open-output-bytevector)))
"""


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(map port? (cons 5 ports))                              ⇒ (#f #t #t #t #t)
(map input-port? (cons 5 ports))                        ⇒ (#f #t #f #t #f)
(map output-port? (cons 5 ports))                       ⇒ (#f #f #t #f #t)
(map textual-port? (cons 5 ports))                      ⇒ (#f #t #t #f #f)
(map binary-port? (cons 5 ports))                       ⇒ (#f #f #f #t #t)
(map port? (list (current-input-port) (current-output-port) (current-error-port))) ⇒ (#t #t #t)
(map input-port-open? (list (car ports) (caddr ports))) ⇒ (#t #t)
(map output-port-open? (list (cadr ports) (cadddr ports))) ⇒ (#t #t)
(begin (for-each close-port ports) (list (input-port-open? (car ports)) (output-port-open? (cadr ports)))) ⇒ (#f #f)
(begin (close-input-port (car ports)) (close-output-port (cadr ports)) (list (input-port-open? (car ports)) (output-port-open? (cadr ports)))) ⇒ (#f #f)
(begin (close-port (car ports)) (close-port (car ports)) (input-port-open? (car ports))) ⇒ #f
(list (call-with-port (car ports) read-char) (input-port-open? (car ports))) ⇒ (#\\x #f)
(begin (write 'kept (cadr ports)) (close-port (cadr ports)) (get-output-string (cadr ports))) ⇒ "kept"
"""),  # noqa: E501
)
def test_kinds_of_ports_and_closing(program: str, value: str) -> None:
    assert value_of(PORTS + program) == value


@pytest.mark.parametrize(
    ("program", "text"),
    table(r"""
(write '(a "b" #\c 1.5 |d e| k: #u8(1)))                ⇒ (a "b" #\c 1.5 |d e| k: #u8(1))
(display '(a "b" #\c 1.5 |d e|))                        ⇒ (a b c 1.5 d e)
(let ((x (list 'a 'b))) (set-cdr! (cdr x) x) (write x)) ⇒ #0=(a b . #0#)
(let ((x (list 'a 'b))) (set-cdr! (cdr x) x) (display x)) ⇒ #0=(a b . #0#)
(let ((x (list 'a 'b))) (set-cdr! (cdr x) x) (write-shared x)) ⇒ #0=(a b . #0#)
(let ((v (vector 1 2))) (vector-set! v 1 v) (write v))  ⇒ #0=#(1 #0#)
(let ((x '(a))) (write (list x x)))                     ⇒ ((a) (a))
(let ((x '(a))) (write-simple (list x x)))              ⇒ ((a) (a))
(let ((x '(a))) (write-shared (list x x)))              ⇒ (#0=(a) #0#)
(let ((x #(1)) (y '(z))) (write-shared (list x y x y))) ⇒ (#0=#(1) #1=(z) #0# #1#)
(let ((x '(b c))) (write-shared (cons x (cons 'a x))))  ⇒ (#0=(b c) a . #0#)
(let ((s "ab")) (write-shared (list s s 'x 'x)))        ⇒ ("ab" "ab" x x)
(write-shared ''(a))                                    ⇒ '(a)
(let* ((x '(a)) (q (list 'quote x))) (write-shared (list q x))) ⇒ ('#0=(a) #0#)
(write-shared 5)                                        ⇒ 5
"""),
)
def test_writing_data(program: str, text: str) -> None:
    assert output_of(program) == text


@pytest.mark.parametrize(
    ("program", "message"),
    table("""
(read-char (open-output-string))        ⇒ read-char: argument 1 must be a textual input port, but got #<output-port>
(read-char (open-input-bytevector #u8(1))) ⇒ read-char: argument 1 must be a textual input port, but got #<binary-input-port>
(read-u8 (open-input-string "a"))       ⇒ read-u8: argument 1 must be a binary input port, but got #<input-port>
(read-u8)                               ⇒ read-u8: argument 1 must be a binary input port, but got #<input-port>
(write-u8 256 (open-output-bytevector)) ⇒ write-u8: argument 1 must be an exact integer from 0 to 255, but got 256
(write 1 (open-output-bytevector))      ⇒ write: argument 2 must be a textual output port, but got #<binary-output-port>
(write-u8 1 (open-output-string))       ⇒ write-u8: argument 2 must be a binary output port, but got #<output-port>
(get-output-string (current-output-port)) ⇒ get-output-string: argument 1 must be a string output port, but got #<output-port>
(get-output-bytevector (open-output-string)) ⇒ get-output-bytevector: argument 1 must be a bytevector output port, but got #<output-port>
(close-input-port (open-output-string)) ⇒ close-input-port: argument 1 must be an input port, but got #<output-port>
(close-output-port 5)                   ⇒ close-output-port: argument 1 must be an output port, but got 5
(input-port-open? (open-output-string)) ⇒ input-port-open?: argument 1 must be an input port, but got #<output-port>
(call-with-port 5 list)                 ⇒ call-with-port: argument 1 must be a port, but got 5
(let ((p (open-input-string "a"))) (close-port p) (read p)) ⇒ read: the port is closed
(let ((p (open-input-bytevector #u8(1)))) (close-port p) (read-u8 p)) ⇒ read-u8: the port is closed
(let ((p (open-output-bytevector))) (close-port p) (write-u8 1 p)) ⇒ write-u8: the port is closed
(with-input-from-string 5 read)         ⇒ with-input-from-string: argument 1 must be a string, but got 5
(open-input-bytevector "a")             ⇒ open-input-bytevector: argument 1 must be a bytevector, but got "a"
((string-builder) 5)                    ⇒ string-builder: argument 1 must be a char, a string or the symbol result, but got 5
"""),  # noqa: E501
)
def test_errors(program: str, message: str) -> None:
    assert error_of(program) == message


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the program, in which it may write."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(call-with-output-file "f" (lambda (p) (write '(1 "λ") p) (newline p))) (call-with-input-file "f" read) ⇒ (1 "λ")
(with-output-to-file "f" (lambda () (display "one\ntwo"))) (with-input-from-file "f" (lambda () (read-line) (read-line))) ⇒ "two"
(define p (open-output-file "f")) (write-string "abc" p) (close-port p) (define q (open-input-file "f")) (let ((c (read-char q))) (close-input-port q) (list c (input-port-open? q))) ⇒ (#\a #f)
(define p (open-output-file "f")) (write-string "abc" p) (flush-output-port p) (define text (call-with-input-file "f" read-line)) (close-port p) text ⇒ "abc"
(with-output-to-file "f" (lambda () (display 1))) (with-output-to-file "f" (lambda () (display 2))) (call-with-input-file "f" read-line) ⇒ "2"
(with-output-to-file "f" (lambda () (display 1))) (with-output-to-file "f" (lambda () (display 2)) #t) (call-with-output-file "f" (lambda (p) (display 3 p)) #t) (call-with-input-file "f" read-line) ⇒ "123"
(define p (open-output-file "f" #t)) (write 'x p) (close-output-port p) (define q (open-output-file "f" #t)) (write 'y q) (close-port q) (call-with-input-file "f" read) ⇒ xy
(define p (open-binary-output-file "f")) (write-bytevector #u8(0 255 10 13) p) (close-port p) (read-bytevector 10 (open-binary-input-file "f")) ⇒ #u8(0 255 10 13)
(define p (open-binary-output-file "f" #t)) (write-u8 7 p) (close-port p) (read-u8 (open-binary-input-file "f")) ⇒ 7
(with-output-to-file "f" newline) (let ((before (file-exists? "f"))) (delete-file "f") (list before (file-exists? "f"))) ⇒ (#t #f)
(guard (e (#t 'left)) (call-with-output-file "f" (lambda (p) (write 'kept p) (raise 'oops)))) (call-with-input-file "f" read) ⇒ kept
(guard (e ((file-error? e) 'file)) (open-input-file "none")) ⇒ file
(guard (e ((file-error? e) 'file)) (delete-file "none")) ⇒ file
(guard (e ((file-error? e) 'file)) (open-output-file "no/folder")) ⇒ file
(list (call-with-output-file "f" (lambda (p) 'result)) (with-output-to-file "f" (lambda () 'other))) ⇒ (result other)
"""),  # noqa: E501
)
def test_files(program: str, value: str, folder: Path) -> None:
    with configure(allow={"write"}):
        assert value_of(f'(if (file-exists? "f") (delete-file "f")) {program}') == value


def test_text_of_a_file_has_newlines_only(folder: Path) -> None:
    (folder / "f").write_bytes(b"a\r\nb\rc")
    assert value_of('(read-string 9 (open-input-file "f"))') == '"a\\nb\\nc"'
    assert value_of('(read-bytevector 9 (open-binary-input-file "f"))') == "#u8(97 13 10 98 13 99)"


@pytest.mark.parametrize(
    ("program", "message"),
    table("""
(open-output-file "f")                  ⇒ open-output-file is off; allow it with --allow write or configure(allow={"write"})
(delete-file "f")                       ⇒ delete-file is off; allow it with --allow write or configure(allow={"write"})
(with-output-to-file "f" newline #t)    ⇒ with-output-to-file is off; allow it with --allow write or configure(allow={"write"})
(open-binary-output-file "f")           ⇒ open-binary-output-file is off; allow it with --allow write or configure(allow={"write"})
(open-input-file "f")                   ⇒ open-input-file: cannot read "f": No such file or directory; check the path and its permissions
(open-input-file 5)                     ⇒ open-input-file: argument 1 must be a string, but got 5
(call-with-input-file "f" 5)            ⇒ call-with-input-file: argument 2 must be a procedure, but got 5
(open-binary-input-file ".")            ⇒ open-binary-input-file: cannot read ".": it is a folder, no regular file
"""),  # noqa: E501
)
def test_files_that_programs_may_not_use(program: str, message: str, folder: Path) -> None:
    assert error_of(program) == message
    assert list(folder.iterdir()) == []


def test_files_elsewhere_are_not_read(folder: Path) -> None:
    (folder / "secret").write_text("x")
    (folder / "inner").mkdir()
    program = '(call-with-input-file "../secret" read)'
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "inner")
        assert error_of(program).startswith('call-with-input-file: "../secret" is neither below the current folder')
        with configure(allow={f"read={folder}"}):
            assert value_of(program) == "x"


def test_deleting_a_link_leaves_what_it_leads_to(folder: Path) -> None:
    (folder / "kept").write_text("x")
    (folder / "link").symlink_to("kept")
    with configure(allow={"write"}):
        value_of('(if (file-exists? "link") (delete-file "link"))')
    assert [each.name for each in folder.iterdir()] == ["kept"]


def test_a_text_that_is_no_utf_8_is_told(folder: Path) -> None:
    (folder / "f").write_bytes(b"ok\xff")
    expected = 'open-input-file: "f" is not UTF-8 text (byte 2); convert it first'
    assert error_of('(open-input-file "f")') == expected


def test_features() -> None:
    assert value_of("(if (memq 'r7rs (features)) (if (memq 'full-unicode (features)) 'both))") == "both"
