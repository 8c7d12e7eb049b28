# Compiled by VERSION from control.omega
# Source sha256:216e036ea87244b1f391f332b94aacb08570a7f0b714a95fc6babbc8114a6682
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from control.omega."""

from omega_runtime.control.escapes import call_with_current_continuation
from omega_runtime.control.guards import guarded
from omega_runtime.control.support import delay, parameterize, receive
from omega_runtime.control.tail import TAIL, bounce, entry, named
from omega_runtime.errors import condition
from omega_runtime.lib.conditions import error_object_message, is_error, raise_
from omega_runtime.lib.control import force, make_parameter
from omega_runtime.lib.higher_order import for_each
from omega_runtime.lib.lists import list_
from omega_runtime.lib.numbers import divide as divide_, floor_divide, is_even
from omega_runtime.lib.ports import display, newline
from omega_runtime.lib.strings import is_string
from omega_runtime.values.symbols import Symbol
from omega_runtime.version import compiled_by

__all__ = ["depth", "safe_divide", "deeper", "later", "divide", "find_first", "total", "add"]
__omega_source__ = "control.omega"
compiled_by("VERSION", __name__)

STRING = Symbol("string")
A = Symbol("a")
LIST = list_(1, 2, 3)

depth = make_parameter(1)


@named("safe-divide")
def safe_divide(a, b):
    try:
        with guarded():
            if +b == 0:
                return raise_("zero")
            return divide_(a, b)
    except Exception as exc:
        e = condition(exc)
        if is_string(e):
            return list_(STRING, e)
        if is_error(e):
            return error_object_message(e)
        raise


def deeper(thunk):
    def body_tail():
        return TAIL, thunk

    @entry(body_tail)
    def body():
        return bounce(body_tail())

    return parameterize(depth, depth() + 1, body)


def _later():
    def promised_tail():
        display("once ")
        return TAIL, depth

    @entry(promised_tail)
    def promised():
        return bounce(promised_tail())

    return delay(promised)


later = _later()


def divide(a, b):
    values = receive(floor_divide(a, b), 2, False)
    q = values[0]
    r = values[1]
    return list_(q, r)


@named("find-first")
def find_first(is_wanted, l):
    def fn(return_):
        def fn_tail(x):
            if is_wanted(x) is not False:
                return TAIL, return_, x

        @entry(fn_tail)
        def fn(x):
            return bounce(fn_tail(x))

        for_each(fn, l)
        return False

    return call_with_current_continuation(fn)


total = 0


@named("add!")
def add(x):
    global total
    total = total + x
    return total


add(5)
display(
    list_(
        safe_divide(1, 0),
        safe_divide(A, 3),
        deeper(depth),
        force(later),
        force(later),
        divide(7, 2),
        find_first(is_even, LIST),
        add(1),
    ),
)
newline()


# Where the code comes from (Python line:Omega line:column):
# 24:1:1 26:4:32 27:19:47 28:20:34 30:2:15 33:3:1 35:4:3 37:6:9 38:6:17 39:6:32 40:4:3 42:4:14
# 43:4:26 44:5:14 45:5:32 46:4:3 49:7:1 50:7:24 51:7:62 53:7:24 60:8:15 62:8:29 63:8:47 65:8:15
# 75:9:1 76:10:23 77:10:3 79:11:5 82:12:1 84:13:12 85:14:15 86:14:31 87:14:43 89:14:15 93:14:5
# 94:15:5 96:13:3 99:16:15 102:17:1 105:17:30 106:17:43 109:18:1 110:19:1 122:21:1
