/* Numbers: lib/numbers.py. Usual are ints and floats themselves, of which subclasses may mean anything. */

#include "speed.h"

static bool
is_number(PyObject *value)
{
    return PyLong_CheckExact(value) || PyFloat_CheckExact(value);
}

static bool
are_ints(PyObject *const *a)
{
    return PyLong_CheckExact(a[0]) && PyLong_CheckExact(a[1]);
}

static bool
are_floats(PyObject *const *a)
{
    return PyFloat_CheckExact(a[0]) && PyFloat_CheckExact(a[1]);
}

QUICK(add)
{
    return are_ints(a) || are_floats(a) ? PyNumber_Add(a[0], a[1]) : NULL;
}

QUICK(subtract)
{
    return are_ints(a) || are_floats(a) ? PyNumber_Subtract(a[0], a[1]) : NULL;
}

QUICK(multiply)
{
    return are_ints(a) || are_floats(a) ? PyNumber_Multiply(a[0], a[1]) : NULL;
}

QUICK(divide)
{
    long long x, y;
    if (are_floats(a) && PyFloat_AS_DOUBLE(a[1]) != 0)
        return PyNumber_TrueDivide(a[0], a[1]);
    if (!is_small(a[1], &y) || y <= 0)
        return NULL;
    if (PyFloat_CheckExact(a[0]))
        return PyNumber_TrueDivide(a[0], a[1]);
    if (!is_small(a[0], &x))
        return NULL;
    return x % y == 0 ? PyLong_FromLongLong(x / y) : PyNumber_TrueDivide(a[0], a[1]);
}

QUICK(quotient)
{
    long long x, y;
    return is_small(a[0], &x) && is_small(a[1], &y) && y > 0 ? PyLong_FromLongLong(x / y) : NULL;
}

QUICK(remainder_)
{
    long long x, y;
    return is_small(a[0], &x) && is_small(a[1], &y) && y > 0 ? PyLong_FromLongLong(x % y) : NULL;
}

#define COMPARISON(function, operation) \
    QUICK(function) \
    { \
        return is_number(a[0]) && is_number(a[1]) ? PyObject_RichCompare(a[0], a[1], operation) : NULL; \
    }
COMPARISON(numbers_equal, Py_EQ)
COMPARISON(less, Py_LT)
COMPARISON(greater, Py_GT)
COMPARISON(less_or_equal, Py_LE)
COMPARISON(greater_or_equal, Py_GE)

/* The second of two numbers of one type where it is less, or greater, and otherwise the first. */
static PyObject *
extreme(PyObject *const *a, int operation)
{
    int is_second;
    if (!are_ints(a) && !(are_floats(a) && PyFloat_AS_DOUBLE(a[1]) == PyFloat_AS_DOUBLE(a[1])))
        return NULL;
    is_second = PyObject_RichCompareBool(a[1], a[0], operation);
    return is_second < 0 ? NULL : Py_NewRef(a[is_second]);
}

QUICK(min_)
{
    return extreme(a, Py_LT);
}

QUICK(max_)
{
    return extreme(a, Py_GT);
}

QUICK(abs_)
{
    return is_number(a[0]) ? PyNumber_Absolute(a[0]) : NULL;
}

QUICK(is_even)
{
    long long x;
    return is_small(a[0], &x) ? PyBool_FromLong(x % 2 == 0) : NULL;
}

QUICK(is_odd)
{
    long long x;
    return is_small(a[0], &x) ? PyBool_FromLong(x % 2 != 0) : NULL;
}

QUICK(is_number_)
{
    return kind_of(a[0]) == OTHER ? NULL : PyBool_FromLong(is_number(a[0]));
}

QUICK(number_to_string)
{
    long long x;
    return is_small(a[0], &x) ? PyObject_Repr(a[0]) : NULL;
}

const Operation number_operations[] = {
    {"lib.numbers.abs_", 1, abs_},
    {"lib.numbers.add", 2, add},
    {"lib.numbers.divide", 2, divide},
    {"lib.numbers.greater", 2, greater},
    {"lib.numbers.greater_or_equal", 2, greater_or_equal},
    {"lib.numbers.is_even", 1, is_even},
    {"lib.numbers.is_number_", 1, is_number_},
    {"lib.numbers.is_odd", 1, is_odd},
    {"lib.numbers.less", 2, less},
    {"lib.numbers.less_or_equal", 2, less_or_equal},
    {"lib.numbers.max_", 2, max_},
    {"lib.numbers.min_", 2, min_},
    {"lib.numbers.multiply", 2, multiply},
    {"lib.numbers.number_to_string", 1, number_to_string},
    {"lib.numbers.numbers_equal", 2, numbers_equal},
    {"lib.numbers.quotient", 2, quotient},
    {"lib.numbers.remainder", 2, remainder_},
    {"lib.numbers.subtract", 2, subtract},
    {NULL, 0, NULL},
};
