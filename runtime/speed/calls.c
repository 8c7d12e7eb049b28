/* A call to a model whole: the usual case of what compiled code calls around it, calls/woven.py.
 *
 * It is a PlainCall, by the plan of calls/plan.py; nobody watches, traces or slows calls down. The provider is asked
 * first, as that may run code of Python's, and so may making objects, which collects garbage; ledger.c says what goes
 * for the booking.
 */

#include "ledger.h"

/* Offsets of slots. */
static struct {
    Py_ssize_t account, is_plain, policy, is_active;
    Py_ssize_t max_tokens, plan, provider, model;
    Py_ssize_t request_model, price, prompt, request_provider, schema, settings, site, wanted;
    Py_ssize_t cache, context, value;
    Py_ssize_t text, input_tokens, output_tokens, stop_reason;
} at;

static struct {
    PyObject *active, *bound, *complete, *overhead, *sent;
} constant;

/* Called once all classes of calls are introduced, but that of replies. */
int
prepare_calls(void)
{
    const Slot slots[] = {
        {&at.account, known.context, "account"},
        {&at.is_plain, known.context, "is_plain"},
        {&at.policy, known.context, "policy"},
        {&at.is_active, known.policy, "is_active"},
        {&at.max_tokens, known.settings_class, "max_tokens"},
        {&at.plan, known.settings_class, "plan"},
        {&at.provider, known.plan, "provider"},
        {&at.model, known.plan, "model"},
        {&at.request_model, known.request, "model"},
        {&at.price, known.request, "price"},
        {&at.prompt, known.request, "prompt"},
        {&at.request_provider, known.request, "provider"},
        {&at.schema, known.request, "schema"},
        {&at.settings, known.request, "settings"},
        {&at.site, known.request, "site"},
        {&at.wanted, known.request, "wanted"},
        {&at.cache, known.plain_call, "cache"},
        {&at.context, known.plain_call, "context"},
        {&at.value, known.plain_call, "value"},
    };
    const Name names[] = {
        {&constant.active, "active"},
        {&constant.bound, "bound"},
        {&constant.complete, "complete"},
        {&constant.overhead, "overhead"},
    };
    constant.sent = PyLong_FromLong(2);
    if (constant.sent == NULL || find_names(names, COUNT_OF(names)) < 0)
        return -1;
    return find_slots(slots, COUNT_OF(slots));
}

/* Called once the class of replies is introduced, which is when the first provider is. */
int
prepare_replies(void)
{
    const Slot slots[] = {
        {&at.text, known.reply, "text"},
        {&at.input_tokens, known.reply, "input_tokens"},
        {&at.output_tokens, known.reply, "output_tokens"},
        {&at.stop_reason, known.reply, "stop_reason"},
    };
    return find_slots(slots, COUNT_OF(slots));
}

/* Provider.bound(provider, request) of a plain request with a prompt in ASCII. */
QUICK(bound)
{
    PyObject *overhead, *prompt;
    long long more;
    Py_ssize_t length;
    if (known.plain_call == NULL || !is_exactly(a[1], known.request))
        return NULL;
    prompt = *slot(a[1], at.prompt);
    if (prompt == NULL || !PyUnicode_CheckExact(prompt) || !PyUnicode_IS_ASCII(prompt))
        return NULL;
    length = PyUnicode_GET_LENGTH(prompt);
    overhead = PyObject_GetAttr(a[0], constant.overhead);
    if (!figure(overhead, &more)) {
        Py_XDECREF(overhead);
        return declined();
    }
    Py_DECREF(overhead);
    return PyLong_FromLongLong(length + more);
}

/* What a call goes by, as references of its own. */
typedef struct {
    PyObject *context, *settings, *provider, *model, *wanted;
    long long output;
} Terms;

static void
forget(Terms *terms)
{
    Py_XDECREF(terms->context);
    Py_XDECREF(terms->settings);
    Py_XDECREF(terms->provider);
    Py_XDECREF(terms->model);
    Py_XDECREF(terms->wanted);
}

/* Whether nothing but a budget in memory is around the call. */
static bool
read_context(Terms *terms)
{
    PyObject *policy;
    if (PyContextVar_Get(known.current, NULL, &terms->context) < 0 || terms->context == NULL ||
        !is_exactly(terms->context, known.context) || *slot(terms->context, at.is_plain) != Py_True)
        return false;
    policy = *slot(terms->context, at.policy);
    return policy != NULL && is_exactly(policy, known.policy) && *slot(policy, at.is_active) == Py_False;
}

/* What all plain calls have in common is there once Python has made the first of them. */
static bool
read_settings(Terms *terms, PyObject *max_tokens)
{
    PyObject *plan;
    terms->settings = Py_XNewRef(PyDict_GetItemWithError(known.settings, constant.active));
    if (terms->settings == NULL || !is_exactly(terms->settings, known.settings_class))
        return false;
    plan = *slot(terms->settings, at.plan);
    if (plan == NULL || !is_exactly(plan, known.plan) || *slot(plan, at.provider) == Py_None)
        return false;
    terms->provider = Py_XNewRef(*slot(plan, at.provider));
    terms->model = Py_XNewRef(*slot(plan, at.model));
    terms->wanted = Py_XNewRef(max_tokens == Py_None ? *slot(terms->settings, at.max_tokens) : max_tokens);
    return terms->provider != NULL && terms->model != NULL && PyUnicode_CheckExact(terms->model) &&
           figure(terms->wanted, &terms->output) && terms->output >= 1;
}

static PyObject *
request_of(const Terms *terms, PyObject *site, PyObject *prompt)
{
    PyObject *request = known.request->tp_alloc(known.request, 0);
    if (request == NULL)
        return NULL;
    *slot(request, at.settings) = Py_NewRef(terms->settings);
    *slot(request, at.site) = Py_NewRef(site);
    *slot(request, at.prompt) = Py_NewRef(prompt);
    *slot(request, at.wanted) = Py_NewRef(terms->wanted);
    *slot(request, at.request_provider) = Py_NewRef(terms->provider);
    *slot(request, at.request_model) = Py_NewRef(terms->model);
    *slot(request, at.price) = Py_NewRef(Py_None);
    *slot(request, at.schema) = Py_NewRef(Py_None);
    return request;
}

static PyObject *
call_of(const Terms *terms, PyObject *request)
{
    PyObject *call = known.plain_call->tp_alloc(known.plain_call, 0);
    if (call == NULL)
        return NULL;
    *slot(call, ledger_at.hold_account) = Py_XNewRef(*slot(terms->context, at.account));
    *slot(call, ledger_at.hold_request) = Py_NewRef(request);
    *slot(call, at.context) = Py_NewRef(terms->context);
    *slot(call, at.cache) = Py_NewRef(Py_None);
    return call;
}

static bool
is_in_no_map(void)
{
    PyObject *position;
    if (PyContextVar_Get(known.position, NULL, &position) < 0)
        return false;
    Py_XDECREF(position);
    return position == Py_None;
}

/* The ledger of an account in memory that is not the root, or NULL. */
static PyObject *
ledger_of(PyObject *account)
{
    if (account == NULL || !is_exactly(account, known.memory_account) ||
        *slot(account, ledger_at.account_parent) == NULL || *slot(account, ledger_at.account_parent) == Py_None)
        return NULL;
    return *slot(account, ledger_at.account_ledger);
}

/* What the provider says that the request takes at most besides the answer; false, perhaps with what it raised. */
static bool
ask_bound(const Terms *terms, PyObject *request, long long *input)
{
    PyObject *arguments[] = {terms->provider, request};
    PyObject *tokens = PyObject_VectorcallMethod(constant.bound, arguments, 2, NULL);
    bool is_plain = figure(tokens, input);
    Py_XDECREF(tokens);
    return is_plain;
}

static PyObject *
held_call(const Terms *terms, PyObject *request)
{
    long long input;
    PyObject *call = ask_bound(terms, request, &input) ? call_of(terms, request) : NULL, *ledger;
    if (call == NULL)
        return NULL;
    ledger = ledger_of(*slot(call, ledger_at.hold_account));
    if (!is_in_no_map() || !is_plain_ledger(ledger, ledger_reserve) ||
        !hold_plainly(ledger, call, terms->wanted, input + terms->output))
        Py_CLEAR(call);
    return call;
}

/* reserve(site, operand), and with max_tokens */
QUICK_ANY_COUNT(reserve)
{
    Terms terms = {NULL, NULL, NULL, NULL, NULL, 0};
    PyObject *request, *call = NULL;
    if (n < 2 || n > 3 || known.plain_call == NULL || !PyUnicode_CheckExact(a[1]))
        return NULL;
    if (read_context(&terms) && read_settings(&terms, n == 3 ? a[2] : Py_None)) {
        request = request_of(&terms, a[0], a[1]);
        call = request == NULL ? NULL : held_call(&terms, request);
        Py_XDECREF(request);
    }
    forget(&terms);
    return call == NULL ? declined() : call;
}

static bool
is_empty_dict(PyObject *value)
{
    return value != NULL && PyDict_CheckExact(value) && PyDict_GET_SIZE(value) == 0;
}

/* The request of a plain call, borrowed, or NULL. */
static PyObject *
plain_request_of(PyObject *call)
{
    PyObject *request;
    if (known.plain_call == NULL || !is_exactly(call, known.plain_call) || !is_empty_dict(known.paces))
        return NULL;
    request = *slot(call, ledger_at.hold_request);
    return request != NULL && is_exactly(request, known.request) ? request : NULL;
}

static bool
is_empty_list(PyObject *value)
{
    return value != NULL && PyList_CheckExact(value) && PyList_GET_SIZE(value) == 0;
}

/* Whether nothing is to be done before a call is sent. */
static bool
is_ready(PyObject *call)
{
    long long state;
    return figure(*slot(call, ledger_at.hold_open), &state) && state != 0 &&
           *slot(call, ledger_at.hold_output) != NULL && is_empty_list(known.tracers) &&
           is_empty_list(known.frame_readers);
}

/* perform(hold): what the provider gives, or raises. */
QUICK(perform)
{
    PyObject *call = a[0], *request = plain_request_of(call), *provider, *open, *reply;
    if (request == NULL || !is_ready(call))
        return NULL;
    provider = *slot(request, at.request_provider);
    if (provider == NULL)
        return NULL;
    PyObject *arguments[] = {Py_NewRef(provider), Py_NewRef(request), Py_NewRef(*slot(call, ledger_at.hold_output)),
                             Py_None};
    open = *slot(call, ledger_at.hold_open);
    *slot(call, ledger_at.hold_open) = Py_NewRef(constant.sent);
    Py_DECREF(open);
    reply = PyObject_VectorcallMethod(constant.complete, arguments, 4, NULL);
    for (int i = 0; i < 3; i++)
        Py_DECREF(arguments[i]);
    return reply;
}

/* Whether the program gets the answer as it is. */
static bool
is_plain_answer(PyObject *reply)
{
    return is_exactly(reply, known.reply) && *slot(reply, at.stop_reason) == Py_None;
}

static bool
read_reply(PyObject *ledger, PyObject *request, PyObject *reply, Bill *bill)
{
    PyObject *site = *slot(request, at.site), *model = *slot(request, at.request_model);
    if (*slot(request, at.price) != Py_None || site == NULL || model == NULL ||
        !figure(*slot(reply, at.input_tokens), &bill->input) || !figure(*slot(reply, at.output_tokens), &bill->output))
        return false;
    bill->text = Py_XNewRef(*slot(reply, at.text));
    bill->counters = bill->text == NULL ? NULL : counters_at(ledger, site, model);
    return bill->counters != NULL;
}

/* settle(hold, reply) */
QUICK(settle)
{
    PyObject *call = a[0], *reply = a[1], *request = plain_request_of(call), *ledger;
    Bill bill = {0, 0, NULL, NULL, NULL};
    int done = 0;
    if (request == NULL || known.reply == NULL || !is_plain_answer(reply))
        return NULL;
    ledger = ledger_of(*slot(call, ledger_at.hold_account));
    if (!is_plain_ledger(ledger, ledger_settle))
        return declined();
    Py_INCREF(ledger);
    bill.answer = slot(call, at.value);
    if (read_reply(ledger, request, reply, &bill))
        done = book_plainly(ledger, call, &bill);
    Py_XDECREF(bill.text);
    Py_XDECREF(bill.counters);
    Py_DECREF(ledger);
    return done > 0 ? Py_NewRef(Py_None) : done == 0 ? declined() : NULL;
}

const Operation call_operations[] = {
    {"calls.woven.reserve", ANY_COUNT, reserve},
    {"calls.woven.perform", 1, perform},
    {"calls.woven.settle", 2, settle},
    {"models.provider.bound", 2, bound},
    {NULL, 0, NULL},
};
