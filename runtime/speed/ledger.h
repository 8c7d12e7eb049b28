/* The books of the ledger in memory, and what whole calls need of them. */

#ifndef OMEGA_LEDGER_H
#define OMEGA_LEDGER_H

#include "speed.h"

#ifdef __GNUC__
#pragma GCC visibility push(hidden)
#endif

/* Offsets of slots of accounts and holds. */
typedef struct {
    Py_ssize_t account_ledger, account_parent;
    Py_ssize_t hold_account, hold_request, hold_open, hold_output, hold_tokens, hold_picodollars, hold_call, hold_periods;
} LedgerSlots;
extern LedgerSlots ledger_at;

static inline PyObject **
slot(PyObject *object, Py_ssize_t offset)
{
    return (PyObject **)((char *)object + offset);
}

/* A figure of 62 bits, so that the sum of two can be stored. */
static inline bool
figure(PyObject *value, long long *stored)
{
    int overflow;
    if (value == NULL || !PyLong_CheckExact(value))
        return false;
#if PY_VERSION_HEX >= 0x030C0000
    if (PyUnstable_Long_IsCompact((PyLongObject *)value)) {
        *stored = PyUnstable_Long_CompactValue((PyLongObject *)value);
        return true;
    }
#else
    if (Py_SIZE(value) == 0 || Py_SIZE(value) == 1) {
        *stored = Py_SIZE(value) == 0 ? 0 : (long long)((PyLongObject *)value)->ob_digit[0];
        return true;
    }
#endif
    *stored = PyLong_AsLongLongAndOverflow(value, &overflow);
    return overflow == 0 && *stored > -(1LL << 61) && *stored < 1LL << 61;
}

/* What there is to know of a bill before it is booked. */
typedef struct {
    long long input, output;
    PyObject *text, *counters;
    PyObject **answer; /* where the text goes as well, or NULL */
} Bill;

/* Whether an object is a ledger in memory whose method is the one that does its usual case here. */
bool is_plain_ledger(PyObject *ledger, Quick method);
PyObject *counters_at(PyObject *ledger, PyObject *site, PyObject *model);
bool hold_plainly(PyObject *ledger, PyObject *hold, PyObject *wanted, long long tokens);
int book_plainly(PyObject *ledger, PyObject *hold, const Bill *bill);
PyObject *declined(void);

PyObject *ledger_reserve(PyObject *const *arguments, Py_ssize_t count, const char *name);
PyObject *ledger_settle(PyObject *const *arguments, Py_ssize_t count, const char *name);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
