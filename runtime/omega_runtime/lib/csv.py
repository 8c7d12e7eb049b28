"""CSV: rows of text to lists or tables, and back."""

from __future__ import annotations

from omega_runtime.lib.arguments import elements, string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import list_from, unlist
from omega_runtime.values.printing import display_text
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


@primitive("csv-parse")
def csv_parse(text: Value, header: Value = False, delimiter: Value = ",") -> List:
    """The list of the rows of a CSV text, each the list of its fields, which are strings; empty lines are left out.

    With #t for `header` the first row names the columns, and the others are tables by those names; or it is the list
    of the names. Raises OmegaError, with the line, for a row that has another number of fields then.
    """
    # Importing it takes long.
    import csv
    from io import StringIO

    source = StringIO(string("csv-parse", 1, text).removeprefix("\ufeff"), newline="")
    reader = csv.reader(source, delimiter=_delimiter("csv-parse", delimiter), strict=True)
    names = None if isinstance(header, bool) else _names("csv-parse", header)
    rows: list[Value] = []
    try:
        for row in reader:
            if row and header is True and names is None:
                names = row
            elif row:
                rows.append(list_from(row) if names is None else _record(names, row, reader.line_num))
    except csv.Error as error:
        raise OmegaError(f"csv-parse: line {reader.line_num} is no CSV: {error}") from None
    return list_from(rows)


def _record(names: list[str], row: list[str], line: int) -> HashTable:
    if len(row) != len(names):
        fields = f"{len(row)} field{'' if len(row) == 1 else 's'}"
        raise OmegaError(f"csv-parse: line {line} has {fields}, but there are {len(names)} columns")
    return HashTable(zip(names, row, strict=True))


@primitive("csv-emit")
def csv_emit(rows: Value, header: Value = False, delimiter: Value = ",") -> str:
    """The CSV text of a list of rows, each a list or vector of fields in their display form, or a table by column.

    With a list of names for `header` these are the first row, and the columns of tables; #t takes the keys of the
    first table.
    """
    import csv
    from io import StringIO

    items = elements("csv-emit", 1, rows)
    names = None if header is False else _columns(header, items)
    target = StringIO(newline="")
    writer = csv.writer(target, delimiter=_delimiter("csv-emit", delimiter), lineterminator="\n")
    if names:
        writer.writerow([_field(name) for name in names])
    for row in items:
        writer.writerow([_field(each) for each in _fields(row, names)])
    return target.getvalue()


def _columns(header: Value, rows: list[Value]) -> list[Value]:
    if header is not True:
        return _names("csv-emit", header)
    if not rows:
        return []
    if not isinstance(rows[0], dict):
        raise wrong_type("csv-emit", 1, "a list of tables, where the header is #t", rows[0])
    return list(rows[0])


def _fields(row: Value, names: list[Value] | None) -> list[Value]:
    """The fields of a row; those that a table lacks are empty."""
    if isinstance(row, dict):
        if names is None:
            raise wrong_type("csv-emit", 2, "a list of columns, or #t, for rows that are tables", False)
        return [row.get(name) for name in names]
    fields = list(row) if isinstance(row, Vector) else unlist(row)
    if fields is None:
        raise wrong_type("csv-emit", 1, "a list of lists, vectors or tables", row)
    return fields


def _field(value: Value) -> str:
    return "" if value is None else display_text(value)


def _names(procedure: str, header: Value) -> list[Value]:
    found = unlist(header)
    if found is None:
        raise wrong_type(procedure, 2, "a boolean or a list of names", header)
    return found


def _delimiter(procedure: str, value: Value) -> str:
    found = value.value if type(value) is Char else value
    if isinstance(found, str) and len(found) == 1 and found not in '"\r\n':
        return found
    raise wrong_type(procedure, 3, "a char, or a string of one", value)
