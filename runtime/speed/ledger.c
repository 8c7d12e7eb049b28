/* The ledger in memory: the plain, uncontended case of `reserve` and `settle` in ledger/memory.py.
 *
 * Whatever may run code of Python's (attributes of requests and replies, statistics by site) is looked at first. From
 * the look at the ledger's lock on nothing does, and the interpreter's lock is kept: so while no thread is found to hold
 * the ledger's lock none can take it, and neither an interrupt nor another thread can come in between. All new figures
 * are made before the first one is stored.
 */

#include "ledger.h"

#define MOST_ACCOUNTS 16

LedgerSlots ledger_at;

/* Offsets of slots that nobody else looks at. */
static struct {
    Py_ssize_t ledger_lock, ledger_tickets, ledger_statistics;
    Py_ssize_t account_chain, account_ceiling, account_committed, account_spent;
    Py_ssize_t account_is_priced, account_is_open, account_answers;
    Py_ssize_t calls, input_tokens, output_tokens;
} at;

static struct {
    PyObject *price, *wanted, *site, *model, *input_tokens, *output_tokens, *stop_reason, *text, *reserve, *settle;
    PyObject *zero, *held, *no_periods;
} constant;

static PyTypeObject *deque;
static PyMethodDef *append, *locked;

static int
find_ledger_slots(void)
{
    const Slot slots[] = {
        {&at.ledger_lock, known.memory_ledger, "lock"},
        {&at.ledger_tickets, known.memory_ledger, "tickets"},
        {&at.ledger_statistics, known.memory_ledger, "statistics"},
        {&at.account_chain, known.memory_account, "chain"},
        {&at.account_ceiling, known.memory_account, "ceiling"},
        {&at.account_committed, known.memory_account, "committed_tokens"},
        {&at.account_spent, known.memory_account, "spent_tokens"},
        {&at.account_is_priced, known.memory_account, "is_priced"},
        {&at.account_is_open, known.memory_account, "is_open"},
        {&at.account_answers, known.memory_account, "answers"},
        {&at.calls, known.statistics, "calls"},
        {&at.input_tokens, known.statistics, "input_tokens"},
        {&at.output_tokens, known.statistics, "output_tokens"},
        {&ledger_at.account_ledger, known.memory_account, "ledger"},
        {&ledger_at.account_parent, known.memory_account, "parent"},
        {&ledger_at.hold_account, known.hold, "account"},
        {&ledger_at.hold_request, known.hold, "request"},
        {&ledger_at.hold_open, known.hold, "open"},
        {&ledger_at.hold_output, known.hold, "output"},
        {&ledger_at.hold_tokens, known.hold, "tokens"},
        {&ledger_at.hold_picodollars, known.hold, "picodollars"},
        {&ledger_at.hold_call, known.hold, "call"},
        {&ledger_at.hold_periods, known.hold, "periods"},
    };
    return find_slots(slots, COUNT_OF(slots));
}

/* A method of a type of C's, with no arguments or one, which is kept for good; NULL, with an exception, if it is none. */
static PyMethodDef *
method_of(PyTypeObject *type, const char *name, int flags)
{
    PyObject *method = PyObject_GetAttrString((PyObject *)type, name);
    if (method == NULL || !is_exactly(method, &PyMethodDescr_Type) ||
        ((PyMethodDescrObject *)method)->d_method->ml_flags != flags)
        return PyErr_Format(PyExc_TypeError, "%s of %s is no such method", name, type->tp_name), NULL;
    return ((PyMethodDescrObject *)method)->d_method;
}

static int
find_constants(void)
{
    const Name names[] = {
        {&constant.price, "price"},
        {&constant.wanted, "wanted"},
        {&constant.site, "site"},
        {&constant.model, "model"},
        {&constant.input_tokens, "input_tokens"},
        {&constant.output_tokens, "output_tokens"},
        {&constant.stop_reason, "stop_reason"},
        {&constant.text, "text"},
        {&constant.reserve, "reserve"},
        {&constant.settle, "settle"},
    };
    PyObject *collections = PyImport_ImportModule("_collections");
    deque = collections == NULL ? NULL : (PyTypeObject *)PyObject_GetAttrString(collections, "deque");
    Py_XDECREF(collections);
    append = deque == NULL ? NULL : method_of(deque, "append", METH_O);
    locked = append == NULL ? NULL : method_of(known.lock, "locked", METH_NOARGS);
    constant.zero = PyLong_FromLong(0);
    constant.held = PyLong_FromLong(1);
    constant.no_periods = PyTuple_New(0);
    if (locked == NULL || constant.zero == NULL || constant.held == NULL || constant.no_periods == NULL)
        return -1;
    return find_names(names, COUNT_OF(names));
}

/* Called once all classes of the ledger are introduced. */
int
prepare_ledger(void)
{
    return find_ledger_slots() < 0 || find_constants() < 0 ? -1 : 0;
}

/* Whether a ledger has no lock held and no claim waiting. */
static bool
is_idle(PyObject *ledger)
{
    PyObject *lock = *slot(ledger, at.ledger_lock), *tickets = *slot(ledger, at.ledger_tickets);
    PyObject *is_locked;
    if (lock == NULL || !is_exactly(lock, known.lock))
        return false;
    if (tickets == NULL || !PyDict_CheckExact(tickets) || PyDict_GET_SIZE(tickets) != 0)
        return false;
    is_locked = locked->ml_meth(lock, NULL); /* C, and no more than a look */
    if (is_locked == NULL)
        PyErr_Clear();
    Py_XDECREF(is_locked);
    return is_locked == Py_False;
}

/* The chain of an account in memory, borrowed, or NULL. */
static PyObject *
chain_of(PyObject *account)
{
    PyObject *chain;
    if (account == NULL || !is_exactly(account, known.memory_account))
        return NULL;
    chain = *slot(account, at.account_chain);
    if (chain == NULL || !PyTuple_CheckExact(chain) || PyTuple_GET_SIZE(chain) > MOST_ACCOUNTS)
        return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(chain); i++)
        if (!is_exactly(PyTuple_GET_ITEM(chain, i), known.memory_account))
            return NULL;
    return chain;
}

/* Changes that are prepared, and then made all at once. */
typedef struct {
    int count;
    PyObject **place[2 * MOST_ACCOUNTS + 8];
    PyObject *value[2 * MOST_ACCOUNTS + 8];
    PyObject *number; /* the figure made last, which is `last` */
    long long last;
} Changes;

static void
begin(Changes *changes)
{
    changes->count = 0;
    changes->number = NULL;
    changes->last = 0;
}

/* Takes over a reference, which may be NULL; then false. */
static bool
plan(Changes *changes, PyObject **place, PyObject *value)
{
    if (value == NULL)
        return false;
    changes->place[changes->count] = place;
    changes->value[changes->count++] = value;
    return true;
}

/* Budgets that were opened one right inside the other have the same figures: a number is not made twice in a row. */
static bool
plan_figure(Changes *changes, PyObject **place, long long value)
{
    if (changes->number == NULL || changes->last != value) {
        changes->number = PyLong_FromLongLong(value);
        changes->last = value;
        return plan(changes, place, changes->number);
    }
    return plan(changes, place, Py_NewRef(changes->number));
}

static bool
plan_more(Changes *changes, PyObject **place, long long more)
{
    long long old;
    return figure(*place, &old) && plan_figure(changes, place, old + more);
}

/* Make them; only then are the old values given up, which may run code. */
static void
make(Changes *changes)
{
    for (int i = 0; i < changes->count; i++) {
        PyObject *old = *changes->place[i];
        *changes->place[i] = changes->value[i];
        changes->value[i] = old;
    }
}

static void
forget(Changes *changes)
{
    for (int i = 0; i < changes->count; i++)
        Py_XDECREF(changes->value[i]);
}

static bool
plan_hold(Changes *changes, PyObject *chain, long long tokens)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(chain); i++) {
        PyObject *account = PyTuple_GET_ITEM(chain, i);
        PyObject **committed = slot(account, at.account_committed), *most = *slot(account, at.account_ceiling);
        long long old, ceiling;
        int overflow = 0;
        if (most == NULL || !PyLong_CheckExact(most) || !figure(*committed, &old))
            return false;
        ceiling = PyLong_AsLongLongAndOverflow(most, &overflow);
        if (overflow < 0 || (overflow == 0 && old + tokens > ceiling))
            return false;
        if (!plan_figure(changes, committed, old + tokens))
            return false;
    }
    return true;
}

static bool
plan_fields(Changes *changes, PyObject *hold, PyObject *wanted, long long tokens)
{
    return plan(changes, slot(hold, ledger_at.hold_output), Py_NewRef(wanted)) &&
           plan(changes, slot(hold, ledger_at.hold_tokens), PyLong_FromLongLong(tokens)) &&
           plan(changes, slot(hold, ledger_at.hold_picodollars), Py_NewRef(constant.zero)) &&
           plan(changes, slot(hold, ledger_at.hold_call), Py_NewRef(constant.zero)) &&
           plan(changes, slot(hold, ledger_at.hold_periods), Py_NewRef(constant.no_periods)) &&
           plan(changes, slot(hold, ledger_at.hold_open), Py_NewRef(constant.held));
}

/* Python does it, and finds again what is wrong; only an interrupt comes once. */
PyObject *
declined(void)
{
    if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_Exception))
        PyErr_Clear();
    return NULL;
}

static bool
is_none_attribute(PyObject *object, PyObject *name)
{
    PyObject *value = PyObject_GetAttr(object, name);
    Py_XDECREF(value);
    return value == Py_None;
}

/* Hold so many tokens, with `wanted` ones for the answer, without code of Python's. */
bool
hold_plainly(PyObject *ledger, PyObject *hold, PyObject *wanted, long long tokens)
{
    PyObject *chain;
    bool is_made = false;
    Changes changes;
    begin(&changes);
    if (is_idle(ledger)) {
        chain = chain_of(*slot(hold, ledger_at.hold_account));
        is_made = chain != NULL && plan_hold(&changes, chain, tokens) && plan_fields(&changes, hold, wanted, tokens);
        if (is_made)
            make(&changes);
    }
    forget(&changes);
    return is_made;
}

/* reserve(ledger, hold, prompt, floor, max_wait), when it fits without a wait and has no price. */
PyObject *
ledger_reserve(PyObject *const *a, Py_ssize_t Py_UNUSED(n), const char *Py_UNUSED(name))
{
    PyObject *ledger = a[0], *hold = a[1], *request, *wanted = NULL;
    long long prompt, output;
    bool is_made;
    if (known.memory_ledger == NULL || !PyObject_TypeCheck(ledger, known.memory_ledger) ||
        !PyObject_TypeCheck(hold, known.hold) || !figure(a[2], &prompt))
        return NULL;
    request = Py_XNewRef(*slot(hold, ledger_at.hold_request));
    if (request != NULL && is_none_attribute(request, constant.price))
        wanted = PyObject_GetAttr(request, constant.wanted);
    Py_XDECREF(request);
    if (wanted == NULL)
        return declined();
    is_made = figure(wanted, &output) && hold_plainly(ledger, hold, wanted, prompt + output);
    Py_DECREF(wanted);
    return is_made ? Py_NewRef(hold) : declined();
}

/* The statistics of a site and model, a new reference, or NULL. */
PyObject *
counters_at(PyObject *ledger, PyObject *site, PyObject *model)
{
    PyObject *all = Py_XNewRef(*slot(ledger, at.ledger_statistics)), *models = NULL, *counters = NULL;
    if (all != NULL && PyDict_CheckExact(all))
        models = Py_XNewRef(PyDict_GetItemWithError(all, site));
    if (models != NULL && PyDict_CheckExact(models))
        counters = Py_XNewRef(PyDict_GetItemWithError(models, model));
    Py_XDECREF(all);
    Py_XDECREF(models);
    if (counters != NULL && !is_exactly(counters, known.statistics))
        Py_CLEAR(counters);
    return counters;
}

static PyObject *
counters_of(PyObject *ledger, PyObject *request)
{
    PyObject *site = PyObject_GetAttr(request, constant.site);
    PyObject *model = site == NULL ? NULL : PyObject_GetAttr(request, constant.model);
    PyObject *counters = model == NULL ? NULL : counters_at(ledger, site, model);
    Py_XDECREF(site);
    Py_XDECREF(model);
    return counters;
}

static bool
read_figure(PyObject *bill, PyObject *name, long long *stored)
{
    PyObject *value = PyObject_GetAttr(bill, name);
    bool is_figure = figure(value, stored);
    Py_XDECREF(value);
    return is_figure;
}

/* Whether an answer came to its end by itself. */
static bool
is_whole(PyObject *bill)
{
    PyObject *reason = PyObject_GetAttr(bill, constant.stop_reason);
    bool is_other = reason != NULL && PyUnicode_CheckExact(reason) &&
                    PyUnicode_CompareWithASCIIString(reason, "max_tokens") != 0;
    Py_XDECREF(reason);
    return reason == Py_None || is_other;
}

/* Whether the bill is of a call without a price that came to its end by itself; fills in what is booked. */
static bool
read_bill(PyObject *ledger, PyObject *request, PyObject *bill, Bill *read)
{
    if (!is_none_attribute(request, constant.price) || !is_whole(bill) ||
        !read_figure(bill, constant.input_tokens, &read->input) ||
        !read_figure(bill, constant.output_tokens, &read->output))
        return false;
    read->text = PyObject_GetAttr(bill, constant.text);
    read->counters = read->text == NULL ? NULL : counters_of(ledger, request);
    return read->counters != NULL;
}

static bool
is_plainly_held(PyObject *hold)
{
    PyObject *open = *slot(hold, ledger_at.hold_open), *periods = *slot(hold, ledger_at.hold_periods);
    long long state;
    return figure(open, &state) && state != 0 && periods != NULL && PyTuple_CheckExact(periods) &&
           PyTuple_GET_SIZE(periods) == 0;
}

/* Whether an account takes a plain booking: its scope goes on, and it is known to have no price. */
static bool
is_plain_account(PyObject *account)
{
    PyObject *answers = *slot(account, at.account_answers);
    return *slot(account, at.account_is_open) == Py_True && *slot(account, at.account_is_priced) == Py_False &&
           answers != NULL && (answers == Py_None || is_exactly(answers, deque));
}

static bool
plan_booking(Changes *changes, PyObject *hold, PyObject *chain, const Bill *bill)
{
    long long tokens = bill->input + bill->output, held;
    if (!figure(*slot(hold, ledger_at.hold_tokens), &held) || tokens > held)
        return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(chain); i++) {
        PyObject *account = PyTuple_GET_ITEM(chain, i);
        if (!plan_more(changes, slot(account, at.account_committed), tokens - held) ||
            !plan_more(changes, slot(account, at.account_spent), tokens))
            return false;
    }
    if (bill->answer != NULL && !plan(changes, bill->answer, Py_NewRef(bill->text)))
        return false;
    return plan(changes, slot(hold, ledger_at.hold_open), Py_NewRef(constant.zero)) &&
           plan_more(changes, slot(bill->counters, at.calls), 1) &&
           plan_more(changes, slot(bill->counters, at.input_tokens), bill->input) &&
           plan_more(changes, slot(bill->counters, at.output_tokens), bill->output);
}

/* The booking itself, without code of Python's, and then the answer, which the account keeps: 1; 0 if it declines. */
int
book_plainly(PyObject *ledger, PyObject *hold, const Bill *bill)
{
    PyObject *account = Py_XNewRef(*slot(hold, ledger_at.hold_account)), *chain, *answers, *appended;
    Changes changes;
    int done = 0;
    begin(&changes);
    if (is_idle(ledger) && is_plainly_held(hold) && (chain = chain_of(account)) != NULL && is_plain_account(account) &&
        plan_booking(&changes, hold, chain, bill)) {
        make(&changes);
        done = 1;
        answers = Py_NewRef(*slot(account, at.account_answers));
        if (answers != Py_None) {
            appended = append->ml_meth(answers, bill->text);
            done = appended == NULL ? -1 : 1;
            Py_XDECREF(appended);
        }
        Py_DECREF(answers);
    }
    forget(&changes);
    Py_XDECREF(account);
    return done;
}

/* settle(ledger, hold, bill, picodollars), of an open hold without a price that was large enough. */
PyObject *
ledger_settle(PyObject *const *a, Py_ssize_t Py_UNUSED(n), const char *Py_UNUSED(name))
{
    PyObject *ledger = a[0], *hold = a[1], *request;
    long long picodollars;
    int done = 0;
    Bill bill = {0, 0, NULL, NULL, NULL};
    if (known.memory_ledger == NULL || !PyObject_TypeCheck(ledger, known.memory_ledger) ||
        !PyObject_TypeCheck(hold, known.hold) || !figure(a[3], &picodollars) || picodollars != 0)
        return NULL;
    request = Py_XNewRef(*slot(hold, ledger_at.hold_request));
    if (request != NULL && read_bill(ledger, request, a[2], &bill))
        done = book_plainly(ledger, hold, &bill);
    Py_XDECREF(request);
    Py_XDECREF(bill.text);
    Py_XDECREF(bill.counters);
    return done > 0 ? Py_NewRef(known.settled) : done == 0 ? declined() : NULL;
}

bool
is_plain_ledger(PyObject *ledger, Quick method)
{
    PyObject *name = method == ledger_reserve ? constant.reserve : constant.settle;
    return ledger != NULL && is_exactly(ledger, known.memory_ledger) &&
           does(_PyType_Lookup(known.memory_ledger, name), method);
}

/* Hold.__del__(hold), of one that is not open any more, or was never. */
QUICK(finalize)
{
    PyObject *open;
    long long state;
    if (known.memory_ledger == NULL || !PyObject_TypeCheck(a[0], known.hold))
        return NULL;
    open = *slot(a[0], ledger_at.hold_open);
    return open == NULL || (figure(open, &state) && state == 0) ? Py_NewRef(Py_None) : NULL;
}

const Operation ledger_operations[] = {
    {"ledger.hold.__del__", 1, finalize},
    {"ledger.memory.reserve", 5, ledger_reserve},
    {"ledger.memory.settle", 4, ledger_settle},
    {NULL, 0, NULL},
};
