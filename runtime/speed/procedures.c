/* The type of a function with a usual case in C. To everybody who asks it is the Python function. */

#include "speed.h"

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    Quick quick; /* the operation's */
    PyObject *function;
    PyObject *attributes; /* the function's own dict */
    const Operation *operation;
    const char *name; /* the last part of the operation's */
} Procedure;

static PyTypeObject *procedure_type;

static PyObject *
call(Procedure *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    Py_ssize_t count = PyVectorcall_NARGS(flags), wanted = self->operation->count;
    if ((count == wanted || wanted == ANY_COUNT) && (names == NULL || PyTuple_GET_SIZE(names) == 0)) {
        PyObject *result = self->quick(arguments, count, self->name);
        if (result != NULL || PyErr_Occurred())
            return result;
    }
    return PyObject_Vectorcall(self->function, arguments, flags, names);
}

/* The call with as many arguments as usual and none by name, which needs no more looking at; any other is as above. */
static inline PyObject *
call_of(Py_ssize_t wanted, Procedure *self, PyObject *const *arguments, size_t flags, PyObject *names)
{
    if ((flags & ~PY_VECTORCALL_ARGUMENTS_OFFSET) == (size_t)wanted && names == NULL) {
        PyObject *result = self->quick(arguments, wanted, self->name);
        if (result != NULL)
            return result;
        if (PyErr_Occurred())
            return NULL;
        return PyObject_Vectorcall(self->function, arguments, flags, NULL);
    }
    return call(self, arguments, flags, names);
}

#define CALL_OF(function, wanted) \
    static PyObject *function(Procedure *self, PyObject *const *arguments, size_t flags, PyObject *names) \
    { \
        return call_of(wanted, self, arguments, flags, names); \
    }
CALL_OF(call_of_one, 1)
CALL_OF(call_of_two, 2)
CALL_OF(call_of_three, 3)

static vectorcallfunc
vectorcall_for(const Operation *operation)
{
    switch (operation->count) {
    case 1:
        return (vectorcallfunc)call_of_one;
    case 2:
        return (vectorcallfunc)call_of_two;
    case 3:
        return (vectorcallfunc)call_of_three;
    default:
        return (vectorcallfunc)call;
    }
}

/* What is asked for by name, which `closure` is, is the function's. */
static PyObject *
get_of_function(Procedure *self, void *closure)
{
    return PyObject_GetAttrString(self->function, (const char *)closure);
}

static PyObject *
get_function(Procedure *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(self->function);
}

/* Bound like a function where it is a method. */
static PyObject *
bind(PyObject *self, PyObject *owner, PyObject *Py_UNUSED(type))
{
    return owner == NULL || owner == Py_None ? Py_NewRef(self) : PyMethod_New(self, owner);
}

/* Copied and pickled by name, as functions are. */
static PyObject *
reduce(Procedure *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_GetAttrString(self->function, "__qualname__");
}

static PyObject *
represent(Procedure *self)
{
    return PyObject_Repr(self->function);
}

static int
procedure_traverse(Procedure *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->function);
    Py_VISIT(self->attributes);
    return 0;
}

static int
procedure_clear(Procedure *self)
{
    Py_CLEAR(self->function);
    Py_CLEAR(self->attributes);
    return 0;
}

static void
procedure_dealloc(Procedure *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    procedure_clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyMethodDef procedure_methods[] = {
    {"__reduce__", (PyCFunction)reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

#define OF_FUNCTION(name) {name, (getter)get_of_function, NULL, NULL, name}

static PyGetSetDef procedure_getters[] = {
    OF_FUNCTION("__annotations__"), OF_FUNCTION("__closure__"),  OF_FUNCTION("__code__"),
    OF_FUNCTION("__defaults__"),    OF_FUNCTION("__globals__"),  OF_FUNCTION("__kwdefaults__"),
    OF_FUNCTION("__name__"),        OF_FUNCTION("__qualname__"), {"__wrapped__", (getter)get_function, NULL, NULL, NULL},
    {"__dict__", PyObject_GenericGetDict, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef procedure_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(Procedure, attributes), READONLY, NULL},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Procedure, vectorcall), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot procedure_slots[] = {
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_getset, procedure_getters},
    {Py_tp_descr_get, bind},
    {Py_tp_repr, represent},
    {Py_tp_methods, procedure_methods},
    {Py_tp_members, procedure_members},
    {Py_tp_traverse, procedure_traverse},
    {Py_tp_clear, procedure_clear},
    {Py_tp_dealloc, procedure_dealloc},
    {0, NULL},
};

static PyType_Spec procedure_spec = {
    "builtins.function", /* as that of Python's functions is called */
    sizeof(Procedure),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR |
        Py_TPFLAGS_DISALLOW_INSTANTIATION,
    procedure_slots,
};

int
add_procedure_type(PyObject *module)
{
    procedure_type = (PyTypeObject *)PyType_FromSpec(&procedure_spec);
    return procedure_type == NULL ? -1 : PyModule_AddObjectRef(module, "Procedure", (PyObject *)procedure_type);
}

static const Operation *
operation_called(const char *module, const char *name)
{
    static const Operation *const all[] = {
        list_operations, search_operations, data_operations, text_operations, number_operations, counting_operations,
        ledger_operations, call_operations,
    };
    size_t length = strlen(module);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        for (const Operation *each = all[i]; each->name != NULL; each++)
            if (strncmp(each->name, module, length) == 0 && each->name[length] == '.' &&
                strcmp(each->name + length + 1, name) == 0)
                return each;
    return NULL;
}

static const Operation *
operation_of(PyObject *function)
{
    static const char package[] = "omega_runtime.";
    const Operation *operation = NULL;
    PyObject *module = PyObject_GetAttrString(function, "__module__");
    PyObject *name = module == NULL ? NULL : PyObject_GetAttrString(function, "__name__");
    const char *module_text = name == NULL ? NULL : PyUnicode_AsUTF8(module);
    const char *name_text = module_text == NULL ? NULL : PyUnicode_AsUTF8(name);
    if (name_text != NULL && strncmp(module_text, package, sizeof package - 1) == 0)
        operation = operation_called(module_text + sizeof package - 1, name_text);
    Py_XDECREF(module);
    Py_XDECREF(name);
    return operation;
}

/* The function's dict. What a class has of its own, so that no descriptor can give the instance's, is put there. */
static PyObject *
attributes_of(PyObject *function)
{
    static const char *const names[] = {"__module__", "__doc__"};
    PyObject *attributes = PyObject_GetAttrString(function, "__dict__");
    for (int i = 0; attributes != NULL && i < 2; i++) {
        PyObject *value = PyObject_GetAttrString(function, names[i]);
        if (value == NULL || PyDict_SetItemString(attributes, names[i], value) < 0)
            Py_CLEAR(attributes);
        Py_XDECREF(value);
    }
    return attributes;
}

/* Whether a function is one that does its usual case so. */
bool
does(PyObject *function, Quick quick)
{
    return function != NULL && is_exactly(function, procedure_type) && ((Procedure *)function)->quick == quick;
}

/* What does the work of a function of the runtime: a procedure with a usual case, if there is one, or itself. */
PyObject *
accelerated(PyObject *Py_UNUSED(module), PyObject *function)
{
    const Operation *operation = operation_of(function);
    PyObject *attributes;
    Procedure *procedure;
    if (operation == NULL)
        return PyErr_Occurred() ? NULL : Py_NewRef(function);
    attributes = attributes_of(function);
    procedure = attributes == NULL ? NULL : PyObject_GC_New(Procedure, procedure_type);
    if (procedure == NULL) {
        Py_XDECREF(attributes);
        return NULL;
    }
    procedure->vectorcall = vectorcall_for(operation);
    procedure->quick = operation->quick;
    procedure->function = Py_NewRef(function);
    procedure->attributes = attributes;
    procedure->operation = operation;
    procedure->name = strrchr(operation->name, '.') + 1;
    PyObject_GC_Track(procedure);
    return (PyObject *)procedure;
}
