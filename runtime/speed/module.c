/* The module `omega_runtime._speed`, which `omega_runtime/acceleration.py` alone imports. */

#include "speed.h"

Known known;

/* The offset of a slot of a class of Python's; -1, with an exception, where there is none. */
Py_ssize_t
slot_offset(PyTypeObject *type, const char *name)
{
    Py_ssize_t offset = -1;
    PyObject *descriptor = PyObject_GetAttrString((PyObject *)type, name);
    if (descriptor == NULL)
        return -1;
    if (is_exactly(descriptor, &PyMemberDescr_Type) && ((PyMemberDescrObject *)descriptor)->d_member->type == T_OBJECT_EX)
        offset = ((PyMemberDescrObject *)descriptor)->d_member->offset;
    else
        PyErr_Format(PyExc_TypeError, "%s of %s is no slot", name, type->tp_name);
    Py_DECREF(descriptor);
    return offset;
}

/* introduce(name, value): what the functions here must know of the runtime, kept for good. */
static PyObject *
introduce(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    const char *name;
    PyObject *value;
    if (!PyArg_ParseTuple(arguments, "sO", &name, &value))
        return NULL;
    if (strcmp(name, "NIL") == 0) {
        known.nil = Py_NewRef(value);
        Py_RETURN_NONE;
    }
    if (!PyType_Check(value))
        return PyErr_Format(PyExc_TypeError, "%s must be a class", name);
    if (strcmp(name, "Vector") == 0)
        known.vector = (PyTypeObject *)Py_NewRef(value);
    else if (strcmp(name, "Symbol") == 0)
        known.symbol = (PyTypeObject *)Py_NewRef(value);
    else if (strcmp(name, "HashTable") == 0)
        known.hash_table = (PyTypeObject *)Py_NewRef(value);
    else if (strcmp(name, "EqvHashTable") == 0)
        known.eqv_hash_table = (PyTypeObject *)Py_NewRef(value);
    else if (strcmp(name, "Char") == 0) {
        known.character_value = slot_offset((PyTypeObject *)value, "value");
        if (known.character_value < 0)
            return NULL;
        known.character = (PyTypeObject *)Py_NewRef(value);
    }
    else
        return PyErr_Format(PyExc_ValueError, "%s is unknown here", name);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"accelerated", accelerated, METH_O, NULL},
    {"introduce", introduce, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* What is known is static, so the module serves one interpreter, once; others are as fast as Python is. */
static int
fill(PyObject *module)
{
    static bool is_filled = false;
    if (is_filled || PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError, "the accelerator serves one interpreter only");
        return -1;
    }
    is_filled = true;
    return add_pair_type(module) < 0 || add_procedure_type(module) < 0 ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, fill},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "omega_runtime._speed", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit__speed(void)
{
    return PyModuleDef_Init(&definition);
}
