def shift(c: str, k: int) -> str:
    return chr(97 + (ord(c) - 97 + k) % 26) if c.isalpha() else c


def encode(text: str, k: int) -> str:
    return "".join([shift(c, k) for c in text])


def acronym(text: str) -> str:
    return "".join([word[:1].upper() for word in text.split(" ")])


def run(n: int) -> str:
    text = "the quick brown fox jumps over"
    seen = ""
    for _ in range(n):
        seen += acronym(text) + ","
        text = encode(text, 7)
    return f"{text}/{len(seen)}"
