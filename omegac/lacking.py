"""What Schemes have and Omega lacks: names that deserve a better word than "unbound"."""

from __future__ import annotations

_SYNTAX = """
    and-let* case-lambda cons-stream define-integrable define-structure
    fluid-let let/cc named-lambda rec
    rsc-macro-transformer sc-macro-transformer syntax-case the-environment
"""
_PROCEDURES = """
    alist-copy angle arithmetic-shift assertion-violation binary-port? bitwise-and bitwise-not bitwise-or bitwise-xor
    bytevector bytevector-append bytevector-copy bytevector-copy! bytevector-length bytevector-u8-ref
    bytevector-u8-set! bytevector? call-with-input-file call-with-output-file call-with-port char-ci<=? char-ci>=?
    char-ci>? del-assoc del-assq del-assv delete-file denominator
    get-environment-variables get-output-bytevector imag-part input-port-open? load
    lset-adjoin lset-difference lset-intersection lset-union make-bytevector make-polar make-rectangular numerator
    open-binary-input-file open-binary-output-file open-input-bytevector open-input-file open-output-bytevector
    open-output-file output-port-open? peek-u8 pp rationalize read read-bytevector read-bytevector! read-u8 real-part
    span stream-car stream-cdr stream-head stream-pair? stream-tail string-ci<=? string-ci>=?
    string-ci>? string-copy! string-fill! string-set! u8-ready? unfold-right vector-binary-search vector-count
    vector-index with-input-from-file with-output-to-file within-continuation write-bytevector write-shared write-u8
    zip
"""
SYNTAX = frozenset(_SYNTAX.split())
PROCEDURES = frozenset(_PROCEDURES.split())
_MENDS = {
    "case-lambda": "take the arguments as a list, (lambda arguments …), and branch on its length",
    "call-with-input-file": "(effect file.read.op path) gives the text of a file",
    "call-with-output-file": "(effect file.write.op path text) writes a file",
    "fluid-let": "a parameter and parameterize do this",
    "let/cc": "(call/cc (lambda (k) …)) does this",
    "named-lambda": "(letrec ((name (lambda (parameter …) body …))) name) does this",
    "open-input-file": "(effect file.read.op path) gives the text of a file",
    "open-output-file": "(effect file.write.op path text) writes a file",
    "rsc-macro-transformer": "(make-transformer procedure) does this, without the environment",
    "sc-macro-transformer": "(er-macro-transformer procedure) does this",
    "string-copy!": "strings don't change; make a new one with string-append and substring",
    "string-fill!": "strings don't change; make a new one with make-string",
    "string-set!": "strings don't change; make a new one with string-append and substring",
    "with-input-from-file": "(effect file.read.op path) gives the text of a file",
    "with-output-to-file": "(effect file.write.op path text) writes a file",
    "write-shared": "write prints data without cycles",
}


def is_lacking(name: str) -> bool:
    """Whether Schemes have a name that Omega lacks."""
    return name in SYNTAX or name in PROCEDURES


def lack_of(name: str) -> tuple[str, str | None]:
    """The message for such a name, and how to do without, where that is known."""
    return f"omegac doesn't have {name} yet", _MENDS.get(name)
