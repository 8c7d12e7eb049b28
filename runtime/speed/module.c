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

int
find_slots(const Slot *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slots[i].type == NULL)
            return PyErr_Format(PyExc_ValueError, "the class with %s is not introduced", slots[i].name), -1;
        *slots[i].offset = slot_offset(slots[i].type, slots[i].name);
        if (*slots[i].offset < 0)
            return -1;
    }
    return 0;
}

int
find_names(const Name *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((*names[i].name = PyUnicode_InternFromString(names[i].text)) == NULL)
            return -1;
    return 0;
}

static const struct {
    const char *name;
    PyObject **value;
    bool is_class;
} introductions[] = {
    {"NIL", &known.nil, false},
    {"SETTLED", &known.settled, false},
    {"current", &known.current, false},
    {"frame_readers", &known.frame_readers, false},
    {"paces", &known.paces, false},
    {"position", &known.position, false},
    {"settings", &known.settings, false},
    {"tracers", &known.tracers, false},
    {"Char", (PyObject **)&known.character, true},
    {"Context", (PyObject **)&known.context, true},
    {"EqvHashTable", (PyObject **)&known.eqv_hash_table, true},
    {"HashTable", (PyObject **)&known.hash_table, true},
    {"Hold", (PyObject **)&known.hold, true},
    {"Lock", (PyObject **)&known.lock, true},
    {"MemoryAccount", (PyObject **)&known.memory_account, true},
    {"MemoryLedger", (PyObject **)&known.memory_ledger, true},
    {"PlainCall", (PyObject **)&known.plain_call, true},
    {"Plan", (PyObject **)&known.plan, true},
    {"Policy", (PyObject **)&known.policy, true},
    {"Reply", (PyObject **)&known.reply, true},
    {"Request", (PyObject **)&known.request, true},
    {"Settings", (PyObject **)&known.settings_class, true},
    {"Statistics", (PyObject **)&known.statistics, true},
    {"Symbol", (PyObject **)&known.symbol, true},
    {"Vector", (PyObject **)&known.vector, true},
};

/* introduce(name, value): what the functions here must know of the runtime, kept for good. */
static PyObject *
introduce(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    const char *name;
    PyObject *value;
    if (!PyArg_ParseTuple(arguments, "sO", &name, &value))
        return NULL;
    for (size_t i = 0; i < sizeof introductions / sizeof introductions[0]; i++)
        if (strcmp(introductions[i].name, name) == 0 && PyType_Check(value) == introductions[i].is_class) {
            *introductions[i].value = Py_NewRef(value);
            if (strcmp(name, "Char") == 0) {
                known.character_value = slot_offset(known.character, "value");
                if (known.character_value < 0)
                    return NULL;
            }
            if (strcmp(name, "MemoryLedger") == 0 && prepare_ledger() < 0)
                return NULL;
            if (strcmp(name, "PlainCall") == 0 && prepare_calls() < 0)
                return NULL;
            if (strcmp(name, "Reply") == 0 && prepare_replies() < 0)
                return NULL;
            Py_RETURN_NONE;
        }
    return PyErr_Format(PyExc_ValueError, "%s can't be introduced here", name);
}

static PyMethodDef methods[] = {
    {"accelerated", accelerated, METH_O, NULL},
    {"introduce", introduce, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* What acceleration.py looks for: a number that goes up whenever the two have to be changed together. */
#define INTERFACE 5

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
    if (PyModule_AddIntConstant(module, "INTERFACE", INTERFACE) < 0)
        return -1;
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
