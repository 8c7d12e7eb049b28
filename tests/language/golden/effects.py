# Compiled by VERSION (interface 2) from effects.omega
# Source sha256:1f01e828622fbdc06871e4101dbe423c619765908b44008f7435ce2e98613736
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Calls to a model, with options and handlers; operations of the program's own."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 2, __name__, "effects.omega")

from omega_runtime.compiled import (
    Pair, Site, Symbol, TAIL, bounce, cadr, concurrent_map, display, effect, entry, handle, is_pair,
    list_, named, newline, perform, reserve, settle, string_append, until, void,
)

__all__ = ["summarize", "summarize_all", "refine", "with_answers"]
__omega_source__ = "effects.omega"
__omega_interface__ = {
    "exports": {
        "summarize": {"kind": "procedure", "arity": (1, 1), "row": "infer"},
        "summarize-all": {"kind": "procedure", "arity": (1, 1), "row": "infer"},
        "refine": {"kind": "procedure", "arity": (2, 2), "row": "infer"},
        "with-answers": {"kind": "procedure", "arity": (1, 1), "row": "pure", "calls": (0,)},
    },
}

REFUSED = Symbol("refused")
LIST = list_("b", "c")
WHAT = Symbol("what")
SITE_1 = Site("effects.omega", 3, 3, "infer.op", "summarize", 1)
SITE_2 = Site("effects.omega", 5, 27, "infer.op", "summarize-all", 1)
SITE_3 = Site("effects.omega", 9, 15, "infer.op", "refine", 1)
SITE_4 = Site("effects.omega", 14, 99, "ask.op", "", 1)
SITE_5 = Site("effects.omega", 15, 41, "ask.op", "", 2)


def summarize(document):
    hold = reserve(SITE_1, list_("Summary: ", document), 100, {"system": "Be brief."})
    while hold.open:
        try:
            reply = perform(hold)
        except BaseException as exc:
            hold = void(hold, exc)
        else:
            settle(hold, reply)
    return hold.value


@named("summarize-all")
def summarize_all(documents):
    def fn(document):
        hold = reserve(SITE_2, list_("Title: ", document))
        while hold.open:
            try:
                reply = perform(hold)
            except BaseException as exc:
                hold = void(hold, exc)
            else:
                settle(hold, reply)
        return hold.value

    return concurrent_map(fn, documents)


def refine(text, rounds):
    for rounds in until(+rounds, 0, -1):
        hold = reserve(SITE_3, string_append("Improve: ", text))
        while hold.open:
            try:
                reply = perform(hold)
            except BaseException as exc:
                hold = void(hold, exc)
            else:
                settle(hold, reply)
        text = hold.value
    return text


@named("with-answers")
def with_answers(thunk):
    def body_tail():
        return TAIL, thunk

    @entry(body_tail)
    def body():
        return bounce((TAIL, thunk))

    return handle(
        body,
        {
            "infer.op": lambda prompt, k: k(
                cadr(prompt) if type(prompt) is Pair or is_pair(prompt) else prompt
            ),
            "ask.op": lambda question, k: k(42) if isinstance(question, str) else REFUSED,
        },
    )


display(
    with_answers(
        lambda: list_(summarize("a"), summarize_all(LIST), refine("d", 2), effect(SITE_4, "n?")),
    ),
)
display(with_answers(lambda: list_(effect(SITE_5, WHAT))))
newline()


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 27:13:59 28:14:72 29:15:56 30:3:3 31:5:27 32:9:15 33:14:99 34:15:41 37:2:1 38:3:3 49:4:1
# 51:5:8 52:5:27 62:5:3 65:6:1 66:7:7 67:9:15 76:8:7 79:10:1 81:11:11 88:11:3 99:14:1 104:15:1
# 105:16:1
