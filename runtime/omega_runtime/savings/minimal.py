"""Prompts made shorter without losing anything the user said: less white space, no politeness."""

from __future__ import annotations

from omega_runtime.values.pairs import NIL, Pair, list_from, unlist

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

    from omega_runtime.values import Value

SHORT_ANSWER = "Be brief, in the form asked for."

# What may stand between politeness and the task; "Could you survive?" is a question and stays.
_TASK = (
    "(?=(?:summari[sz]e|explain|translate|write|list|describe|rewrite|classify|extract|answer|tell|shorten|correct|"
    r"compare|anal[yi][sz]e|generate|create|provide)\b)"
)
# A verb follows; "Please the king" is no politeness.
_NO_OBJECT = r"(?!(?:the|an?|my|your|our|his|her|its|their|everyone|everybody|them|him|me|us|not)\b)"

_OPENINGS = (
    "(?:could|can|would|will) you (?:please|kindly) ",
    f"(?:could|would) you {_TASK}",
    f"(?:please|kindly),? {_NO_OBJECT}",
    f"(?:i would|i'd|i’d) (?:like|love) you to {_NO_OBJECT}",
    f"i (?:want|need) you to {_NO_OBJECT}",
    "i was wondering (?:if|whether) you could ",
    "i would (?:be grateful|appreciate it) if you (?:could|would) ",
    "it would be (?:great|nice|helpful) if you could ",
    "would you be so kind as to ",
)
_START = r"(\A *|(?<=\n) *|(?<=[.!?])(?<!\.\w\.)(?<!etc\.) +)"
_OPENING = rf"{_START}((?:{'|'.join(_OPENINGS).replace(' ', ' +')})+)(\w)"
_GRATITUDE = "(?:(?:many )?thanks|thank you)(?: so much| very much| a lot)?(?: in advance)?(?: for your (?:help|time))?"
_THANKS = _START + _GRATITUDE.replace(" ", " +") + r"[.!](?=\s|\Z)"
_CLOSING = r", +please(?=[.!?:](?:\s|\Z))"

_QUOTE = r"[\"“”«»„‘`]|(?<!\w)'|:(?!\s*\Z)"
_FENCE = r"(```|~~~)"
_CODE_LINE = r"    |\t|\s*(?:[>#]|//)|.*(?:[|\t{}=`\"“”]|;\s*\Z)"
_GAP = r"(?<=\S)  +(?=\S)"
_COLUMN = r"(?<=[^\s.!?:;,])  +(?=\S)"
_BLANKS = " \t\r"


def minimal_operand(operand: Value) -> Value:
    """The operand of a call with less white space and, in its instruction only, without phrases of politeness.

    Of a list that starts with a string, that string is the instruction when more follows and it reads like one: it
    ends with a colon, or is one line with white space at its end. Everything else is data, and keeps every
    character that is not white space. Blocks of code between fences, indentation, and the lines of tables and of
    code stay. What is neither a string nor a list of some stays as it is.
    """
    if isinstance(operand, str):
        return _squeeze(operand, "", True, True)[0] or operand
    items = None if operand is NIL else unlist(operand)
    if items is None:
        return operand
    fence = ""
    for index, item in enumerate(items):
        if isinstance(item, str):
            is_last = index == len(items) - 1
            text = _instruction(item) if index == 0 and not is_last else item
            items[index], fence = _squeeze(text, fence, index == 0, is_last)
    if type(operand) is Pair:
        return list_from(items)
    return tuple(items) if isinstance(operand, tuple) else items


def without_politeness(text: str) -> str:
    """An instruction without polite phrases; from its first quote or inner colon on it may be data, and stays."""
    import re

    quote = re.search(_QUOTE, text)
    end = len(text) if quote is None else quote.start()
    head, rest = text[:end], text[end:]
    before = None
    while head != before:
        before = head
        head = re.sub(_OPENING, _next_letter, head, flags=re.IGNORECASE)
        head = re.sub(_THANKS, "", head, flags=re.IGNORECASE)
        head = re.sub(_CLOSING, "", head, flags=re.IGNORECASE)
    return head + rest if any(map(str.isalnum, head)) else text


def _next_letter(match: re.Match[str]) -> str:
    blanks, phrase, letter = match.groups()
    capital = letter.upper()
    return blanks + (capital if phrase[0].isupper() and len(capital) == 1 else letter)


def _is_instruction(text: str) -> bool:
    bare = text.strip()
    return bare.endswith(":") or ("\n" not in bare and text.endswith((" ", "\n\n")))


def _instruction(text: str) -> str:
    """An instruction made shorter until nothing is left to be removed, so that doing it twice changes nothing."""
    before = None
    while text != before:
        before = text
        if _is_instruction(text):
            text = _squeeze(without_politeness(text), "", True, False)[0]
    return text


def _squeeze(text: str, fence: str, is_start: bool, is_end: bool) -> tuple[str, str]:
    """A text with less white space, and the fence that is open after it; `fence` is the one open before it."""
    import re

    pieces = re.split(_FENCE, text)
    last = len(pieces) - 1
    for place, piece in enumerate(pieces):
        if place % 2:
            if not fence:
                fence = piece
            elif fence == piece:
                fence = ""
        elif not fence:
            pieces[place] = _squeeze_prose(piece, is_start and place == 0, is_end and place == last)
    return "".join(pieces), fence


def _squeeze_prose(text: str, is_start: bool, is_end: bool) -> str:
    """Text outside of fences. Where it goes on in other text, that edge keeps its indentation or one blank."""
    import re

    lines = text.split("\n")
    lines[:-1] = [line.rstrip(_BLANKS) for line in lines[:-1]]
    edge = lines[-1]
    if is_end:
        lines[-1] = edge.rstrip(_BLANKS)
    elif edge.strip(_BLANKS) and re.match(_CODE_LINE, edge) is None:
        words = edge.rstrip(" ")
        lines[-1] = words + edge[len(words) :][:1]
    if is_start:
        while len(lines) > 1 and not lines[0]:
            del lines[0]
    if is_end:
        while len(lines) > 1 and not lines[-1]:
            del lines[-1]
    kept: list[str] = []
    for number, line in enumerate(lines):
        is_inner = 0 < number < len(lines) - 1
        if line or not is_inner or kept[-1] or number == 1:
            kept.append(line)
    return "\n".join(_squeeze_gaps(kept))


def _squeeze_gaps(lines: list[str]) -> list[str]:
    """The lines with one blank between words, but for lines of code and the rows of tables."""
    import re

    rows = [number for number, line in enumerate(lines) if line.strip(_BLANKS)]
    has_column = {number: re.search(_COLUMN, lines[number]) is not None for number in rows}
    squeezed = list(lines)
    for place, number in enumerate(rows):
        neighbours = rows[max(place - 1, 0) : place] + rows[place + 1 : place + 2]
        is_row = has_column[number] and any(has_column[other] for other in neighbours)
        if not is_row and re.match(_CODE_LINE, lines[number]) is None:
            squeezed[number] = re.sub(_GAP, " ", lines[number])
    return squeezed
