"""Where in the Omega source an error happened, read off its traceback."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType
    from typing import Any


def place(error: BaseException) -> str | None:
    """Where an error was raised, as "file:line:column", here or in another process; None outside Omega code."""
    elsewhere: str | None = getattr(error, "raised_at", None)
    found = omega_place(error.__traceback__) if elsewhere is None else None
    if elsewhere is not None:
        return elsewhere
    return None if found is None else "{}:{}:{}".format(*found)


def omega_place(traceback: TracebackType | None) -> tuple[str, int, int] | None:
    """The innermost Omega place of a traceback: file, line and column, both counted from 1."""
    innermost = None
    while traceback is not None:
        if is_omega(traceback):
            innermost = traceback
        traceback = traceback.tb_next
    return None if innermost is None else frame_place(innermost)


def is_omega(entry: TracebackType) -> bool:
    """Whether an entry of a traceback shows Omega code; a record procedure that refuses its argument doesn't."""
    if "__omega_source__" not in entry.tb_frame.f_globals:
        return False
    inner = entry.tb_next.tb_frame if entry.tb_next is not None else None
    if inner is None or inner.f_code.co_name not in ("record_field", "wrong_record"):
        return True
    return letters(inner.f_locals.get("procedure", "")) != letters(entry.tb_frame.f_code.co_name)


def letters(name: str) -> str:
    """What a name's Omega and Python spellings share."""
    return "".join(c for c in name.lower() if c.isalnum())


def frame_place(entry: TracebackType) -> tuple[str, int, int] | None:
    """The Omega file, line and column of one entry of a traceback; None when it is no Omega code.

    A frame is Omega code when its globals hold `__omega_source__`, the file's name. A .py file ends with a table
    of where its lines come from; without one, its own name and line are given. Any other code has Omega's positions.
    """
    names = entry.tb_frame.f_globals
    if "__omega_source__" not in names:
        return None
    code, offset = instruction_of(entry)
    if not code.co_filename.endswith(".py"):
        return _position(code, offset, names)
    line = instruction_span(code, offset)[0] or entry.tb_lineno
    table = _line_table(code.co_filename, names)
    if not table:
        return code.co_filename, line, 1
    line, column = _mapped(table, line)
    return *own_line(line, names), column


def own_line(number: int, names: dict[str, Any]) -> tuple[str, int]:
    """The file and the line of a line's number; a module numbers those of included files behind its own."""
    file, before = names["__omega_source__"], 0
    for count, included in names.get("__omega_files__", ()):
        if number > count:
            file, before = included, count
    return file, number - before


def getline(file: str, line: int, names: dict[str, Any]) -> str:
    """A line of a module's source, or of a file that it includes; the module's loader only has the former."""
    import linecache

    return linecache.getline(file, line, names if file == names.get("__omega_source__", file) else None)


def instruction_of(entry: TracebackType) -> tuple[CodeType, int]:
    """The code and the offset of an entry's instruction; where it makes tail calls, those of the last one."""
    code, offset, _ = _instruction(entry)
    return code, offset


def procedure_of(entry: TracebackType) -> str:
    """The qualified name of the procedure that an entry's instruction is in."""
    _, _, name = _instruction(entry)
    return name


def _instruction(entry: TracebackType) -> tuple[CodeType, int, str]:
    code = entry.tb_frame.f_code
    if entry.tb_next is None or "__omega_source__" not in entry.tb_frame.f_globals:
        return code, entry.tb_lasti, code.co_qualname
    if entry.tb_next.tb_frame.f_code.co_name == "run":
        from omega_runtime.places.step_sites import step_site

        step = step_site(entry)
        if step is not None:
            return *step, code.co_qualname
    from omega_runtime.places.tail_sites import tail_site

    found = tail_site(entry)
    return (found.code, found.offset, found.name) if found else (code, entry.tb_lasti, code.co_qualname)


def instruction_span(code: CodeType, offset: int) -> tuple[int | None, int | None, int | None, int | None]:
    """First and last line of an instruction, and its columns in UTF-8 bytes from 0; None for what isn't known."""
    from itertools import islice

    return next(islice(code.co_positions(), offset // 2, None), (None, None, None, None))


TABLE_HEAD = "# Where the code comes from (Python line:Omega line:column):"


def _line_table(file: str, names: dict[str, Any]) -> list[str]:
    """The entries of the table in the comment at a compiled module's end."""
    from linecache import getlines

    entries: list[str] = []
    for line in reversed(getlines(file, names)):
        if line.startswith(TABLE_HEAD):
            return entries
        if not line.startswith("# "):
            break
        entries = [*line[2:].split(), *entries]
    return []


def _mapped(table: list[str], python_line: int) -> tuple[int, int]:
    """The place of a line: that of the last entry "python line:line:column" which isn't below it."""
    place = (python_line, 1)
    for item in table:
        start, line, column = map(int, item.split(":"))
        if start > python_line:
            break
        place = (line, column)
    return place


def _position(code: CodeType, offset: int, names: dict[str, Any]) -> tuple[str, int, int]:
    """File, line and column of an instruction; Python's byte column becomes characters where it can."""
    number, _, column, _ = instruction_span(code, offset)
    file, line = own_line(number or code.co_firstlineno, names)
    if number is None or column is None:
        return file, line, 1
    own = file == names.get("__omega_source__")
    text = getline(code.co_filename if own else file, line, names).encode()
    return file, line, len(text[:column].decode(errors="ignore")) + 1 if len(text) > column else column + 1
