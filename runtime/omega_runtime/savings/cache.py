"""Answers that were paid for, to be given again for the same prompt or, when that is asked for, for a like one."""

from __future__ import annotations

from threading import Event

from cachetools import LRUCache

from omega_runtime import forks
from omega_runtime.models.answer import is_empty
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Sequence

    from omega_runtime.models.provider import Provider
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request

    Asked = tuple[Provider, str, str | None, tuple[str, ...], tuple[object, ...]]
    Alike = dict[tuple[str, ...], dict[str, dict[str, "_Answer"]]]

# The provider broke off: another attempt may well give another answer.
_UNFINISHED = ("refusal", "pause_turn", "model_context_window_exceeded")

# The words that a like prompt may not change: they are short, and turn a question into another one.
_DECISIVE_WORDS = """
    not no nor never none nothing neither without cannot except unless
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion
    dozen half third quarter double triple once twice thrice first second fourth fifth last
"""
_DECISIVE = frozenset(_DECISIVE_WORDS.split())
_NEGATING = "不没沒無无非未勿"  # within a word, as their script has no spaces

_CODE = r"(```.*?(?:```|\Z)|`[^`\n]+`)"
_PLAIN = r"[\"'(\[]*([^\W\d_]+(?:['-][^\W\d_]+)*)[\"')\]]*"
_ENDS = ",.;:!?…،؛؟।॥"
_WIDE_ENDS = r"(?<!\d)[。，、；：！？]|[。，、；：！？](?!\d)"
_QUOTES = str.maketrans("“”„«»‘’‚", '"""""\'\'\'')


# One for all caches, which are never locked for long.
_lock = forks.lock()


class AnswerCache:
    """Keeps the answers used most recently: at most `most`, and at most `most_characters` of prompts and answers.

    The key is the prompt with the model, its provider, the system prompt and the stop texts. How similar prompts are
    is the similarity of the texts, or the cosine of the vectors that `embed(prompt)` gives. Raises OmegaError for an
    impossible figure. May be used by many threads.
    """

    def __init__(
        self,
        most: int = 10_000,
        most_characters: int = 50_000_000,
        embed: Callable[[str], Sequence[float]] | None = None,
    ) -> None:
        if most < 1 or most_characters < 1:
            raise OmegaError("AnswerCache: there must be room for at least one answer and one character")
        self.most = most
        self.most_characters = most_characters
        self.embed = embed
        self._answers = _Answers(most_characters)
        self.asking: dict[tuple[Asked, str], Asking] = {}

    def begin(self, request: Request) -> tuple[Asking, bool]:
        """The call that asks this, and whether it is the caller's to make; else it is under way already."""
        key = _asked(request), request.prompt
        with _lock:
            under_way = self.asking.get(key)
            if under_way is not None:
                return under_way, False
            self.asking[key] = mine = Asking(self, request)
            return mine, True

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, request: Request, aggressive: bool, similarity: float | None = None) -> Reply | None:
        """The answer given to this prompt before, with the figures of the call that was paid for; None without one.

        An answer that was cut serves only requests that want no more than it had room for. With `aggressive`, also
        the answer to a prompt that differs in case, white space and punctuation only or, with `similarity` (above 0
        and at most 1), the one to the most similar prompt from that figure on; numbers, signs and code must be the
        same all the same. What `embed` raises comes out of here.
        """
        asked, prompt, wanted = _asked(request), request.prompt, request.wanted
        with _lock:
            answer = self._answers.get((asked, prompt))
            if answer is not None and answer.room >= wanted:
                return answer.reply
        if not aggressive:
            return None
        form, marks = normal_form(prompt)
        if not form:
            return None
        with _lock:
            alike = self._answers.alike.get(asked, {}).get(marks, {})
            for answer in reversed(alike.get(form, {}).values()):
                if answer.room >= wanted:
                    return self._answers.used(answer)
            if similarity is None:
                return None
            answers = [answer for same in alike.values() for answer in same.values() if answer.room >= wanted]
        # Outside the lock: this may take long, and `embed` is the user's.
        best = self._most_similar(prompt, form, answers, similarity)
        if best is None:
            return None
        with _lock:
            return self._answers.used(best)

    def remember(self, request: Request, reply: Reply, room: float) -> None:
        """Keep the answer to a request that was carried out with room for so many tokens, unless a better one is kept.

        Answers that the provider broke off or left empty are not kept, nor those larger than the whole cache.
        """
        if reply.stop_reason in _UNFINISHED or is_empty(reply):
            return
        if reply.stop_reason != "max_tokens":
            room = float("inf")
        form, marks = normal_form(request.prompt)
        size = len(request.prompt) + len(form) + len(reply.text) + len(request.system or "")
        if size > self.most_characters:
            return
        answer = _Answer(_asked(request), request.prompt, form, marks, reply, room, size)
        with _lock:
            kept = self._answers.pop(answer.key, None)
            if kept is not None and kept.room > room:
                answer = kept
            self._answers[answer.key] = answer
            while len(self._answers) > self.most:
                self._answers.popitem()

    def clear(self) -> None:
        """Forget every answer."""
        with _lock:
            self._answers = _Answers(self.most_characters)

    def _most_similar(self, prompt: str, form: str, answers: list[_Answer], similarity: float) -> _Answer | None:
        """The most similar one at or above the threshold; of equals the latest."""
        if not answers:
            return None
        answers.reverse()
        if self.embed is None:
            from rapidfuzz.distance import Levenshtein
            from rapidfuzz.process import extractOne

            forms = [answer.form for answer in answers]
            scorer = Levenshtein.normalized_similarity
            found = extractOne(form, forms, scorer=scorer, score_cutoff=similarity)
            return None if found is None else answers[found[2]]
        mine = unit_vector(self.embed(prompt))
        best, nearest = None, similarity
        for answer in answers:
            if answer.vector is None:
                answer.vector = unit_vector(self.embed(answer.prompt))
            cosine = _product(mine, answer.vector)
            if cosine > nearest or (best is None and cosine == nearest):
                best, nearest = answer, cosine
        return best


class Asking:
    """A call whose answer the cache is to keep; other calls that ask the same may wait for it."""

    __slots__ = ("_cache", "_done", "_key")

    def __init__(self, cache: AnswerCache, request: Request) -> None:
        self._cache = cache
        self._key = _asked(request), request.prompt
        self._done = Event()

    def remember(self, request: Request, reply: Reply, room: float) -> None:
        """Keep the answer; see `AnswerCache.remember`."""
        self._cache.remember(request, reply, room)
        self.give_up()

    def give_up(self) -> None:
        """No answer comes, or it is there: nobody has to wait for it any more."""
        with _lock:
            if self._cache.asking.get(self._key) is self:
                del self._cache.asking[self._key]
        self._done.set()

    def wait(self) -> None:
        """Wait for the answer, or for there being none."""
        # Not at a stretch, as an interrupt from another thread comes between two waits only.
        while not self._done.wait(0.25):
            pass


class _Answer:
    __slots__ = ("asked", "form", "marks", "prompt", "reply", "room", "size", "vector")

    def __init__(
        self, asked: Asked, prompt: str, form: str, marks: tuple[str, ...], reply: Reply, room: float, size: int
    ) -> None:
        self.asked = asked
        self.prompt = prompt
        self.form = form
        self.marks = marks
        self.reply = reply
        self.room = room
        self.size = size
        self.vector: array[float] | None = None

    @property
    def key(self) -> tuple[Asked, str]:
        return self.asked, self.prompt


class _Answers(LRUCache["tuple[Asked, str]", _Answer]):
    """The answers by who was asked and the prompt; `alike` has those of each who by marks, normal form and prompt."""

    def __init__(self, most_characters: int) -> None:
        super().__init__(most_characters, getsizeof=lambda answer: answer.size)
        self.alike: dict[Asked, Alike] = {}

    def __setitem__(self, key: tuple[Asked, str], answer: _Answer) -> None:
        super().__setitem__(key, answer)
        alike = self.alike.setdefault(answer.asked, {}).setdefault(answer.marks, {}).setdefault(answer.form, {})
        alike[answer.prompt] = answer

    def __delitem__(self, key: tuple[Asked, str]) -> None:
        asked, prompt = key
        answer = self[key]
        super().__delitem__(key)
        by_marks = self.alike[asked]
        by_form = by_marks[answer.marks]
        del by_form[answer.form][prompt]
        # What is left empty goes too.
        if not by_form[answer.form]:
            del by_form[answer.form]
        if not by_form:
            del by_marks[answer.marks]
        if not by_marks:
            del self.alike[asked]

    def used(self, answer: _Answer) -> Reply:
        """The reply of an answer, which may have been dropped meanwhile, and now is the latest used."""
        self.get(answer.key)
        return answer.reply


def _asked(request: Request) -> Asked:
    # The provider counts: two model functions may have the same name.
    more = (
        bool(request.messages),
        request.sampling,
        request.schema,
        request.tools,
        request.thinking,
        request.embeds is None,
    )
    return request.provider, request.model, request.system, request.stop, more


def unit_vector(numbers: Iterable[float]) -> array[float]:
    """The vector of length 1 in the same direction; empty for one without a direction. Raises OmegaError for others."""
    from array import array
    from math import hypot, isfinite

    try:
        vector = array("d", numbers)
    except (TypeError, ValueError) as error:
        raise OmegaError("AnswerCache: embed must give a sequence of numbers") from error
    length = hypot(*vector)
    return array("d", [number / length for number in vector]) if length > 0 and isfinite(length) else array("d")


def _product(one: array[float], other: array[float]) -> float:
    from operator import mul

    if one and other and len(one) != len(other):
        raise OmegaError(f"AnswerCache: embed gave vectors of {len(one)} and of {len(other)} numbers")
    return float(sum(map(mul, one, other)))


def normal_form(prompt: str) -> tuple[str, tuple[str, ...]]:
    """What prompts that mean the same have in common, and of it what a similar prompt may not change.

    Case, white space and the punctuation at the end of words do not count. Everything else does, as it may be
    data: numbers and their signs, code and names with their case, emoji, indentation and tabs of many-line data.
    """
    words: list[str] = []
    marks: list[str] = []
    is_shouted = prompt.isupper()
    tokens = _tokens(prompt)
    before = ""
    for index, token in enumerate(tokens):
        if token.isalpha() and token.islower() and token.isascii() and len(token) > 1 and token not in _DECISIVE:
            words.append(token)  # as most of them are
        elif token[0] in "`\n\t":
            words.append(token)
            marks.append(token)
        else:
            after = tokens[index + 1] if index + 1 < len(tokens) else ""
            word = _fold(_bare(token, after), before[-1:].isnumeric(), is_shouted)
            if word:
                words.append(word)
            if mark := _mark(word):
                marks.append(mark)
        before = token
    return " ".join(words), tuple(marks)


def _tokens(prompt: str) -> list[str]:
    """Words with their punctuation; pieces of code start with a backtick, indentations with \\n, tabs are \\t."""
    import re

    lines = [line for line in prompt.split("\n") if line.strip()]
    is_indented = len(lines) > 2 and any(line[0] in " \t" for line in lines)
    tokens: list[str] = []
    for place, piece in enumerate(re.split(_CODE, prompt, flags=re.DOTALL)):
        if place % 2:
            tokens.append(piece)
            continue
        for number, line in enumerate(re.sub(_WIDE_ENDS, " ", piece).split("\n")):
            text = line.lstrip(" \t")
            if is_indented and text.strip() and len(text) < len(line) and (number or not place):
                tokens.append("\n" + line[: len(line) - len(text)])
            for column, cell in enumerate(text.rstrip().split("\t")):
                if column:
                    tokens.append("\t")
                tokens += cell.split()
    return tokens


def _bare(token: str, after: str) -> str:
    """A word without the punctuation that only ends it, and without quotes around it alone."""
    token = token.translate(_QUOTES)
    word = token.rstrip(_ENDS)
    ends = token[len(word) :]
    if not word:
        return token if after or ends.strip("!?") else ""
    if ends and any(map(str.isnumeric, after)) and any(map(str.isnumeric, word)):
        return token  # "1, 2 3" is not "1 2, 3"
    is_name = ("!" in ends or "?" in ends) and after[:1].islower()
    if is_name or ("!" in ends and (word[-1].isnumeric() or (len(word) == 1 and word.isalpha()))):
        return token  # set! and null? are names, 5! and n! are products
    return word[1:-1] if word[0] == word[-1] and word[0] in "\"'" and word[1:-1].isalnum() else word


def _fold(word: str, is_after_number: bool, is_shouted: bool) -> str:
    """A plain word without its case; anything else, such as names in code, short names and units, as it is."""
    import re

    plain = re.fullmatch(_PLAIN, word)
    if plain is None or word.islower():
        return word
    letters = plain[1]
    if is_after_number and len(letters) <= 3:
        return word  # 5 Mb is not 5 MB
    if len(letters) == 1:
        return word.lower() if letters in "AI" else word
    # Capitals may be an abbreviation: WHO is not who. And not casefold, for which Maße is Masse.
    is_name = not is_shouted and len(letters) <= 4 if letters.isupper() else letters[1:] != letters[1:].lower()
    return word if is_name else word.lower()


def _mark(word: str) -> str:
    """What of a word must be the same in a similar prompt; of most words nothing."""
    from unicodedata import category

    if word in _DECISIVE or word.endswith("n't") or word != word.lower():
        return word
    if word.isascii():
        parts = word.replace("'", "").split("-")
        is_plain = all(part.isalpha() and part not in _DECISIVE for part in parts)
        return "" if is_plain and (len(word) > 1 or word in "ai") else word
    if word[0] != "-" and all(letter in "'-" or category(letter)[0] in "LMN" for letter in word):
        return "".join([letter for letter in word if letter.isnumeric() or letter in _NEGATING])
    return word
