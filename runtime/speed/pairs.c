/* Pairs: the layout of values/pairs.py's class, made and freed quickly. Its methods are Python's. */

#include "speed.h"

PyTypeObject *pair_type;

/* A new pair of two references, which it takes over, also when there is no memory. */
PyObject *
pair_of(PyObject *car, PyObject *cdr)
{
    Pair *pair = PyObject_GC_New(Pair, pair_type); /* may collect garbage, and so run Python code, on Python 3.11 */
    if (pair == NULL) {
        Py_DECREF(car);
        Py_DECREF(cdr);
        return NULL;
    }
    pair->car = car;
    pair->cdr = cdr;
    PyObject_GC_Track(pair);
    return (PyObject *)pair;
}

/* The length of a proper list that is made of pairs only, or -1; finds circles as `list_length` does. */
Py_ssize_t
proper_length(PyObject *list)
{
    PyObject *rest = list, *mark = NULL;
    Py_ssize_t count = 0, limit = 1024;
    while (goes_on(rest)) {
        rest = cdr_of(rest);
        count++;
        if (rest == mark)
            return -1;
        if (count == limit) {
            mark = rest;
            limit *= 2;
        }
    }
    return rest != NULL && rest == known.nil ? count : -1;
}

/* Pair(car, cdr); everything else that a class can be called with goes Python's way. */
static PyObject *
pair_vectorcall(PyObject *type, PyObject *const *arguments, size_t flags, PyObject *names)
{
    Py_ssize_t count = PyVectorcall_NARGS(flags), i;
    PyObject *positional, *named = NULL, *pair = NULL;
    if (count == 2 && names == NULL)
        return pair_of(Py_NewRef(arguments[0]), Py_NewRef(arguments[1]));
    positional = PyTuple_New(count);
    if (positional == NULL)
        return NULL;
    for (i = 0; i < count; i++)
        PyTuple_SET_ITEM(positional, i, Py_NewRef(arguments[i]));
    if (names != NULL) {
        named = PyDict_New();
        for (i = 0; named != NULL && i < PyTuple_GET_SIZE(names); i++)
            if (PyDict_SetItem(named, PyTuple_GET_ITEM(names, i), arguments[count + i]) < 0)
                Py_CLEAR(named);
    }
    if (names == NULL || named != NULL)
        pair = PyType_Type.tp_call(type, positional, named);
    Py_DECREF(positional);
    Py_XDECREF(named);
    return pair;
}

static int
pair_traverse(Pair *pair, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(pair));
    Py_VISIT(pair->car);
    Py_VISIT(pair->cdr);
    return 0;
}

/* Give up a list, one pair at a time as long as nobody else has the rest, since a list may be longer than the C stack. */
static void
release_list(PyObject *rest)
{
    while (rest != NULL && is_pair(rest) && Py_REFCNT(rest) == 1) {
        PyObject *next = cdr_of(rest);
        ((Pair *)rest)->cdr = NULL;
        Py_DECREF(rest);
        rest = next;
    }
    Py_XDECREF(rest);
}

static int
pair_clear(Pair *pair)
{
    PyObject *rest = pair->cdr;
    pair->cdr = NULL;
    Py_CLEAR(pair->car);
    release_list(rest);
    return 0;
}

static void
pair_dealloc(Pair *pair)
{
    PyTypeObject *type = Py_TYPE(pair);
    PyObject_GC_UnTrack(pair);
    Py_TRASHCAN_BEGIN(pair, pair_dealloc)
    pair_clear(pair);
    type->tp_free(pair);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

static PyMemberDef pair_members[] = {
    {"car", T_OBJECT_EX, offsetof(Pair, car), 0, NULL},
    {"cdr", T_OBJECT_EX, offsetof(Pair, cdr), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot pair_slots[] = {
    {Py_tp_members, pair_members},
    {Py_tp_traverse, pair_traverse},
    {Py_tp_clear, pair_clear},
    {Py_tp_dealloc, pair_dealloc},
    {0, NULL},
};

static PyType_Spec pair_spec = {
    "omega_runtime.values.pairs.Pair",
    sizeof(Pair),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    pair_slots,
};

int
add_pair_type(PyObject *module)
{
    pair_type = (PyTypeObject *)PyType_FromSpec(&pair_spec);
    if (pair_type == NULL)
        return -1;
    pair_type->tp_name = "Pair"; /* as error messages have it */
    pair_type->tp_vectorcall = pair_vectorcall;
    return PyModule_AddObjectRef(module, "Pair", (PyObject *)pair_type);
}
