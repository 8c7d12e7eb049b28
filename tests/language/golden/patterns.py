# Compiled by VERSION (interface 2) from patterns.omega
# Source sha256:57ef5dab2fef0a87f48b82906954e92afe75ac8c0fe92ebe88a7fb6817249893
# Output sha256:…
# Edit the source and compile again; changes made here are lost.
"""match and case-lambda, streams, restarts, sampling: forms that become calls and tests."""

from omega_runtime.compiled import compiled_by

compiled_by("VERSION", 2, __name__, "patterns.omega")

from omega_runtime.compiled import (
    Pair, Record, Site, Symbol, Vector, apply, case_lambda, cdr, cons_star, delay, dist_topk,
    dist_value_at, error, first, for_each, handle, handler_bind, invoke_restart, is_equal, is_error,
    is_even, is_list_from, is_list_of, is_number_, is_pair, list_, list_from, list_tail, map_,
    match_each, multiply, named, newline, oracle_prompt, perform, record_field, reserve,
    restart_case, sample, second, settle, stream_filter, stream_head, string_length,
    string_to_number, third, vector, vector_to_list, void, write,
)

__all__ = [
    "Account", "make_account", "is_account", "account_owner", "account_balance", "simplify",
    "describe", "area", "integers", "parse", "vote", "translate", "show",
]
__omega_source__ = "patterns.omega"
__omega_interface__ = {
    "exports": {
        "<account>": {"kind": "record type", "name": "Account"},
        "make-account": {"kind": "procedure", "arity": (2, 2), "row": "pure"},
        "account?": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "account-owner": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "account-balance": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "simplify": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "describe": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "area": {"kind": "variable"},
        "integers": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "parse": {"kind": "procedure", "arity": (1, 1), "row": "pure"},
        "vote": {"kind": "procedure", "arity": (1, 1), "row": "infer"},
        "translate": {"kind": "procedure", "arity": (2, 2), "row": "infer"},
        "show": {"kind": "procedure", "arity": (1, 1), "row": "io"},
    },
}

CONSTANT = Symbol("+")
CONSTANT_2 = Symbol("*")
LET = Symbol("let")
HAS = Symbol("has")
NOTHING = Symbol("nothing")
IS = Symbol("is")
RICH = Symbol("rich")
END = Symbol("end")
START = Symbol("start")
MARKED = Symbol("marked")
VECTOR = Symbol("vector")
STRING = Symbol("string")
USE_VALUE = Symbol("use-value")
LIST = list_(CONSTANT_2, 3, 4)
LIST_2 = list_(CONSTANT_2, LIST, 5)
LIST_3 = list_(CONSTANT, 0, LIST_2)
X = Symbol("x")
LIST_4 = list_(X, 1)
Y = Symbol("y")
LIST_5 = list_(Y, 2)
LIST_6 = list_(LIST_4, LIST_5)
LIST_7 = list_(CONSTANT, X, Y)
LIST_8 = list_(LET, LIST_6, LIST_7)
LIST_9 = cons_star(1, END)
LIST_10 = list_(START, 2)
LIST_11 = list_("1", "x", "3")
ENGLISH = Symbol("english")
SITE_1 = Site("patterns.omega", 41, 18, "search.op", "vote", 1)
SITE_2 = Site("patterns.omega", 44, 19, "infer.op", "translate", 1)


class Account(Record):
    """Record type account."""
    __slots__ = "owner", "balance"
    __omega_name__ = "account"
    __omega_fields__ = "owner", "balance"

    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance


@named("make-account")
def make_account(owner, balance):
    return Account(owner, balance)


@named("account?")
def is_account(value):
    return isinstance(value, Account)


@named("account-owner")
def account_owner(record):
    return (
        record.owner
        if record.__class__ is Account
        else record_field("account-owner", Account, record, "owner")
    )


@named("account-balance")
def account_balance(record):
    return (
        record.balance
        if record.__class__ is Account
        else record_field("account-balance", Account, record, "balance")
    )


def simplify(e):
    """An expression with what adds or multiplies nothing left out."""
    while True:
        value = e
        if is_list_of(value, 3) and first(value) is CONSTANT and is_equal(second(value), 0):
            x = third(value)
            e = x
            continue
        if is_list_of(value, 3) and first(value) is CONSTANT_2 and is_equal(second(value), 1):
            x_2 = third(value)
            e = x_2
            continue
        if (
            is_list_of(value, 3)
            and first(value) is CONSTANT_2
            and is_number_(second(value))
            and is_number_(third(value))
        ):
            m = second(value)
            n = third(value)
            return m * n
        if is_list_of(value, 3):
            operator = first(value)
            a = second(value)
            b = third(value)
            return list_(operator, simplify(a), simplify(b))
        return e


def describe(value):
    value_2 = value
    if is_list_of(value_2, 3) and first(value_2) is LET and is_list_from(second(value_2), 0):
        columns = match_each(
            lambda element: is_list_of(element, 2) and list_(first(element), second(element)),
            second(value_2),
            2,
        )
    else:
        columns = False
    if columns is not False:
        names = columns[0]
        values = columns[1]
        body = third(value_2)
        return list_(LET, names, values, body)
    if isinstance(value_2, Account) and is_equal(value_2.balance, 0):
        owner = value_2.owner
        return list_(owner, HAS, NOTHING)
    if isinstance(value_2, Account):
        owner_2 = value_2.owner
        balance = value_2.balance
        value_3 = balance > 1000
    else:
        value_3 = False
    if value_3 is not False:
        owner_3 = value_2.owner
        balance_2 = value_2.balance
        return list_(owner_3, IS, RICH)
    if (
        (type(value_2) is Pair or is_pair(value_2))
        and (value_2.cdr if value_2.__class__ is Pair else cdr(value_2)) is END
    ):
        which = 0
    else:
        which = (type(value_2) is Pair or is_pair(value_2)) and first(value_2) is START and 1
    if which is not False:
        x = (
            first(value_2)
            if +which == 0
            else value_2.cdr if value_2.__class__ is Pair else cdr(value_2)
        )
        return list_(MARKED, x)
    items = False
    if isinstance(value_2, Vector):
        items = vector_to_list(value_2)
        value_4 = is_list_from(items, 2)
    else:
        value_4 = False
    if value_4 is not False:
        a = first(items)
        b = second(items)
        c = list_tail(items, 2)
        return list_(VECTOR, a, b, c)
    result = string_length(value_2)
    n = result
    return list_(STRING, n)


def _area():
    def area_2(width, height, *factors):
        factors = list_from(factors)
        return apply(multiply, width, height, factors)

    return case_lambda("area", lambda side: side * side, area_2)


area = _area()


def integers(n):
    return Pair(n, delay(lambda: integers(n + 1)))


def parse(text):
    def body_2():
        value = string_to_number(text)
        if value is not False:
            return value
        return error("no number:", text)

    return restart_case(USE_VALUE, lambda value: value, body_2)


def vote(question):
    """The answer that three samples give most often."""
    prompt_2 = list_("Yes or no? ", question)
    samples = sample(SITE_1, prompt_2, 3)
    while samples.open:
        hold = reserve(SITE_1, prompt_2, 5)
        while hold.open:
            try:
                reply = perform(hold)
            except BaseException as exc:
                hold = void(hold, exc)
            else:
                settle(hold, reply)
        samples.add(hold.value)
    answers = samples.value
    return dist_value_at(dist_topk(answers, 1), 0)


def translate(text, language):
    hold = reserve(
        SITE_2, oracle_prompt("Translate the text.", "text", text, "language", language), 100
    )
    while hold.open:
        try:
            reply = perform(hold)
        except BaseException as exc:
            hold = void(hold, exc)
        else:
            settle(hold, reply)
    return hold.value


def show(value):
    write(value)
    return newline()


show(simplify(LIST_3))
for_each(
    lambda value: show(describe(value)),
    list_(
        LIST_8, Account("Ada", 0), Account("Bob", 2000), LIST_9, LIST_10, vector(1, 2, 3, 4), "four"
    ),
)
show(list_(area(3), area(3, 4), area(1, 2, 3, 4)))
show(stream_head(stream_filter(is_even, integers(1)), 3))
show(handler_bind(is_error, lambda e: invoke_restart(USE_VALUE, 0), lambda: map_(parse, LIST_11)))
show(handle(lambda: vote("Is it late?"), {"infer.op": lambda prompt, k: k("yes")}))
show(
    handle(
        lambda: translate("bonjour", ENGLISH),
        {"infer.op": lambda prompt, k: k(string_length(prompt))},
    ),
)


# Where the code comes from (Python line:Omega line:column):
# 9:1:1 43:12:5 44:13:5 45:20:5 46:21:40 47:21:45 48:22:68 49:22:72 50:23:5 52:23:41 53:24:25
# 54:25:32 55:37:6 56:50:17 59:52:17 66:53:17 67:53:28 68:56:86 69:58:36 70:41:18 71:44:19 74:1:1
# 85:4:3 90:3:1 113:9:1 116:11:10 117:12:5 119:12:25 120:12:15 121:13:5 123:13:25 124:13:15 125:14:5
# 133:14:39 134:15:5 138:15:21 139:16:8 142:18:1 143:19:10 144:20:5 156:20:42 157:21:5 159:21:28
# 160:22:5 163:22:39 164:22:5 169:22:56 170:23:5 183:23:35 184:24:5 194:24:19 195:25:5 197:25:26
# 200:28:3 201:30:5 203:30:31 205:28:3 211:32:1 212:33:3 215:35:1 216:36:17 217:36:21 220:36:43
# 222:36:3 225:39:1 227:41:36 228:41:18 240:42:5 243:44:19 257:46:1 258:47:3 259:48:3 262:50:1
# 263:51:1 269:54:1 270:55:1 271:56:1 272:57:1 273:58:1
