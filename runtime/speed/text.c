/* Chars and strings: lib/chars.py and lib/strings.py. */

#include "speed.h"

/* The string that a char is, borrowed. */
static PyObject *
text_of(PyObject *character)
{
    return *(PyObject **)((char *)character + known.character_value);
}

/* The code point of what may be a char, or -1 for anything that is none as usual. */
Py_ssize_t
code_of(PyObject *character)
{
    PyObject *value;
    if (!is_exactly(character, known.character))
        return -1;
    value = text_of(character);
    if (value == NULL || !PyUnicode_CheckExact(value) || PyUnicode_GET_LENGTH(value) != 1)
        return -1;
    return (Py_ssize_t)PyUnicode_READ_CHAR(value, 0);
}

/* The char of a code point. The first time it is Python's class that makes a Latin one, and keeps it. */
static PyObject *
char_of(Py_UCS4 code)
{
    static PyObject *latin[256];
    PyObject *text, *made;
    if (code < 256 && latin[code] != NULL)
        return Py_NewRef(latin[code]);
    text = PyUnicode_FromOrdinal((int)code);
    if (text == NULL)
        return NULL;
    made = PyObject_CallOneArg((PyObject *)known.character, text);
    Py_DECREF(text);
    if (made != NULL && code < 256 && latin[code] == NULL)
        latin[code] = Py_NewRef(made);
    return made;
}

QUICK(is_char)
{
    return PyBool_FromLong(is_exactly(a[0], known.character));
}

QUICK(char_to_integer)
{
    Py_ssize_t code = code_of(a[0]);
    return code < 0 ? NULL : PyLong_FromSsize_t(code);
}

QUICK(integer_to_char)
{
    Py_ssize_t code = index_below(a[0], 0xD800);
    return code < 0 || known.character == NULL ? NULL : char_of((Py_UCS4)code);
}

#define COMPARISON(function, sign) \
    QUICK(function) \
    { \
        Py_ssize_t code = code_of(a[0]), other = code_of(a[1]); \
        return code < 0 || other < 0 ? NULL : PyBool_FromLong(code sign other); \
    }
COMPARISON(chars_equal, ==)
COMPARISON(char_less, <)
COMPARISON(char_greater, >)
COMPARISON(char_less_or_equal, <=)
COMPARISON(char_greater_or_equal, >=)

#define CLASS_TEST(function, test) \
    QUICK(function) \
    { \
        Py_ssize_t code = code_of(a[0]); \
        return code < 0 ? NULL : PyBool_FromLong(test((Py_UCS4)code)); \
    }
CLASS_TEST(is_char_alphabetic, Py_UNICODE_ISALPHA)
CLASS_TEST(is_char_numeric, Py_UNICODE_ISDECIMAL)
CLASS_TEST(is_char_whitespace, Py_UNICODE_ISSPACE)

QUICK(is_string)
{
    return kind_of(a[0]) == OTHER ? NULL : PyBool_FromLong(PyUnicode_CheckExact(a[0]));
}

QUICK(string_length)
{
    return PyUnicode_CheckExact(a[0]) ? PyLong_FromSsize_t(PyUnicode_GET_LENGTH(a[0])) : NULL;
}

QUICK(string_ref)
{
    Py_ssize_t k = PyUnicode_CheckExact(a[0]) ? index_below(a[1], PyUnicode_GET_LENGTH(a[0])) : -1;
    return k < 0 || known.character == NULL ? NULL : char_of(PyUnicode_READ_CHAR(a[0], k));
}

QUICK_ANY_COUNT(substring)
{
    Py_ssize_t length, start, end;
    if (n < 2 || n > 3 || !PyUnicode_CheckExact(a[0]))
        return NULL;
    length = PyUnicode_GET_LENGTH(a[0]);
    start = index_below(a[1], length + 1);
    end = n == 3 ? index_below(a[2], length + 1) : length;
    return start < 0 || end < start ? NULL : PyUnicode_Substring(a[0], start, end);
}

QUICK_ANY_COUNT(string_append)
{
    Py_ssize_t length = 0, at = 0;
    Py_UCS4 greatest = 0;
    PyObject *result;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!PyUnicode_CheckExact(a[i]) || PyUnicode_GET_LENGTH(a[i]) > PY_SSIZE_T_MAX - length)
            return NULL;
        length += PyUnicode_GET_LENGTH(a[i]);
        if (PyUnicode_MAX_CHAR_VALUE(a[i]) > greatest)
            greatest = PyUnicode_MAX_CHAR_VALUE(a[i]);
    }
    result = PyUnicode_New(length, greatest);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        Py_ssize_t more = PyUnicode_GET_LENGTH(a[i]);
        if (more > 0 && PyUnicode_CopyCharacters(result, at, a[i], 0, more) < 0)
            Py_CLEAR(result);
        at += more;
    }
    return result;
}

/* A string of ASCII with each byte as a function of C's gives it, which is what Python's methods do with them. */
static PyObject *
ascii_with(PyObject *text, unsigned char (*changed)(unsigned char))
{
    Py_ssize_t length;
    PyObject *result;
    if (!PyUnicode_CheckExact(text) || !PyUnicode_IS_ASCII(text))
        return NULL;
    length = PyUnicode_GET_LENGTH(text);
    result = PyUnicode_New(length, 127);
    for (Py_ssize_t i = 0; result != NULL && i < length; i++)
        PyUnicode_1BYTE_DATA(result)[i] = changed(PyUnicode_1BYTE_DATA(text)[i]);
    return result;
}

static unsigned char
upper(unsigned char letter)
{
    return (unsigned char)Py_TOUPPER(letter);
}

static unsigned char
lower(unsigned char letter)
{
    return (unsigned char)Py_TOLOWER(letter);
}

QUICK(string_upcase)
{
    return ascii_with(a[0], upper);
}

QUICK(string_downcase)
{
    return ascii_with(a[0], lower);
}

/* What a delimiter is for Python: a string, borrowed, that isn't empty; NULL for anything unusual. */
static PyObject *
delimiter_of(PyObject *value)
{
    if (code_of(value) >= 0)
        return text_of(value);
    return PyUnicode_CheckExact(value) && PyUnicode_GET_LENGTH(value) > 0 ? value : NULL;
}

QUICK_ANY_COUNT(string_parts)
{
    PyObject *delimiter = n == 2 ? delimiter_of(a[1]) : NULL;
    if (n < 1 || (n == 2 && delimiter == NULL) || n > 2 || !PyUnicode_CheckExact(a[0]))
        return NULL;
    return PyUnicode_Split(a[0], delimiter, -1);
}

QUICK_ANY_COUNT(string_split)
{
    PyObject *parts = known.nil == NULL ? NULL : string_parts(a, n, NULL), *result;
    if (parts == NULL)
        return NULL;
    result = list_of_items(parts, known.nil);
    Py_DECREF(parts);
    return result;
}

#define STRING_COMPARISON(function, operation) \
    QUICK(function) \
    { \
        bool are_strings = PyUnicode_CheckExact(a[0]) && PyUnicode_CheckExact(a[1]); \
        return are_strings ? PyUnicode_RichCompare(a[0], a[1], operation) : NULL; \
    }
STRING_COMPARISON(strings_equal, Py_EQ)
STRING_COMPARISON(string_less, Py_LT)
STRING_COMPARISON(string_greater, Py_GT)

QUICK(string_to_list)
{
    PyObject *result;
    if (!PyUnicode_CheckExact(a[0]) || known.nil == NULL || known.character == NULL)
        return NULL;
    result = Py_NewRef(known.nil);
    for (Py_ssize_t i = PyUnicode_GET_LENGTH(a[0]) - 1; result != NULL && i >= 0; i--) {
        PyObject *character = char_of(PyUnicode_READ_CHAR(a[0], i));
        if (character == NULL)
            Py_CLEAR(result);
        else
            result = pair_of(character, result);
    }
    return result;
}

/* The chars of a string as a Python list, which nobody else can see before it is whole. */
QUICK(string_chars)
{
    Py_ssize_t length;
    PyObject *items;
    if (!PyUnicode_CheckExact(a[0]) || known.character == NULL)
        return NULL;
    length = PyUnicode_GET_LENGTH(a[0]);
    items = PyList_New(length);
    if (items == NULL)
        return NULL;
    PyObject_GC_UnTrack(items);
    for (Py_ssize_t i = 0; i < length; i++) {
        PyObject *character = char_of(PyUnicode_READ_CHAR(a[0], i));
        if (character == NULL) {
            Py_DECREF(items);
            return NULL;
        }
        PyList_SET_ITEM(items, i, character);
    }
    PyObject_GC_Track(items);
    return items;
}

/* The string of the chars of a Python list. Nothing here runs code, so that the list stays as it is. */
static PyObject *
string_of_items(PyObject *items)
{
    Py_ssize_t length = PyList_GET_SIZE(items);
    Py_UCS4 greatest = 0;
    PyObject *result;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_ssize_t code = code_of(PyList_GET_ITEM(items, i));
        if (code < 0)
            return NULL;
        if ((Py_UCS4)code > greatest)
            greatest = (Py_UCS4)code;
    }
    result = PyUnicode_New(length, greatest);
    for (Py_ssize_t i = 0; result != NULL && i < length; i++) {
        Py_UCS4 code = PyUnicode_READ_CHAR(text_of(PyList_GET_ITEM(items, i)), 0);
        PyUnicode_WRITE(PyUnicode_KIND(result), PyUnicode_DATA(result), i, code);
    }
    return result;
}

QUICK(list_to_string)
{
    Py_ssize_t length, i = 0;
    Py_UCS4 greatest = 0;
    PyObject *result;
    if (PyList_CheckExact(a[0]))
        return string_of_items(a[0]);
    length = proper_length(a[0]);
    if (length < 0)
        return NULL;
    for (PyObject *rest = a[0]; goes_on(rest); rest = cdr_of(rest)) {
        Py_ssize_t code = code_of(car_of(rest));
        if (code < 0)
            return NULL;
        if ((Py_UCS4)code > greatest)
            greatest = (Py_UCS4)code;
    }
    result = PyUnicode_New(length, greatest); /* strings aren't collected, so that this runs no code */
    if (result == NULL)
        return NULL;
    for (PyObject *rest = a[0]; goes_on(rest); rest = cdr_of(rest))
        PyUnicode_WRITE(PyUnicode_KIND(result), PyUnicode_DATA(result), i++, (Py_UCS4)code_of(car_of(rest)));
    return result;
}

const Operation text_operations[] = {
    {"lib.chars.char_greater", 2, char_greater},
    {"lib.chars.char_greater_or_equal", 2, char_greater_or_equal},
    {"lib.chars.char_less", 2, char_less},
    {"lib.chars.char_less_or_equal", 2, char_less_or_equal},
    {"lib.chars.char_to_integer", 1, char_to_integer},
    {"lib.chars.chars_equal", 2, chars_equal},
    {"lib.chars.integer_to_char", 1, integer_to_char},
    {"lib.chars.is_char", 1, is_char},
    {"lib.chars.is_char_alphabetic", 1, is_char_alphabetic},
    {"lib.chars.is_char_numeric", 1, is_char_numeric},
    {"lib.chars.is_char_whitespace", 1, is_char_whitespace},
    {"lib.strings.is_string", 1, is_string},
    {"lib.strings.list_to_string", 1, list_to_string},
    {"lib.strings.string_append", ANY_COUNT, string_append},
    {"lib.strings.string_chars", 1, string_chars},
    {"lib.strings.string_downcase", 1, string_downcase},
    {"lib.strings.string_greater", 2, string_greater},
    {"lib.strings.string_length", 1, string_length},
    {"lib.strings.string_less", 2, string_less},
    {"lib.strings.string_parts", ANY_COUNT, string_parts},
    {"lib.strings.string_ref", 2, string_ref},
    {"lib.strings.string_split", ANY_COUNT, string_split},
    {"lib.strings.string_to_list", 1, string_to_list},
    {"lib.strings.string_upcase", 1, string_upcase},
    {"lib.strings.strings_equal", 2, strings_equal},
    {"lib.strings.substring", ANY_COUNT, substring},
    {NULL, 0, NULL},
};
