/* Lists: values/pairs.py and lib/lists.py. */

#include "speed.h"

/* cadr and all its kin: the letters of its name, from right to left. */
static PyObject *
access_parts(PyObject *const *a, Py_ssize_t Py_UNUSED(n), const char *name)
{
    PyObject *part = a[0];
    for (const char *step = name + strlen(name) - 2; step > name; step--) {
        if (!is_pair(part))
            return NULL;
        part = *step == 'a' ? car_of(part) : cdr_of(part);
        if (part == NULL)
            return NULL;
    }
    return Py_NewRef(part);
}

/* The accessors that are called most, without a look at their names. */
#define ACCESSOR_OF_ONE(function, part_of) \
    QUICK(function) \
    { \
        return is_pair(a[0]) ? Py_XNewRef(part_of(a[0])) : NULL; \
    }
ACCESSOR_OF_ONE(car, car_of)
ACCESSOR_OF_ONE(cdr, cdr_of)

static PyObject *
cdr_if_pair(PyObject *value)
{
    return value != NULL && is_pair(value) ? cdr_of(value) : NULL;
}

QUICK(cadr)
{
    PyObject *rest = cdr_if_pair(a[0]);
    return goes_on(rest) ? Py_NewRef(car_of(rest)) : NULL;
}

QUICK(cddr)
{
    return Py_XNewRef(cdr_if_pair(cdr_if_pair(a[0])));
}

QUICK(caddr)
{
    PyObject *rest = cdr_if_pair(cdr_if_pair(a[0]));
    return goes_on(rest) ? Py_NewRef(car_of(rest)) : NULL;
}

QUICK(cons)
{
    return pair_of(Py_NewRef(a[0]), Py_NewRef(a[1]));
}

static PyObject *
replaced(PyObject **part, PyObject *value)
{
    PyObject *old = *part;
    if (old == NULL)
        return NULL;
    *part = Py_NewRef(value);
    Py_DECREF(old);
    Py_RETURN_NONE;
}

QUICK(set_car)
{
    return is_pair(a[0]) ? replaced(&((Pair *)a[0])->car, a[1]) : NULL;
}

QUICK(set_cdr)
{
    return is_pair(a[0]) ? replaced(&((Pair *)a[0])->cdr, a[1]) : NULL;
}

QUICK(is_pair_)
{
    return kind_of(a[0]) == OTHER ? NULL : PyBool_FromLong(is_pair(a[0]));
}

QUICK(is_null)
{
    return kind_of(a[0]) == OTHER ? NULL : PyBool_FromLong(a[0] == known.nil);
}

QUICK(is_list)
{
    return proper_length(a[0]) < 0 ? NULL : Py_NewRef(Py_True);
}

QUICK(is_plain_list)
{
    if (PyList_CheckExact(a[0]) || PyTuple_CheckExact(a[0]))
        Py_RETURN_TRUE;
    return kind_of(a[0]) == OTHER ? NULL : Py_NewRef(Py_False);
}

QUICK(as_list)
{
    return is_pair(a[0]) ? Py_NewRef(a[0]) : NULL;
}

QUICK(length)
{
    Py_ssize_t found = proper_length(a[0]);
    return found < 0 ? NULL : PyLong_FromSsize_t(found);
}

/* Items in front of a tail; the caller holds them. */
static PyObject *
list_of(PyObject *const *items, Py_ssize_t count, PyObject *tail)
{
    PyObject *result = Py_NewRef(tail);
    while (result != NULL && count-- > 0)
        result = pair_of(Py_NewRef(items[count]), result);
    return result;
}

QUICK_ANY_COUNT(list_)
{
    return known.nil == NULL ? NULL : list_of(a, n, known.nil);
}

QUICK_ANY_COUNT(cons_star)
{
    return n < 1 ? NULL : list_of(a, n - 1, a[n - 1]);
}

PyObject *
list_of_items(PyObject *items, PyObject *tail)
{
    PyObject *result = Py_NewRef(tail);
    for (Py_ssize_t i = PyList_GET_SIZE(items) - 1; result != NULL && i >= 0; i--)
        if (i < PyList_GET_SIZE(items)) /* code that was run by a collection may have made it shorter */
            result = pair_of(Py_NewRef(PyList_GET_ITEM(items, i)), result);
    return result;
}

/* list_from(items, tail) for Python's own lists and tuples. */
QUICK_ANY_COUNT(list_from)
{
    PyObject *result, *items = a[0];
    if (n < 1 || n > 2 || known.nil == NULL)
        return NULL;
    result = n == 2 ? a[1] : known.nil;
    if (PyTuple_CheckExact(items))
        return list_of(((PyTupleObject *)items)->ob_item, PyTuple_GET_SIZE(items), result);
    return PyList_CheckExact(items) ? list_of_items(items, result) : NULL;
}

/* The elements of a list as a new Python list, or NULL, perhaps without an exception. */
static PyObject *
elements_of(PyObject *list)
{
    Py_ssize_t count, i = 0;
    PyObject *rest = list, *items;
    if (PyList_CheckExact(list))
        return PyList_GetSlice(list, 0, PyList_GET_SIZE(list));
    count = proper_length(list);
    if (count < 0)
        return NULL;
    items = PyList_New(count);
    if (items == NULL)
        return NULL;
    for (; i < count && goes_on(rest); rest = cdr_of(rest))
        PyList_SET_ITEM(items, i++, Py_NewRef(car_of(rest)));
    if (i < count) /* a collection that PyList_New started has run code that changed the list */
        Py_CLEAR(items);
    return items;
}

QUICK(unlist)
{
    return elements_of(a[0]);
}

/* elements(procedure, position, value) */
QUICK(elements)
{
    return elements_of(a[2]);
}

/* A copy of a proper list in front of a tail. Collections may run code that changes the list meanwhile, so each pair is
 * held while it is copied, and the copy ends where the list then does. */
static PyObject *
copy_before(PyObject *list, PyObject *tail)
{
    PyObject *first = NULL, *last = NULL, *rest = Py_NewRef(list);
    while (goes_on(rest)) {
        PyObject *next, *pair = pair_of(Py_NewRef(car_of(rest)), Py_NewRef(tail));
        if (pair == NULL) {
            Py_XDECREF(first);
            Py_DECREF(rest);
            return NULL;
        }
        if (last == NULL)
            first = pair;
        else {
            PyObject *old = cdr_of(last);
            ((Pair *)last)->cdr = pair;
            Py_XDECREF(old); /* the tail, which the caller holds */
        }
        last = pair;
        next = Py_XNewRef(cdr_of(rest));
        Py_DECREF(rest);
        rest = next;
    }
    Py_XDECREF(rest);
    return first == NULL ? Py_NewRef(tail) : first;
}

QUICK_ANY_COUNT(append)
{
    PyObject *result;
    if (n == 0 || kind_of(a[n - 1]) == OTHER)
        return NULL;
    for (Py_ssize_t i = 0; i < n - 1; i++)
        if (proper_length(a[i]) < 0)
            return NULL;
    result = Py_NewRef(a[n - 1]);
    for (Py_ssize_t i = n - 2; result != NULL && i >= 0; i--) {
        PyObject *longer = copy_before(a[i], result);
        Py_DECREF(result);
        result = longer;
    }
    return result;
}

QUICK(list_copy)
{
    return proper_length(a[0]) < 0 ? NULL : copy_before(a[0], known.nil);
}

QUICK(reverse)
{
    PyObject *result, *rest = a[0];
    if (proper_length(rest) < 0)
        return NULL;
    result = Py_NewRef(known.nil);
    Py_INCREF(rest); /* held, as in copy_before */
    while (result != NULL && goes_on(rest)) {
        PyObject *next;
        result = pair_of(Py_NewRef(car_of(rest)), result);
        next = Py_XNewRef(cdr_of(rest));
        Py_DECREF(rest);
        rest = next;
    }
    Py_XDECREF(rest);
    return result;
}

/* The rest of a list from the element at index `k` on, borrowed; NULL where it isn't made of pairs up to there. */
static PyObject *
rest_from(PyObject *list, PyObject *k)
{
    Py_ssize_t count = index_below(k, 1 << 24); /* a circular list takes as long as one wants */
    if (count < 0)
        return NULL;
    while (list != NULL && count > 0 && is_pair(list)) {
        list = cdr_of(list);
        count--;
    }
    return count > 0 ? NULL : list;
}

QUICK(list_tail)
{
    return Py_XNewRef(rest_from(a[0], a[1]));
}

QUICK(list_ref)
{
    PyObject *rest = rest_from(a[0], a[1]);
    return goes_on(rest) ? Py_NewRef(car_of(rest)) : NULL;
}

static PyObject *
nth(PyObject *list, int k)
{
    for (; goes_on(list); list = cdr_of(list))
        if (k-- == 0)
            return Py_NewRef(car_of(list));
    return NULL;
}

QUICK(first)
{
    return nth(a[0], 0);
}

QUICK(second)
{
    return nth(a[0], 1);
}

QUICK(third)
{
    return nth(a[0], 2);
}

/* The first numbers from 0 on; as many as take no noticeable time. */
QUICK(iota)
{
    Py_ssize_t count = index_below(a[0], 1 << 22);
    PyObject *result;
    if (count < 0 || known.nil == NULL)
        return NULL;
    result = Py_NewRef(known.nil);
    while (result != NULL && count-- > 0) {
        PyObject *number = PyLong_FromSsize_t(count);
        if (number == NULL)
            Py_CLEAR(result);
        else
            result = pair_of(number, result);
    }
    return result;
}

#define ACCESSOR(name) {"lib.lists." name, 1, access_parts}

const Operation list_operations[] = {
    {"values.pairs.is_plain_list", 1, is_plain_list},
    {"values.pairs.list_from", ANY_COUNT, list_from},
    {"values.pairs.list_length", 1, length},
    {"values.pairs.make_list", ANY_COUNT, list_},
    {"values.pairs.unlist", 1, unlist},
    {"lib.special_forms.as_list", 1, as_list},
    ACCESSOR("caar"), ACCESSOR("cdar"), ACCESSOR("caaar"), ACCESSOR("caadr"), ACCESSOR("cadar"),
    ACCESSOR("cdaar"), ACCESSOR("cdadr"), ACCESSOR("cddar"), ACCESSOR("cdddr"),
    ACCESSOR("cadddr"), ACCESSOR("cddddr"),
    {"lib.arguments.elements", 3, elements},
    {"lib.lists.append", ANY_COUNT, append},
    {"lib.lists.caddr", 1, caddr},
    {"lib.lists.cadr", 1, cadr},
    {"lib.lists.car", 1, car},
    {"lib.lists.cddr", 1, cddr},
    {"lib.lists.cdr", 1, cdr},
    {"lib.lists.cons", 2, cons},
    {"lib.lists.cons_star", ANY_COUNT, cons_star},
    {"lib.lists.drop", 2, list_tail},
    {"lib.lists.first", 1, first},
    {"lib.lists.iota", 1, iota},
    {"lib.lists.is_list", 1, is_list},
    {"lib.lists.is_null", 1, is_null},
    {"lib.lists.is_pair", 1, is_pair_},
    {"lib.lists.length", 1, length},
    {"lib.lists.list_", ANY_COUNT, list_},
    {"lib.lists.list_copy", 1, list_copy},
    {"lib.lists.list_ref", 2, list_ref},
    {"lib.lists.list_tail", 2, list_tail},
    {"lib.lists.reverse", 1, reverse},
    {"lib.lists.second", 1, second},
    {"lib.lists.set_car", 2, set_car},
    {"lib.lists.set_cdr", 2, set_cdr},
    {"lib.lists.third", 1, third},
    {NULL, 0, NULL},
};
