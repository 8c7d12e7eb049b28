"""What the cache of answers gives again, and above all what it does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from omega_runtime.models.provider import Provider
from omega_runtime.models.reply import Reply
from omega_runtime.models.request import DetailedRequest, Request
from omega_runtime.savings.cache import AnswerCache, normal_form
from omega_runtime.values.errors import OmegaError

from tests.support.ledgers import SITE, Figures, Thread

PROVIDER = Figures(0)


def ask(prompt: str, max_tokens: int = 100, provider: Provider = PROVIDER, **options: Any) -> Request:
    request = DetailedRequest()
    request.site = SITE
    request.prompt = prompt
    request.provider = provider
    request.model = options.get("model", "m")
    request.wanted = max_tokens
    request.clamp = True
    request.price = None
    request.system = options.get("system")
    request.stop = options.get("stop", ())
    request.messages, request.sampling, request.tools, request.schema, request.thinking = (), (), (), None, 0
    request.embeds = None
    return request


def answer(text: str = "yes", stop_reason: str | None = "end_turn") -> Reply:
    return Reply(text, 3, 1, stop_reason=stop_reason)


def remember(cache: AnswerCache, request: Request, reply: Reply) -> None:
    """Keep an answer that had all the room it was asked with."""
    cache.remember(request, reply, request.wanted)


def texts(
    cache: AnswerCache, *prompts: str, aggressive: bool = False, similarity: float | None = None
) -> list[str | None]:
    replies = [cache.find(ask(prompt), aggressive, similarity) for prompt in prompts]
    return [None if reply is None else reply.text for reply in replies]


def test_the_same_request_gets_the_same_reply() -> None:
    cache = AnswerCache()
    reply = answer()
    assert cache.find(ask("p"), False) is None
    remember(cache, ask("p"), reply)
    assert cache.find(ask("p"), False) is reply
    assert cache.find(ask("p"), True) is reply


@pytest.mark.parametrize("aggressive", [False, True])
@pytest.mark.parametrize(
    "other",
    [
        ask("hello", model="n"),
        ask("hello", system="Be kind."),
        ask("hello", system=""),
        ask("hello", stop=("\n",)),
        ask("hello", provider=Figures(0)),
        ask("goodbye"),
    ],
    ids=["model", "system", "empty system", "stop", "provider", "prompt"],
)
def test_another_request_does_not(other: Request, aggressive: bool) -> None:
    cache = AnswerCache()
    remember(cache, ask("hello"), answer("yes"))
    assert cache.find(other, aggressive, 0.5) is None
    remember(cache, other, answer("no"))
    assert texts(cache, "hello") == ["yes"]


@pytest.mark.parametrize("prompt", ["Hello", "hello ", "hello!", "hello\n"])
def test_without_aggressive_every_character_counts(prompt: str) -> None:
    cache = AnswerCache()
    remember(cache, ask("hello"), answer())
    assert cache.find(ask(prompt), False, 0.1) is None


@pytest.mark.parametrize(
    ("stop_reason", "wanted", "hit"),
    [
        ("end_turn", 10, True),
        ("end_turn", 10_000, True),
        ("stop_sequence", 10_000, True),
        (None, 10_000, True),
        ("max_tokens", 50, True),
        ("max_tokens", 100, True),
        ("max_tokens", 101, False),
        ("refusal", 100, False),
        ("pause_turn", 100, False),
        ("model_context_window_exceeded", 100, False),
    ],
)
@pytest.mark.parametrize("prompt", ["Say hello.", "say HELLO", "say hallo"])
def test_a_cut_answer_serves_who_wants_no_more(stop_reason: str | None, wanted: int, hit: bool, prompt: str) -> None:
    cache = AnswerCache()
    remember(cache, ask("Say hello.", 100), answer(stop_reason=stop_reason))
    assert (cache.find(ask(prompt, wanted), True, 0.8) is not None) is hit


def test_the_room_of_a_cut_answer_is_what_the_ledger_left_of_it() -> None:
    cache = AnswerCache()
    cache.remember(ask("p", 100), answer(stop_reason="max_tokens"), 16)
    assert cache.find(ask("p", 16), False) is not None
    assert cache.find(ask("p", 17), False) is None


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ((100, "max_tokens"), (50, "max_tokens"), "first"),
        ((50, "max_tokens"), (100, "max_tokens"), "second"),
        ((50, "end_turn"), (100, "max_tokens"), "first"),
        ((100, "max_tokens"), (50, "end_turn"), "second"),
        ((50, "end_turn"), (50, "end_turn"), "second"),
    ],
)
def test_the_longer_answer_is_kept(first: tuple[int, str], second: tuple[int, str], kept: str) -> None:
    cache = AnswerCache()
    remember(cache, ask("p", first[0]), answer("first", first[1]))
    remember(cache, ask("p", second[0]), answer("second", second[1]))
    assert len(cache) == 1
    assert texts(cache, "p", "P.") == [kept, None]


# Prompts that are equal but for case, white space and punctuation

ALIKE = [
    ("Hello, world!", "hello world"),
    ("What is  the capital of France?", "what is the capital of france"),
    ("  Summarise:\n\tthe text. ", "summarise the text"),
    ("EXPLAIN THIS TO ME", "explain this to me"),
    ("Give an IMPORTANT example", "give an important example"),
    ("A cat; I think", "a cat, i think"),
    ("I don’t know", "I don't know"),
    ("Don't stop!", "don't stop"),
    ("Say “yes”", 'say "yes"'),
    ('What is "Lisp"?', "what is Lisp"),
    ("Ça va ?", "ça va"),
    ("Что это?", "что Это"),
    ("你好，世界。", "你好 世界"),
    ("مرحبا؟", "مرحبا"),
    ("I have 5, she has none.", "I have 5 she has none"),
    ("2+2?", "2+2"),
    ("Use C++.", "use C++"),
    ("Add 👍!", "add 👍"),
    ("Run `ls -L`, then stop", "run `ls -L` , then stop"),
]

DIFFERENT = [
    ("What is 2+2?", "What is 2-2?"),
    ("What is 2+2?", "What is 22?"),
    ("Is -5 odd?", "Is 5 odd?"),
    ("Round 3.14", "Round 3,14"),
    ("Round .5", "Round 5"),
    ("Add 1, 2 3", "Add 1 2, 3"),
    ("1,,3", "1,3"),
    ("10 documents", "100 documents"),
    ("10 : 30", "10 30"),
    ("5 $", "5 €"),
    ("$5", "5"),
    ("5%", "5"),
    ("5!", "5"),
    ("5 Mb", "5 MB"),
    ("5 mW", "5 MW"),
    ('a 5" pipe', "a 5' pipe"),
    ("x²", "x2"),
    ("x < y", "x > y"),
    ("Learn C", "Learn C++"),
    ("Learn C", "Learn c"),
    ("What is n!", "What is n"),
    ("Explain set! to me", "Explain set to me"),
    ("Is null? a procedure", "Is null a procedure"),
    ("grep -i", "grep -I"),
    ("cd ..", "cd"),
    ("What is the WHO", "what is the who"),
    ("fooBar", "foobar"),
    ("/Home/x", "/home/x"),
    ("/a/b", "a b"),
    ("dont", "don't"),
    ("co-op", "coop"),
    ("10 - 5", "10 5"),
    ("great 👍", "great 👎"),
    ("great 👍🏻", "great 👍🏿"),
    ("great :)", "great :("),
    ("Wie viel Maße", "wie viel Masse"),
    ("résumé", "resume"),
    ("therefore", "there fore"),
    ('Join "a b" "c"', 'Join "a" "b c"'),
    ("What is `Car`?", "What is `car`?"),
    ("`a  b`", "`a b`"),
    ("```\nX = 1\n```", "```\nx = 1\n```"),
    ("Check:\nif x:\n  a\n  b", "Check:\nif x:\n  a\nb"),
    ("a\tb\n1\t\t3", "a\tb\n1\t3"),
    ("三，五十", "三五，十"),
    ("5.\n6", "56"),
    ("?", "!"),
    ("", "."),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_these_are_the_same_prompt(one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        cache = AnswerCache()
        remember(cache, ask(first), answer())
        assert texts(cache, second, aggressive=True) == ["yes"]
        assert texts(cache, second) == [None]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_these_are_different_prompts(one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        cache = AnswerCache()
        remember(cache, ask(first), answer())
        assert texts(cache, second, aggressive=True) == [None]


MAY_GO = ",.;:!?…،؛؟।॥。，、；：！？\"'“”„«»‘’‚"


def essence(text: str) -> str:
    """All that must survive, with letters but for their case: figures, signs, symbols, invisible joiners."""
    return "".join(letter for letter in text.lower().replace("ς", "σ") if letter not in MAY_GO and not letter.isspace())


fragments = st.lists(
    st.sampled_from([*"aBcI 15٣²,.!?:'\"-+$`\t\n。，👍\u200dßİ中三", "don't", "  ", "not ", "\n  ", "```"])
    | st.characters(codec="utf-8"),
    max_size=12,
)


@given(fragments, fragments)
@example(["5", " ", "mB"], ["5", " ", "MB"])
def test_equal_forms_have_the_same_letters_figures_and_symbols_in_the_same_order(
    some: list[str], more: list[str]
) -> None:
    one, other = "".join(some), "".join(more)
    for changed in (other, one.lower(), one.upper(), " ".join(one.split()), one.replace(",", ""), one.strip("-.!")):
        if normal_form(one) == normal_form(changed):
            assert essence(one) == essence(changed)


words = st.sampled_from(["abcdeé", "жтяё", "αλδε", "中文", "नमते"]).flatmap(
    lambda abc: st.text(abc, min_size=2, max_size=8)
)


@given(st.lists(words, min_size=1, max_size=8), st.data())
def test_sentences_are_equal_however_they_are_set(sentence: list[str], data: st.DataObject) -> None:
    ends = st.sampled_from([" ", "  ", ", ", ": ", "\n", ".\n\n", "… "])
    cases: st.SearchStrategy[Any] = st.sampled_from([str.lower, str.capitalize])

    def written() -> str:
        return "".join(data.draw(cases)(word) + data.draw(ends) for word in sentence)

    assert normal_form(written()) == normal_form(written())


SIMILAR = [
    ("Summarise this long report for the board", "Summarize this long report for the board"),
    ("Describe the colour of the sky at 10 o'clock", "Describe the color of the sky at 10 o'clock"),
    ("Tell me about 3 dogs and their owners", "Tell me about 3 dogs and the owners"),
]

DECISIVE = [
    ("Summarise these 10 documents for the board", "Summarise these 11 documents for the board"),
    ("Summarise three documents for the board", "Summarise these documents for the board"),
    ("Say why this plan will work in practice", "Say why this plan will not work in practice"),
    ("Say why this plan does work in practice", "Say why this plan doesn't work in practice"),
    ("Say what remains of it all after -5 degrees", "Say what remains of it all after 5 degrees"),
    ("Say what the option a means for the board", "Say what the option b means for the board"),
    ("Say what the twenty-one members of it think", "Say what the twenty-two members of it think"),
    ("Explain what `car` does to the list", "Explain what `cdr` does to the list"),
    ("请总结这三个非常重要的文件", "请总结这五个非常重要的文件"),
    ("请说明这个计划为什么是好的", "请说明这个计划为什么不是好的"),
]


@pytest.mark.parametrize(("one", "other"), SIMILAR)
def test_similar_prompts_share_answers_only_above_a_threshold_that_the_user_set(one: str, other: str) -> None:
    for similarity, hit in ((None, None), (0.9, "yes"), (0.999, None)):
        cache = AnswerCache()
        remember(cache, ask(one), answer())
        assert texts(cache, other, aggressive=True, similarity=similarity) == [hit]
        assert texts(cache, other) == [None]


@pytest.mark.parametrize(("one", "other"), DECISIVE)
def test_numbers_signs_code_and_negations_must_agree(one: str, other: str) -> None:
    for embed in (None, lambda text: [1.0, 2.0]):
        cache = AnswerCache(embed=embed)
        remember(cache, ask(one), answer())
        assert texts(cache, other, aggressive=True, similarity=0.5) == [None]


def signs(text: str) -> list[str]:
    return [letter for letter in text if letter in "0123456789+$%<>=#`_/"]


@pytest.mark.parametrize(("one", "other"), [pair for pair in DIFFERENT if signs(pair[0]) != signs(pair[1])])
def test_however_low_the_threshold_signs_must_agree(one: str, other: str) -> None:
    cache = AnswerCache()
    remember(cache, ask(one), answer())
    assert texts(cache, other, aggressive=True, similarity=0.01) == [None]


def test_the_most_similar_prompt_answers_and_of_equals_the_latest() -> None:
    cache = AnswerCache()
    for number, prompt in enumerate(["Tell us a tale of cats", "Tell us a tale of bats", "Tell us a tale of rates"]):
        remember(cache, ask(prompt), answer(str(number)))
    assert texts(cache, "tell us a tale of rats", aggressive=True, similarity=0.7) == ["2"]
    assert texts(cache, "tell us a tale of hats", aggressive=True, similarity=0.7) == ["1"]


VECTORS = {
    "dogs": [1.0, 0.0],
    "hounds": [2.0, 0.1],
    "puppies": [1.0, 0.3],
    "cars": [0.0, 5.0],
    "nothing": [0.0, 0.0],
    "broken": [float("nan"), 1.0],
    "vast": [1e308, 1e308],
}


class Embed:
    """Gives the vectors of the table, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> Sequence[float]:
        self.asked.append(text)
        return VECTORS[text.lower()]


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("hounds", "dogs"),
        ("puppies", "dogs"),
        ("cars", None),
        ("nothing", None),
        ("broken", None),
        ("vast", None),
    ],
)
def test_an_embedding_decides_by_the_cosine(prompt: str, found: str | None) -> None:
    embed = Embed()
    cache = AnswerCache(embed=embed)
    for known in ("dogs", "cars") if found else ("dogs",):
        remember(cache, ask(known), answer(known))
    assert texts(cache, prompt, aggressive=True, similarity=0.95) == [found]


def test_nothing_is_embedded_twice_or_without_need() -> None:
    embed = Embed()
    cache = AnswerCache(embed=embed)
    remember(cache, ask("dogs"), answer())
    assert texts(cache, "hounds") == [None]
    assert texts(cache, "DOGS.", "dogs!", aggressive=True, similarity=0.95) == ["yes", "yes"]
    assert embed.asked == []
    assert texts(cache, "hounds", "hounds", aggressive=True, similarity=0.95) == ["yes", "yes"]
    assert embed.asked == ["hounds", "dogs", "hounds"]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (["no numbers", [1.0]], "embed must give a sequence of numbers"),
        ([3, [1.0]], "embed must give a sequence of numbers"),
        ([[1.0, 2.0], [1.0]], "embed gave vectors of 2 and of 1 numbers"),
    ],
)
def test_an_embedding_that_cannot_be_used_is_an_error(vectors: list[Any], message: str) -> None:
    cache = AnswerCache(embed=lambda text: vectors.pop(0))
    remember(cache, ask("dogs"), answer())
    with pytest.raises(OmegaError, match=message):
        cache.find(ask("hounds"), True, 0.9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"most": 0}, "room for at least one answer"),
        ({"most_characters": 0}, "room for at least one answer"),
    ],
)
def test_impossible_figures_are_errors(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OmegaError, match=message):
        AnswerCache(**options)


def test_the_answer_used_least_recently_goes_first() -> None:
    cache = AnswerCache(most=2)
    remember(cache, ask("one"), answer("1"))
    remember(cache, ask("two"), answer("2"))
    assert texts(cache, "one") == ["1"]
    remember(cache, ask("three"), answer("3"))
    assert texts(cache, "one", "two", "three") == ["1", None, "3"]
    assert texts(cache, "One", "Two", "Three", aggressive=True) == ["1", None, "3"]


def test_characters_are_bounded_too() -> None:
    cache = AnswerCache(most_characters=100)
    remember(cache, ask("a" * 20), answer("x" * 20))
    remember(cache, ask("b" * 20), answer("x" * 10))
    assert texts(cache, "a" * 20, "b" * 20) == [None, "x" * 10]
    remember(cache, ask("c" * 40), answer("x" * 21))
    assert texts(cache, "b" * 20, "c" * 40) == ["x" * 10, None], "an answer that cannot fit throws nothing out"


class Room:
    """What the cache should do, written the slow way."""

    def __init__(self, most: int, characters: int) -> None:
        self.most, self.characters = most, characters
        self.kept: dict[str, str] = {}

    def remember(self, prompt: str, text: str) -> None:
        if 2 * len(prompt) + len(text) > self.characters:
            return
        self.kept.pop(prompt, None)
        self.kept[prompt] = text
        while len(self.kept) > self.most or self.size() > self.characters:
            del self.kept[next(iter(self.kept))]

    def find(self, prompt: str) -> str | None:
        if prompt in self.kept:
            self.kept[prompt] = self.kept.pop(prompt)
        return self.kept.get(prompt)

    def size(self) -> int:
        return sum(2 * len(prompt) + len(text) for prompt, text in self.kept.items())


@given(st.lists(st.tuples(st.sampled_from(["ab", "cde", "fghi", "jklmn"]), st.none() | st.integers(1, 20))))
def test_any_use_keeps_to_the_bounds(steps: list[tuple[str, int | None]]) -> None:
    cache, model = AnswerCache(most=3, most_characters=40), Room(3, 40)
    for prompt, length in steps:
        if length is None:
            assert texts(cache, prompt) == [model.find(prompt)]
        else:
            remember(cache, ask(prompt), answer("x" * length))
            model.remember(prompt, "x" * length)
        assert len(cache) == len(model.kept)
    assert texts(cache, *model.kept) == list(model.kept.values())


def test_clear_forgets_everything() -> None:
    cache = AnswerCache()
    remember(cache, ask("p"), answer())
    cache.clear()
    assert len(cache) == 0
    assert texts(cache, "p", aggressive=True) == [None]


def test_threads_share_one_cache() -> None:
    cache = AnswerCache(most=5)

    def work(name: str) -> None:
        for number in range(60):
            prompt = f"{name} {number % 9}"
            remember(cache, ask(prompt), answer(prompt))
            for aggressive in (False, True):
                reply = cache.find(ask(prompt), aggressive, 0.9)
                assert reply is None or reply.text == prompt

    threads = [Thread(lambda name=name: work(name)) for name in ("north", "south", "east")]
    for thread in threads:
        thread.result()
    assert len(cache) == 5


def test_the_library_for_similarity_is_imported_at_its_first_use_only() -> None:
    script = """
import sys
import omega_runtime.savings.cache as cache
cache.AnswerCache()
assert "rapidfuzz" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
