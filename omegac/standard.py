"""What the libraries of R7RS and of the SRFIs export; all of it that Omega has is visible without any import, too."""

from __future__ import annotations

_BASE = """
    * + - / < <= = => > >= _ abs and append apply assoc assq assv begin binary-port? boolean=? boolean? bytevector
    bytevector-append bytevector-copy bytevector-copy! bytevector-length bytevector-u8-ref bytevector-u8-set!
    bytevector? caar cadr call-with-current-continuation call-with-port call-with-values call/cc car case cdar cddr
    cdr ceiling char->integer char-ready? char<=? char<? char=? char>=? char>? char? close-input-port
    close-output-port close-port complex? cond cond-expand cons current-error-port current-input-port
    current-output-port define define-record-type define-syntax define-values denominator do dynamic-wind else
    eof-object eof-object? eq? equal? eqv? error error-object-irritants error-object-message error-object? even?
    exact exact-integer-sqrt exact-integer? exact? expt features file-error? floor floor-quotient floor-remainder
    floor/ flush-output-port for-each gcd get-output-bytevector get-output-string guard if include include-ci
    inexact inexact? input-port-open? input-port? integer->char integer? lambda lcm length let let* let*-values
    let-syntax let-values letrec letrec* letrec-syntax list list->string list->vector list-copy list-ref list-set!
    list-tail list? make-bytevector make-list make-parameter make-string make-vector map max member memq memv min
    modulo negative? newline not null? number->string number? numerator odd? open-input-bytevector open-input-string
    open-output-bytevector open-output-string or output-port-open? output-port? pair? parameterize peek-char peek-u8
    positive? procedure? quasiquote quote quotient raise raise-continuable rational? rationalize read-bytevector
    read-bytevector! read-char read-error? read-line read-string read-u8 real? remainder reverse round set! set-car!
    set-cdr! square string string->list string->number string->symbol string->utf8 string->vector string-append
    string-copy string-copy! string-fill! string-for-each string-length string-map string-ref string-set! string<=?
    string<? string=? string>=? string>? string? substring symbol->string symbol=? symbol? syntax-error syntax-rules
    textual-port? truncate truncate-quotient truncate-remainder truncate/ u8-ready? unless unquote unquote-splicing
    utf8->string values vector vector->list vector->string vector-append vector-copy vector-copy! vector-fill!
    vector-for-each vector-length vector-map vector-ref vector-set! vector? when with-exception-handler
    write-bytevector write-char write-string write-u8 zero? ...
"""
_CXR = """
    caaaar caaadr caaar caadar caaddr caadr cadaar cadadr cadar caddar cadddr caddr cdaaar cdaadr cdaar cdadar
    cdaddr cdadr cddaar cddadr cddar cdddar cddddr cdddr
"""
_FILE = """
    call-with-input-file call-with-output-file delete-file file-exists? open-binary-input-file
    open-binary-output-file open-input-file open-output-file with-input-from-file with-output-to-file
"""
_CHAR = """
    char-alphabetic? char-ci<=? char-ci<? char-ci=? char-ci>=? char-ci>? char-downcase char-foldcase
    char-lower-case? char-numeric? char-upcase char-upper-case? char-whitespace? digit-value string-ci<=?
    string-ci<? string-ci=? string-ci>=? string-ci>? string-downcase string-foldcase string-upcase
"""
_INEXACT = "acos asin atan cos exp finite? infinite? log nan? sin sqrt tan"
_LISTS = """
    alist-cons alist-copy alist-delete alist-delete! any append append! append-map append-map! append-reverse
    append-reverse! assoc assq assv break break! caaaar caaadr caaar caadar caaddr caadr caar cadaar cadadr cadar
    caddar cadddr caddr cadr car car+cdr cdaaar cdaadr cdaar cdadar cdaddr cdadr cdar cddaar cddadr cddar cdddar
    cddddr cdddr cddr cdr circular-list circular-list? concatenate concatenate! cons cons* count delete delete!
    delete-duplicates delete-duplicates! dotted-list? drop drop-right drop-right! drop-while eighth every fifth
    filter filter! filter-map find find-tail first fold fold-right for-each fourth iota last last-pair length
    length+ list list-copy list-index list-ref list-tabulate list= lset-adjoin lset-diff+intersection
    lset-difference lset-intersection lset-union lset-xor lset<= lset= make-list map map! map-in-order member memq
    memv ninth not-pair? null-list? null? pair-fold pair-fold-right pair-for-each pair? partition partition!
    proper-list? reduce reduce-right remove remove! reverse reverse! second set-car! set-cdr! seventh sixth span
    span! split-at split-at! take take! take-right take-while take-while! tenth third unfold unfold-right unzip1
    unzip2 unzip3 unzip4 unzip5 xcons zip
"""
_TABLES = """
    alist->hash-table hash hash-by-identity hash-table->alist hash-table-copy hash-table-delete!
    hash-table-equivalence-function hash-table-exists? hash-table-fold hash-table-hash-function hash-table-keys
    hash-table-merge! hash-table-ref hash-table-ref/default hash-table-set! hash-table-size hash-table-update!
    hash-table-update!/default hash-table-values hash-table-walk hash-table? make-hash-table string-ci-hash
    string-hash
"""
_R5RS = """
    exact->inexact inexact->exact interaction-environment load null-environment scheme-report-environment delay
    force eval display read write
"""
_LIBRARIES = {
    "scheme base": _BASE,
    "scheme case-lambda": "case-lambda",
    "scheme char": _CHAR,
    "scheme complex": "angle imag-part magnitude make-polar make-rectangular real-part",
    "scheme cxr": _CXR,
    "scheme eval": "environment eval",
    "scheme file": _FILE,
    "scheme inexact": _INEXACT,
    "scheme lazy": "delay delay-force force make-promise promise?",
    "scheme load": "load",
    "scheme process-context": "command-line emergency-exit exit get-environment-variable get-environment-variables",
    "scheme r5rs": _BASE + _CXR + _FILE + _CHAR + _INEXACT + _R5RS,
    "scheme read": "read",
    "scheme repl": "interaction-environment",
    "scheme time": "current-jiffy current-second jiffies-per-second",
    "scheme write": "display write write-shared write-simple",
    "srfi 1": _LISTS,
    "srfi 2": "and-let*",
    "srfi 6": "get-output-string open-input-string open-output-string",
    "srfi 8": "receive",
    "srfi 9": "define-record-type",
    "srfi 11": "let*-values let-values",
    "srfi 16": "case-lambda",
    "srfi 23": "error",
    "srfi 30": "",
    "srfi 34": "guard raise with-exception-handler",
    "srfi 39": "make-parameter parameterize",
    "srfi 45": "delay force make-promise",
    "srfi 62": "",
    "srfi 69": _TABLES,
    "srfi 87": "=> case",
    "srfi 95": "merge merge! sort sort! sorted?",
}
STANDARD = {tuple(name.split()): frozenset(names.split()) for name, names in _LIBRARIES.items()}
"""The exports of each library, by its name; (omega …) are all that Omega has."""

PREFIXES: dict[tuple[str, ...], str] = {
    ("srfi", "13"): "string",
    ("srfi", "125"): "hash-table",
    ("srfi", "133"): "vector",
}
"""Libraries of which Omega has a part: what the names of their exports begin with."""
