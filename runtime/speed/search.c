/* Sameness, and what is found by it: values/equality.py, lib/booleans.py and lib/association.py. */

#include "speed.h"

/* More steps than these are left to Python, where an endless search can be interrupted. */
#define PATIENCE 10000

static int
same_numbers(PyObject *a, PyObject *b)
{
    if (PyFloat_CheckExact(a) && PyFloat_CheckExact(b)) {
        double x = PyFloat_AS_DOUBLE(a), y = PyFloat_AS_DOUBLE(b);
        return x == y || (x != x && y != y);
    }
    return PyObject_RichCompareBool(a, b, Py_EQ);
}

static bool
are_same_texts(PyObject *a, PyObject *b)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(a);
    return a == b || (length == PyUnicode_GET_LENGTH(b) && PyUnicode_KIND(a) == PyUnicode_KIND(b) &&
                      memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)length * PyUnicode_KIND(a)) == 0);
}

/* Whether a and b, which are no two pairs, are the same; 0 also for a pair and something else. */
static int
same_kinds(PyObject *a, Kind kind, PyObject *b, Kind other)
{
    if (a == b)
        return 1;
    if (kind == OTHER || other == OTHER)
        return -1;
    if (kind != other)
        return 0;
    if (kind == NUMBER)
        return same_numbers(a, b);
    if (kind == STRING)
        return are_same_texts(a, b);
    if (kind == CHARACTER) {
        Py_ssize_t code = code_of(a), other_code = code_of(b);
        return code < 0 || other_code < 0 ? -1 : code == other_code;
    }
    return 0;
}

/* `eqv?`: 1, 0, or -1 for what only Python's code can say. */
static int
are_eqv(PyObject *a, PyObject *b)
{
    return same_kinds(a, kind_of(a), b, kind_of(b));
}

/* `equal?`, of small structures. */
static int
are_equal_within(PyObject *a, PyObject *b, int depth, int *steps)
{
    for (;;) {
        Kind kind = kind_of(a), other = kind_of(b);
        int same;
        if (kind != PAIR || other != PAIR || a == b)
            return same_kinds(a, kind, b, other);
        if (depth == 0 || --*steps == 0 || !goes_on(a) || !goes_on(b))
            return -1;
        same = are_equal_within(car_of(a), car_of(b), depth - 1, steps);
        if (same != 1)
            return same;
        a = cdr_of(a);
        b = cdr_of(b);
        if (a == NULL || b == NULL)
            return -1;
    }
}

static int
are_equal(PyObject *a, PyObject *b)
{
    int steps = PATIENCE;
    return are_equal_within(a, b, 50, &steps);
}

static PyObject *
answer(int same)
{
    return same < 0 ? NULL : PyBool_FromLong(same);
}

QUICK(is_eqv)
{
    return answer(are_eqv(a[0], a[1]));
}

QUICK(is_equal)
{
    return answer(are_equal(a[0], a[1]));
}

QUICK(is_not)
{
    return PyBool_FromLong(a[0] == Py_False);
}

/* How keys are compared with one key. For strings, integers and symbols `equal?` is `eqv?`. */
typedef int (*Sameness)(PyObject *, PyObject *);

static int
is_same_text(PyObject *key, PyObject *other)
{
    if (PyUnicode_CheckExact(other))
        return are_same_texts(key, other);
    return kind_of(other) == OTHER ? -1 : 0;
}

static int
is_same_integer(PyObject *key, PyObject *other)
{
    if (PyLong_CheckExact(other))
        return PyObject_RichCompareBool(key, other, Py_EQ);
    return same_kinds(key, NUMBER, other, kind_of(other));
}

static int
is_same_symbol(PyObject *key, PyObject *other)
{
    return key == other;
}

static Sameness
sameness_for(PyObject *key, Sameness otherwise)
{
    if (PyUnicode_CheckExact(key))
        return is_same_text;
    if (PyLong_CheckExact(key))
        return is_same_integer;
    return is_exactly(key, known.symbol) ? is_same_symbol : otherwise;
}

/* The rest of a list from the key on, or #f. */
static PyObject *
member_by(Sameness usual, PyObject *key, PyObject *rest)
{
    Sameness are_same = sameness_for(key, usual);
    for (int steps = PATIENCE; goes_on(rest) && steps > 0; steps--) {
        int same = are_same(key, car_of(rest));
        if (same != 0)
            return same < 0 ? NULL : Py_NewRef(rest);
        rest = cdr_of(rest);
    }
    return rest != NULL && rest == known.nil ? Py_NewRef(Py_False) : NULL;
}

/* The first entry of an association list that has the key, or #f. */
static PyObject *
entry_by(Sameness usual, PyObject *key, PyObject *rest)
{
    Sameness are_same = sameness_for(key, usual);
    for (int steps = PATIENCE; goes_on(rest) && steps > 0; steps--) {
        PyObject *entry = car_of(rest);
        int same = goes_on(entry) ? are_same(key, car_of(entry)) : -1;
        if (same != 0)
            return same < 0 ? NULL : Py_NewRef(entry);
        rest = cdr_of(rest);
    }
    return rest != NULL && rest == known.nil ? Py_NewRef(Py_False) : NULL;
}

QUICK(memv)
{
    return member_by(are_eqv, a[0], a[1]);
}

QUICK(member)
{
    return member_by(are_equal, a[0], a[1]);
}

QUICK(assv)
{
    return entry_by(are_eqv, a[0], a[1]);
}

QUICK(assoc)
{
    return entry_by(are_equal, a[0], a[1]);
}

const Operation search_operations[] = {
    {"values.equality.is_eqv", 2, is_eqv},
    {"values.equality.is_equal", 2, is_equal},
    {"lib.booleans.is_eqv", 2, is_eqv},
    {"lib.booleans.is_equal", 2, is_equal},
    {"lib.booleans.not_", 1, is_not},
    {"lib.association.memq", 2, memv},
    {"lib.association.memv", 2, memv},
    {"lib.association.member", 2, member},
    {"lib.association.assq", 2, assv},
    {"lib.association.assv", 2, assv},
    {"lib.association.assoc", 2, assoc},
    {NULL, 0, NULL},
};
