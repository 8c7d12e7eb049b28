# Compiled by VERSION from effects.omega
# Source sha256:1f01e828622fbdc06871e4101dbe423c619765908b44008f7435ce2e98613736
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from effects.omega."""

from omega_runtime.control.tail import TAIL, bounce, entry, named
from omega_runtime.effects import Site, effect, handle, perform, reserve, settle, void
from omega_runtime.lib.higher_order import map_
from omega_runtime.lib.lists import cadr, is_pair, list_
from omega_runtime.lib.ports import display, newline
from omega_runtime.lib.strings import is_string, string_append
from omega_runtime.values.pairs import Pair
from omega_runtime.values.symbols import Symbol
from omega_runtime.version import compiled_by

__all__ = ["summarize", "summarize_all", "refine", "with_answers"]
__omega_source__ = "effects.omega"
compiled_by("VERSION", __name__)

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

    return map_(fn, documents)


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
# 19:1:1 21:13:59 22:14:72 23:15:56 24:3:3 25:5:27 26:9:15 27:14:99 28:15:41 31:2:1 32:3:3 43:4:1
# 45:5:8 46:5:27 56:5:3 59:6:1 60:7:7 61:9:15 69:9:7 70:8:7 73:10:1 75:11:11 82:11:3 91:14:1 96:15:1
# 97:16:1
