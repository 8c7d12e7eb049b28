# Compiled by VERSION (interface 1) from effects.omega
# Source sha256:1f01e828622fbdc06871e4101dbe423c619765908b44008f7435ce2e98613736
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from effects.omega."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 1, __name__, "effects.omega")

from omega_runtime.compiled import (
    Pair, Site, Symbol, TAIL, bounce, cadr, concurrent_map, display, effect, entry, handle, is_pair,
    is_string, list_, named, newline, perform, reserve, settle, string_append, void,
)

__all__ = ["summarize", "summarize_all", "refine", "with_answers"]
__omega_source__ = "effects.omega"

REFUSED = Symbol("refused")
LIST = list_("b", "c")
WHAT = Symbol("what")
SITE_1 = Site("effects.omega", 3, 3, "infer.op", "summarize", 1)
SITE_2 = Site("effects.omega", 5, 27, "infer.op", "summarize-all", 1)
SITE_3 = Site("effects.omega", 9, 15, "infer.op", "refine", 1)
SITE_4 = Site("effects.omega", 14, 99, "ask.op", "", 1)
SITE_5 = Site("effects.omega", 15, 41, "ask.op", "", 2)


def summarize(document):
    hold = reserve(SITE_1, list_("Summary: ", document), max_tokens=100, system="Be brief.")
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
    while +rounds != 0:
        hold = reserve(SITE_3, string_append("Improve: ", text))
        while hold.open:
            try:
                reply = perform(hold)
            except BaseException as exc:
                hold = void(hold, exc)
            else:
                settle(hold, reply)
        text, rounds = hold.value, rounds - 1
    return text


@named("with-answers")
def with_answers(thunk):
    def body_tail():
        return TAIL, thunk

    @entry(body_tail)
    def body():
        return bounce(body_tail())

    return handle(
        body,
        {
            "infer.op": lambda prompt, k: k(cadr(prompt) if isinstance(prompt, Pair) or is_pair(prompt) else prompt),
            "ask.op": lambda question, k: k(42) if is_string(question) else REFUSED,
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
# 9:1:1 19:13:59 20:14:72 21:15:56 22:3:3 23:5:27 24:9:15 25:14:99 26:15:41 29:2:1 30:3:3 41:4:1
# 43:5:8 44:5:27 54:5:3 57:6:1 58:7:7 59:9:15 67:9:7 68:8:7 71:10:1 73:11:11 80:11:3 89:14:1 94:15:1
# 95:16:1
