/* What loops that count run through: lib/counting.py. Usual are ints, which a range goes through. */

#include "speed.h"

/* Far enough from the ends of 64 bits that the distance of two of them, and one more, are there. */
static const long long FAR = 1LL << 61;

typedef struct {
    long long start, end, step;
} Bounds;

static bool
is_near(PyObject *value, long long *stored)
{
    return is_small(value, stored) && -FAR < *stored && *stored < FAR;
}

/* (start, end, step) of a call; the step is 1 where there is none. */
static bool
has_bounds(PyObject *const *a, Py_ssize_t count, Bounds *bounds)
{
    bounds->step = 1;
    return (count == 2 || (count == 3 && is_near(a[2], &bounds->step))) && is_near(a[0], &bounds->start) &&
           is_near(a[1], &bounds->end);
}

/* range(start, end + more, step) */
static PyObject *
range_of(PyObject *const *a, Py_ssize_t count, const Bounds *bounds, int more)
{
    PyObject *end, *range, *arguments[3] = {a[0], a[1], count == 3 ? a[2] : NULL};
    if (more == 0)
        return PyObject_Vectorcall((PyObject *)&PyRange_Type, arguments, count, NULL);
    end = PyLong_FromLongLong(bounds->end + more);
    if (end == NULL)
        return NULL;
    arguments[1] = end;
    range = PyObject_Vectorcall((PyObject *)&PyRange_Type, arguments, count, NULL);
    Py_DECREF(end);
    return range;
}

QUICK_ANY_COUNT(until)
{
    Bounds b;
    if (!has_bounds(a, n, &b) || b.step == 0 || (b.end - b.start) % b.step != 0 || (b.end - b.start) / b.step < 0)
        return NULL;
    return range_of(a, n, &b, 0);
}

static PyObject *
counted_up(PyObject *const *a, Py_ssize_t n, int more)
{
    Bounds b;
    return has_bounds(a, n, &b) && b.step > 0 ? range_of(a, n, &b, more) : NULL;
}

static PyObject *
counted_down(PyObject *const *a, Py_ssize_t n, int more)
{
    Bounds b;
    return has_bounds(a, n, &b) && b.step < 0 ? range_of(a, n, &b, more) : NULL;
}

#define COUNTED(function, way, more) \
    QUICK_ANY_COUNT(function) \
    { \
        return way(a, n, more); \
    }
COUNTED(below, counted_up, 0)
COUNTED(reaching, counted_up, 0)
COUNTED(upto, counted_up, 1)
COUNTED(passing, counted_up, 1)
COUNTED(above, counted_down, 0)
COUNTED(falling, counted_down, 0)
COUNTED(downto, counted_down, -1)
COUNTED(sinking, counted_down, -1)

const Operation counting_operations[] = {
    {"lib.counting.above", ANY_COUNT, above},
    {"lib.counting.below", ANY_COUNT, below},
    {"lib.counting.downto", ANY_COUNT, downto},
    {"lib.counting.falling", ANY_COUNT, falling},
    {"lib.counting.passing", ANY_COUNT, passing},
    {"lib.counting.reaching", ANY_COUNT, reaching},
    {"lib.counting.sinking", ANY_COUNT, sinking},
    {"lib.counting.until", ANY_COUNT, until},
    {"lib.counting.upto", ANY_COUNT, upto},
    {NULL, 0, NULL},
};
