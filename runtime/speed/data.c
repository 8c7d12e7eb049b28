/* Vectors, hash tables and symbols: lib/vectors.py, lib/tables.py, lib/symbols.py. */

#include "speed.h"

/* Whether a value is a vector, or the Python list that stands for one. */
static bool
is_vector(PyObject *value)
{
    return is_exactly(value, known.vector) || PyList_CheckExact(value);
}

QUICK(vector_ref)
{
    Py_ssize_t k = is_vector(a[0]) ? index_below(a[1], PyList_GET_SIZE(a[0])) : -1;
    return k < 0 ? NULL : Py_NewRef(PyList_GET_ITEM(a[0], k));
}

QUICK(vector_set)
{
    Py_ssize_t k = is_vector(a[0]) ? index_below(a[1], PyList_GET_SIZE(a[0])) : -1;
    PyObject *old;
    if (k < 0)
        return NULL;
    old = PyList_GET_ITEM(a[0], k);
    PyList_SET_ITEM(a[0], k, Py_NewRef(a[2]));
    Py_DECREF(old); /* last, as it may run a finalizer */
    Py_RETURN_NONE;
}

QUICK(vector_length)
{
    return is_vector(a[0]) ? PyLong_FromSsize_t(PyList_GET_SIZE(a[0])) : NULL;
}

QUICK(vector_to_list)
{
    return is_vector(a[0]) && known.nil != NULL ? list_of_items(a[0], known.nil) : NULL;
}

/* Whether a table holds a key as it is. */
static bool
is_plain(PyObject *table, PyObject *key)
{
    return (is_exactly(table, known.hash_table) || is_exactly(table, known.eqv_hash_table)) &&
           (PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || is_exactly(key, known.symbol));
}

/* The value at a key, borrowed; NULL, perhaps with an exception, where there is none. */
static PyObject *
found(PyObject *table, PyObject *key)
{
    return is_plain(table, key) ? PyDict_GetItemWithError(table, key) : NULL;
}

QUICK_ANY_COUNT(hash_table_ref)
{
    return n == 2 || n == 3 ? Py_XNewRef(found(a[0], a[1])) : NULL;
}

QUICK(hash_table_ref_default)
{
    PyObject *value;
    if (!is_plain(a[0], a[1]))
        return NULL;
    value = PyDict_GetItemWithError(a[0], a[1]);
    return value != NULL || PyErr_Occurred() ? Py_XNewRef(value) : Py_NewRef(a[2]);
}

QUICK(is_hash_table_contains)
{
    int contains = is_plain(a[0], a[1]) ? PyDict_Contains(a[0], a[1]) : -1;
    return contains < 0 ? NULL : PyBool_FromLong(contains);
}

QUICK(hash_table_set)
{
    if (!is_plain(a[0], a[1]) || PyDict_SetItem(a[0], a[1], a[2]) < 0)
        return NULL;
    Py_RETURN_NONE;
}

QUICK(is_symbol)
{
    return PyBool_FromLong(is_exactly(a[0], known.symbol));
}

const Operation data_operations[] = {
    {"lib.vectors.vector_length", 1, vector_length},
    {"lib.vectors.vector_ref", 2, vector_ref},
    {"lib.vectors.vector_set", 3, vector_set},
    {"lib.vectors.vector_to_list", 1, vector_to_list},
    {"lib.tables.hash_table_ref", ANY_COUNT, hash_table_ref},
    {"lib.tables.hash_table_ref_default", 3, hash_table_ref_default},
    {"lib.tables.hash_table_set", 3, hash_table_set},
    {"lib.tables.is_hash_table_contains", 2, is_hash_table_contains},
    {"lib.symbols.is_symbol", 1, is_symbol},
    {NULL, 0, NULL},
};
