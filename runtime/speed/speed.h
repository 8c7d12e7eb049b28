/* What the parts of the accelerator share.
 *
 * The runtime is whole without it. Each function here does the usual case of the Python function of its name, and
 * declines everything else, which that function then does: behaviour and errors have one source, the Python.
 * Nothing here runs Python code between looking at a value and using it, except where a comment says so.
 */

#ifndef OMEGA_SPEED_H
#define OMEGA_SPEED_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>

#ifdef Py_GIL_DISABLED
#error "the accelerator relies on the interpreter's lock"
#endif

#ifdef __GNUC__
#pragma GCC visibility push(hidden) /* what is declared here is between the parts only */
#endif

/* The usual case of a function: its result, or NULL. Without an exception NULL says that it declines; then nothing was
 * changed. `name` is the function's name in Python. */
typedef PyObject *(*Quick)(PyObject *const *arguments, Py_ssize_t count, const char *name);

#define QUICK(function) \
    static PyObject *function( \
        PyObject *const *a, Py_ssize_t Py_UNUSED(n), const char *Py_UNUSED(name))
#define QUICK_ANY_COUNT(function) \
    static PyObject *function(PyObject *const *a, Py_ssize_t n, const char *Py_UNUSED(name))
#define ANY_COUNT (-1)

typedef struct {
    const char *name; /* with its module, from omega_runtime on */
    Py_ssize_t count; /* of arguments in the usual case */
    Quick quick;
} Operation;

extern const Operation list_operations[], search_operations[], data_operations[], text_operations[],
    number_operations[], counting_operations[], ledger_operations[], call_operations[];

/* procedures.c */
int add_procedure_type(PyObject *module);
PyObject *accelerated(PyObject *module, PyObject *function);
bool does(PyObject *function, Quick quick);

/* What the Python side has introduced; NULL, which no value is, before that. */
typedef struct {
    PyObject *nil;
    PyTypeObject *vector, *character, *symbol, *hash_table, *eqv_hash_table;
    PyTypeObject *hold, *statistics, *memory_account, *memory_ledger, *lock;
    PyTypeObject *plain_call, *plan, *context, *policy, *settings_class, *request, *reply;
    PyObject *settled, *settings, *current, *position, *tracers, *frame_readers, *paces;
    Py_ssize_t character_value; /* offset of the slot */
} Known;
extern Known known;

Py_ssize_t slot_offset(PyTypeObject *type, const char *name);

/* Where to put the offset of a slot of a class. */
typedef struct {
    Py_ssize_t *offset;
    PyTypeObject *type;
    const char *name;
} Slot;
int find_slots(const Slot *slots, size_t count);

/* Where to put a name. */
typedef struct {
    PyObject **name;
    const char *text;
} Name;
int find_names(const Name *names, size_t count);

#define COUNT_OF(table) (sizeof(table) / sizeof(table)[0])

static inline bool
is_exactly(PyObject *value, PyTypeObject *type)
{
    return Py_TYPE(value) == type;
}

/* ledger.c and calls.c, once all classes are introduced of which they must know the slots */
int prepare_ledger(void);
int prepare_calls(void);
int prepare_replies(void);

/* pairs.c */
typedef struct {
    PyObject_HEAD
    PyObject *car, *cdr; /* NULL once deleted */
} Pair;
extern PyTypeObject *pair_type;
int add_pair_type(PyObject *module);
PyObject *pair_of(PyObject *car, PyObject *cdr);
Py_ssize_t proper_length(PyObject *list);

/* lists.c: the items of a Python list in front of a tail. */
PyObject *list_of_items(PyObject *items, PyObject *tail);

static inline bool
is_pair(PyObject *value)
{
    return Py_TYPE(value) == pair_type;
}

/* The parts of what is a pair, as borrowed references, or NULL. */
static inline PyObject *
car_of(PyObject *pair)
{
    return ((Pair *)pair)->car;
}

static inline PyObject *
cdr_of(PyObject *pair)
{
    return ((Pair *)pair)->cdr;
}

/* Whether a list goes on: its rest is a whole pair. */
static inline bool
goes_on(PyObject *rest)
{
    return rest != NULL && is_pair(rest) && car_of(rest) != NULL;
}

/* What a value is for the usual cases. UNIQUE is the same as itself only; OTHER may be anything, a Python list too. */
typedef enum { OTHER, PAIR, NUMBER, STRING, CHARACTER, UNIQUE } Kind;

static inline Kind
kind_of(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    if (type == pair_type)
        return PAIR;
    if (type == &PyLong_Type || type == &PyFloat_Type)
        return NUMBER;
    if (type == &PyUnicode_Type)
        return STRING;
    if (type == known.character)
        return CHARACTER;
    if (type == known.symbol || type == &PyBool_Type || value == Py_None || value == known.nil)
        return UNIQUE;
    return OTHER;
}

/* Whether a value is an int of 64 bits, which is stored. */
static inline bool
is_small(PyObject *value, long long *stored)
{
    int overflow = 0;
    if (!PyLong_CheckExact(value))
        return false;
    *stored = PyLong_AsLongLongAndOverflow(value, &overflow);
    return overflow == 0;
}

/* An int that is an index below a limit, or -1. */
static inline Py_ssize_t
index_below(PyObject *value, Py_ssize_t limit)
{
    long long index;
    return !is_small(value, &index) || index < 0 || index >= limit ? -1 : (Py_ssize_t)index;
}

/* text.c: the code point of what is a char, or -1 for one that is not as usual. */
Py_ssize_t code_of(PyObject *character);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#endif
