/* A call to a model whole: the usual case of what compiled code calls around it, calls/woven.py.
 *
 * It is that of a string, in a budget in memory, to a provider without prices that runs no programs; nobody handles,
 * watches, traces or slows calls down. The provider is looked at first, as that may run code of Python's, and so may
 * making objects, which collects garbage; ledger.c says what goes for the booking.
 */

#include "ledger.h"

/* Offsets of slots. */
static struct {
    Py_ssize_t account, handlers, policy, trackers, is_active;
    Py_ssize_t provider, max_tokens, model, requests_per_minute, tokens_per_minute;
    Py_ssize_t request_model, price, prompt, request_provider, schema, settings, site, wanted;
    Py_ssize_t cache, context, value;
    Py_ssize_t text, input_tokens, output_tokens, stop_reason;
} at;

static struct {
    PyObject *active, *bound, *complete, *default_model, *is_priced, *overhead, *runs_programs, *sent;
} constant;

/* Called once all classes of calls are introduced, but that of replies. */
int
prepare_calls(void)
{
    const Slot slots[] = {
        {&at.account, known.context, "account"},
        {&at.handlers, known.context, "handlers"},
        {&at.policy, known.context, "policy"},
        {&at.trackers, known.context, "trackers"},
        {&at.is_active, known.policy, "is_active"},
        {&at.provider, known.settings_class, "provider"},
        {&at.max_tokens, known.settings_class, "max_tokens"},
        {&at.model, known.settings_class, "model"},
        {&at.requests_per_minute, known.settings_class, "requests_per_minute"},
        {&at.tokens_per_minute, known.settings_class, "tokens_per_minute"},
        {&at.request_model, known.request, "model"},
        {&at.price, known.request, "price"},
        {&at.prompt, known.request, "prompt"},
        {&at.request_provider, known.request, "provider"},
        {&at.schema, known.request, "schema"},
        {&at.settings, known.request, "settings"},
        {&at.site, known.request, "site"},
        {&at.wanted, known.request, "wanted"},
        {&at.cache, known.call, "cache"},
        {&at.context, known.call, "context"},
        {&at.value, known.call, "value"},
    };
    const Name names[] = {
        {&constant.active, "active"},
        {&constant.bound, "bound"},
        {&constant.complete, "complete"},
        {&constant.default_model, "default_model"},
        {&constant.is_priced, "is_priced"},
        {&constant.overhead, "overhead"},
        {&constant.runs_programs, "runs_programs"},
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

static bool
is_false_attribute(PyObject *object, PyObject *name)
{
    PyObject *value = PyObject_GetAttr(object, name);
    Py_XDECREF(value);
    return value == Py_False;
}

/* Provider.bound(provider, request) of a plain request with a prompt in ASCII. */
QUICK(bound)
{
    PyObject *overhead, *prompt;
    long long more;
    Py_ssize_t length;
    if (known.call == NULL || !is_exactly(a[1], known.request))
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
} Plan;

static void
forget(Plan *plan)
{
    Py_XDECREF(plan->context);
    Py_XDECREF(plan->settings);
    Py_XDECREF(plan->provider);
    Py_XDECREF(plan->model);
    Py_XDECREF(plan->wanted);
}

/* Whether nothing but a budget is around the call. */
static bool
read_context(Plan *plan)
{
    PyObject *policy;
    if (PyContextVar_Get(known.current, NULL, &plan->context) < 0 || plan->context == NULL ||
        !is_exactly(plan->context, known.context) || *slot(plan->context, at.handlers) != Py_None)
        return false;
    policy = *slot(plan->context, at.policy);
    return policy != NULL && is_exactly(policy, known.policy) && *slot(policy, at.is_active) == Py_False;
}

static bool
read_settings(Plan *plan, PyObject *max_tokens)
{
    plan->settings = Py_XNewRef(PyDict_GetItemWithError(known.settings, constant.active));
    if (plan->settings == NULL || !is_exactly(plan->settings, known.settings_class))
        return false;
    plan->provider = Py_XNewRef(*slot(plan->settings, at.provider));
    plan->model = Py_XNewRef(*slot(plan->settings, at.model));
    plan->wanted = Py_XNewRef(max_tokens == Py_None ? *slot(plan->settings, at.max_tokens) : max_tokens);
    return plan->provider != NULL && plan->provider != Py_None && plan->model != NULL;
}

static bool
read_provider(Plan *plan)
{
    if (!figure(plan->wanted, &plan->output) || plan->output < 1 ||
        !is_false_attribute(plan->provider, constant.is_priced))
        return false;
    if (plan->model == Py_None)
        Py_SETREF(plan->model, PyObject_GetAttr(plan->provider, constant.default_model));
    return plan->model != NULL && PyUnicode_CheckExact(plan->model) && PyUnicode_GET_LENGTH(plan->model) > 0;
}

static PyObject *
request_of(const Plan *plan, PyObject *site, PyObject *prompt)
{
    PyObject *request = known.request->tp_alloc(known.request, 0);
    if (request == NULL)
        return NULL;
    *slot(request, at.settings) = Py_NewRef(plan->settings);
    *slot(request, at.site) = Py_NewRef(site);
    *slot(request, at.prompt) = Py_NewRef(prompt);
    *slot(request, at.wanted) = Py_NewRef(plan->wanted);
    *slot(request, at.request_provider) = Py_NewRef(plan->provider);
    *slot(request, at.request_model) = Py_NewRef(plan->model);
    *slot(request, at.price) = Py_NewRef(Py_None);
    *slot(request, at.schema) = Py_NewRef(Py_None);
    return request;
}

static PyObject *
call_of(const Plan *plan, PyObject *request)
{
    PyObject *call = known.call->tp_alloc(known.call, 0);
    if (call == NULL)
        return NULL;
    *slot(call, ledger_at.hold_account) = Py_XNewRef(*slot(plan->context, at.account));
    *slot(call, ledger_at.hold_request) = Py_NewRef(request);
    *slot(call, at.context) = Py_NewRef(plan->context);
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
ask_bound(const Plan *plan, PyObject *request, long long *input)
{
    PyObject *arguments[] = {plan->provider, request};
    PyObject *tokens = PyObject_VectorcallMethod(constant.bound, arguments, 2, NULL);
    bool is_plain = figure(tokens, input);
    Py_XDECREF(tokens);
    return is_plain;
}

static PyObject *
held_call(const Plan *plan, PyObject *request)
{
    long long input;
    PyObject *call = ask_bound(plan, request, &input) ? call_of(plan, request) : NULL, *ledger;
    if (call == NULL)
        return NULL;
    ledger = ledger_of(*slot(call, ledger_at.hold_account));
    if (!is_in_no_map() || !is_plain_ledger(ledger, ledger_reserve) ||
        !hold_plainly(ledger, call, plan->wanted, input + plan->output))
        Py_CLEAR(call);
    return call;
}

/* reserve(site, operand), and with max_tokens= */
QUICK_ANY_COUNT(reserve)
{
    Plan plan = {NULL, NULL, NULL, NULL, NULL, 0};
    PyObject *request, *call = NULL;
    if (known.call == NULL || !PyUnicode_CheckExact(a[1]))
        return NULL;
    if (read_context(&plan) && read_settings(&plan, n == 3 ? a[2] : Py_None) && read_provider(&plan)) {
        request = request_of(&plan, a[0], a[1]);
        call = request == NULL ? NULL : held_call(&plan, request);
        Py_XDECREF(request);
    }
    forget(&plan);
    return call == NULL ? declined() : call;
}

static bool
is_empty_dict(PyObject *value)
{
    return value != NULL && PyDict_CheckExact(value) && PyDict_GET_SIZE(value) == 0;
}

/* The request of a call that is a plain one, borrowed, or NULL. */
static PyObject *
plain_request_of(PyObject *call)
{
    PyObject *request;
    if (known.call == NULL || !is_exactly(call, known.call) || !is_empty_dict(known.paces))
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
is_ready(PyObject *call, PyObject *settings)
{
    long long state, number;
    return figure(*slot(call, ledger_at.hold_open), &state) && state != 0 &&
           figure(*slot(call, ledger_at.hold_call), &number) && number == 0 &&
           *slot(call, ledger_at.hold_output) != NULL && is_empty_list(known.tracers) &&
           is_empty_list(known.frame_readers) && settings != NULL && is_exactly(settings, known.settings_class) &&
           is_empty_dict(*slot(settings, at.requests_per_minute)) &&
           is_empty_dict(*slot(settings, at.tokens_per_minute));
}

/* perform(hold): what the provider gives, or raises. */
QUICK(perform)
{
    PyObject *call = a[0], *request = plain_request_of(call), *provider, *open, *reply;
    bool is_plain;
    if (request == NULL)
        return NULL;
    provider = Py_XNewRef(*slot(request, at.request_provider));
    is_plain = provider != NULL && is_false_attribute(provider, constant.runs_programs);
    request = plain_request_of(call);
    if (is_plain && request != NULL && is_ready(call, *slot(request, at.settings))) {
        PyObject *arguments[] = {provider, Py_NewRef(request), Py_NewRef(*slot(call, ledger_at.hold_output)), Py_None};
        open = *slot(call, ledger_at.hold_open);
        *slot(call, ledger_at.hold_open) = Py_NewRef(constant.sent);
        Py_DECREF(open);
        reply = PyObject_VectorcallMethod(constant.complete, arguments, 4, NULL);
        Py_DECREF(arguments[1]);
        Py_DECREF(arguments[2]);
        Py_DECREF(provider);
        return reply;
    }
    Py_XDECREF(provider);
    return declined();
}

/* Whether nobody but the program gets the answer, and as it is. */
static bool
is_plain_answer(PyObject *call, PyObject *reply)
{
    PyObject *context = *slot(call, at.context), *trackers;
    if (!is_exactly(reply, known.reply) || *slot(reply, at.stop_reason) != Py_None ||
        *slot(call, at.cache) != Py_None || context == NULL || !is_exactly(context, known.context))
        return false;
    trackers = *slot(context, at.trackers);
    return trackers != NULL && PyTuple_CheckExact(trackers) && PyTuple_GET_SIZE(trackers) == 0;
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
    if (request == NULL || known.reply == NULL || !is_plain_answer(call, reply))
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
    {"calls.woven.reserve", 2, reserve, "max_tokens"},
    {"calls.woven.perform", 1, perform, NULL},
    {"calls.woven.settle", 2, settle, NULL},
    {"models.provider.bound", 2, bound, NULL},
    {NULL, 0, NULL, NULL},
};
