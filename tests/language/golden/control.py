# Compiled by VERSION (interface 1) from control.omega
# Source sha256:216e036ea87244b1f391f332b94aacb08570a7f0b714a95fc6babbc8114a6682
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Compiled from control.omega."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 1, __name__, "control.omega")

from omega_runtime.compiled import (
    Symbol, TAIL, bounce, call_with_current_continuation, condition, delay, display, divide as
    divide_, entry, error_object_message, floor_divide, for_each, force, guarded, is_error, is_even,
    is_string, list_, make_parameter, named, newline, parameterize, raise_, receive,
)

__all__ = ["depth", "safe_divide", "deeper", "later", "divide", "find_first", "total", "add"]
__omega_source__ = "control.omega"

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
# 9:1:1 20:4:32 21:19:47 22:20:34 24:2:15 27:3:1 29:4:3 31:6:9 32:6:17 33:6:32 34:4:3 36:4:14
# 37:4:26 38:5:14 39:5:32 40:4:3 43:7:1 44:7:24 45:7:62 47:7:24 54:8:15 56:8:29 57:8:47 59:8:15
# 69:9:1 70:10:23 71:10:3 73:11:5 76:12:1 78:13:12 79:14:15 80:14:31 81:14:43 83:14:15 87:14:5
# 88:15:5 90:13:3 93:16:15 96:17:1 99:17:30 100:17:43 103:18:1 104:19:1 116:21:1
