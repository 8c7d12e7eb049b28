"""The offline model: picks the most telling sentences of a prompt's text. Deterministic, no network."""

from __future__ import annotations

import json
import re
from collections import Counter

from omega_runtime.models.parts import CALL, RESULT, text_of, texts_in, tool_call
from omega_runtime.models.prices import FREE
from omega_runtime.models.provider import Failure, Provider
from omega_runtime.models.reply import Reply
from omega_runtime.models.tokens import count_tokens, cut_tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.clock import SystemClock
    from omega_runtime.models.parts import Part
    from omega_runtime.models.prices import Price
    from omega_runtime.models.request import Request

_BRIEF, _USUAL, _DETAILED = 50, 80, 150
_TITLE_WORDS = 10

# "Brief summary (50 words): text": an instruction is a short first part, on one line, that ends in a colon.
_INSTRUCTION = re.compile(r"\s*([^\n:]{1,200}):\s+(?=\S)")
_WORD_COUNT = re.compile(r"(\d{1,5})[ -]words?\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|(?<=[。！？])|\n\s*\n")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_COMMON = frozenset(
    [
        "a",
        "about",
        "after",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "like",
        "may",
        "me",
        "more",
        "most",
        "my",
        "no",
        "not",
        "of",
        "on",
        "one",
        "only",
        "or",
        "other",
        "our",
        "out",
        "over",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "under",
        "up",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)


class OfflineProvider(Provider):
    """Answers with sentences taken from the prompt, about as many words as the prompt asks for.

    Of the tools that it may call, it calls each once, in their order, with what fits.
    """

    __slots__ = ()
    name = "offline"
    default_model = "offline"
    identity = "offline"
    has_models = False
    is_priced = True
    runs_programs = False
    takes_schemas = True
    takes_tools = True
    takes_embeddings = True

    def attachment_bound(self, part: Part) -> int:  # noqa: ARG002
        """It doesn't look at them."""
        return 0

    def price(self, model: str) -> Price:  # noqa: ARG002
        """It costs nothing."""
        return FREE

    def embedding_price(self, model: str) -> Price:  # noqa: ARG002
        """That costs nothing either."""
        return FREE

    def bound(self, request: Request) -> int:
        """A sure upper bound of the input tokens."""
        if request.embeds is None:
            return super().bound(request)
        from omega_runtime.models.embeddings import embeddings_bound, texts_of

        return embeddings_bound(texts_of(request))

    def count(self, request: Request, clock: SystemClock | None = None) -> int:  # noqa: ARG002
        """Exactly what `complete` will count as input."""
        texts = [text for _, content in request.messages for text in texts_in(content)] or [request.prompt]
        told = (text for tool in request.tools for text in tool)
        return sum(count_tokens(text) for text in (*texts, *told, request.system, request.schema) if text)

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:  # noqa: ARG002
        """Summarise the prompt or the last message, as data where there is a schema, up to the first stop text."""
        if request.embeds is not None:
            from omega_runtime.models.embeddings import offline_embeddings

            return offline_embeddings(request)
        last = request.messages[-1][1] if request.messages else request.prompt
        call = _next_call(request) if request.tools and request.may_call_tools else None
        if call is not None:
            tokens = min(count_tokens(call.text), max_tokens)
            return Reply("", self.count(request), tokens, stop_reason="tool_use", model="offline", content=[call])
        text, reason = answer(_results(request) or text_of(last)), "end_turn"
        if request.schema is not None:
            text = _as_data(request.schema, text)
        ends = [end for end in (text.find(stop) for stop in request.stop) if end >= 0]
        if ends:
            text, reason = text[: min(ends)], "stop_sequence"
        cut, tokens = cut_tokens(text, max_tokens)
        if cut != text:
            reason = "max_tokens"
        return Reply(cut, self.count(request), tokens, stop_reason=reason, model="offline")

    def failure(self, error: Exception) -> Failure:
        """Nothing costs anything here."""
        return Failure(f"offline: {type(error).__name__}: {error}", billed="no")


OFFLINE = OfflineProvider()


def _next_call(request: Request) -> Part | None:
    """A call of the first tool that was not called yet, if there is one."""
    contents = [content for _, content in request.messages if not isinstance(content, str)]
    called = {part.name for content in contents for part in content if part.kind == CALL}
    tool = next((each for each in request.tools if each.name not in called), None)
    if tool is None:
        return None
    from omega_runtime.models.schemas import example

    arguments = example(json.loads(tool.schema), answer(text_of(request.messages[0][1])))
    return tool_call(tool.name, **arguments)


def _results(request: Request) -> str:
    """What tools have given."""
    contents = [content for _, content in request.messages if not isinstance(content, str)]
    return "\n".join(part.text for content in contents for part in content if part.kind == RESULT)


def _as_data(schema: str, text: str) -> str:
    """JSON that fits a schema, with the text where one is asked for."""
    from omega_runtime.models.schemas import example

    return json.dumps(example(json.loads(schema), text), ensure_ascii=False)


def answer(prompt: str) -> str:
    """What the offline model says to a prompt, before any cut."""
    found = _INSTRUCTION.match(prompt)
    instruction, text = (found[1], prompt[found.end() :]) if found else ("", prompt)
    if not text.strip():
        return "The prompt is empty."
    heading, body = _heading(text)
    if "title" in instruction.lower():
        return heading or _title(body)
    return _summary(body, _words_wanted(instruction))


def _words_wanted(instruction: str) -> int:
    number = _WORD_COUNT.search(instruction)
    if number:
        return max(1, int(number[1]))
    lower = instruction.lower()
    if "brief" in lower or "short" in lower:
        return _BRIEF
    return _DETAILED if "detail" in lower else _USUAL


def _heading(text: str) -> tuple[str, str]:
    """The heading that the text starts with, or "", and the rest."""
    first, _, rest = text.strip().partition("\n")
    heading = first.strip(" #*=\t")
    is_heading = rest.strip() and heading and len(heading.split()) <= _TITLE_WORDS and heading[-1] not in ".!?,;:"
    return (heading, rest) if is_heading else ("", text)


def _title(text: str) -> str:
    """The most telling sentence, or its start and an ellipsis."""
    return _first_words(_summary(text, 1), _TITLE_WORDS).rstrip(".!?,;:")


def _summary(text: str, words_wanted: int) -> str:
    """The best sentences, in their order, together about as long as wanted; one sentence at least."""
    sentences = [" ".join(part.split()) for part in _SENTENCE_END.split(text) if part.strip()]
    words = [[word.lower() for word in _WORD.findall(sentence)] for sentence in sentences]
    telling = [[word for word in each if word not in _COMMON and len(word) > 1] for each in words]
    frequency = Counter(word for each in telling for word in each)

    def score(index: int) -> tuple[float, int]:
        # The square root keeps long sentences from winning by length; earlier ones win ties.
        total = sum(frequency[word] for word in set(telling[index]))
        return total / max(1, len(words[index])) ** 0.5, -index

    chosen: list[int] = []
    left = words_wanted
    for index in sorted(range(len(sentences)), key=score, reverse=True):
        size = len(sentences[index].split())
        if size <= left or not chosen:
            chosen.append(index)
            left -= size
    summary = " ".join(sentences[index] for index in sorted(chosen))
    return _first_words(summary, words_wanted) if left < 0 and words_wanted > 1 else summary


def _first_words(text: str, most: int) -> str:
    words = text.split()
    return text if len(words) <= most else " ".join(words[:most]).rstrip(",;:") + " …"
