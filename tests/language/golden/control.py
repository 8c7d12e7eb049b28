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
__omega_interface__ = {
    "exports": {
        "depth": {"kind": "variable"},
        "safe-divide": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "deeper": {
            "kind": "procedure",
            "arity": (1, 1),
            "row": "control infer io state",
            "calls": (0,),
        },
        "later": {"kind": "variable"},
        "divide": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "find-first": {
            "kind": "procedure",
            "arity": (2, 2),
            "row": "control infer io state",
            "calls": (0,),
        },
        "total": {"kind": "variable", "changes": True},
        "add!": {"kind": "procedure", "arity": (1, 1), "row": "state"},
    },
}

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
# 9:1:1 42:4:32 43:19:47 44:20:34 46:2:15 49:3:1 51:4:3 53:6:9 54:6:17 55:6:32 56:4:3 58:4:14
# 59:4:26 60:5:14 61:5:32 62:4:3 65:7:1 66:7:24 67:7:62 69:7:24 76:8:15 78:8:29 79:8:47 81:8:15
# 91:9:1 92:10:23 93:10:3 95:11:5 98:12:1 100:13:12 101:14:15 102:14:31 103:14:43 105:14:15 109:14:5
# 110:15:5 112:13:3 115:16:15 118:17:1 121:17:30 122:17:43 125:18:1 126:19:1 138:21:1
