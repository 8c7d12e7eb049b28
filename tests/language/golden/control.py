# Compiled by VERSION (interface 2) from control.omega
# Source sha256:216e036ea87244b1f391f332b94aacb08570a7f0b714a95fc6babbc8114a6682
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""Errors, parameters, promises, several values and escapes."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 2, __name__, "control.omega")

from omega_runtime.compiled import (
    Symbol, TAIL, bounce, call_with_current_continuation, condition, delay, display, divide as
    divide_, elements, entry, error_object_message, floor_divide, force, guarded, is_error, is_even,
    list_, make_parameter, named, newline, parameterize, raise_, receive,
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
        "find-first": {"kind": "procedure", "arity": (2, 2), "row": "pure", "calls": (0,)},
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
        if isinstance(e, str):
            return list_(STRING, e)
        if is_error(e):
            return error_object_message(e)
        raise


def deeper(thunk):
    def body_tail():
        return TAIL, thunk

    @entry(body_tail)
    def body():
        return bounce((TAIL, thunk))

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
        for x in elements("for-each", 2, l):
            if is_wanted(x) is not False:
                return_(x)
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
# 9:1:1 37:4:32 38:19:47 39:20:34 41:2:15 44:3:1 46:4:3 48:6:9 49:6:17 50:6:32 51:4:3 53:4:14
# 54:4:26 55:5:14 56:5:32 57:4:3 60:7:1 61:7:24 62:7:62 64:7:24 66:7:62 68:7:24 71:8:15 73:8:29
# 74:8:47 76:8:15 86:9:1 87:10:23 88:10:3 90:11:5 93:12:1 95:13:12 96:14:5 97:14:31 98:14:43 99:15:5
# 101:13:3 104:16:15 107:17:1 110:17:30 111:17:43 114:18:1 115:19:1 127:21:1
