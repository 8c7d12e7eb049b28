"""Pictures and PDFs for prompts."""

from __future__ import annotations

from omega_runtime.lib.arguments import string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.attachments import Attachment
from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value

# What files of pictures begin with.
_PICTURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


@primitive("image", row="io")
def image(source: Value) -> Attachment:
    """A picture, PNG, JPEG, GIF or WebP, from a file or a bytevector. Raises OmegaError for anything else."""
    data = _bytes("image", source)
    found = [kind for start, kind in _PICTURES if data.startswith(start)]
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = ["image/webp"]
    if not found:
        raise OmegaError("image: this is no picture that models take; make it a PNG, JPEG, GIF or WebP")
    return Attachment("image", found[0], data)


@primitive("pdf", row="io")
def pdf(source: Value) -> Attachment:
    """A PDF, from a file or a bytevector. Raises OmegaError for anything else."""
    data = _bytes("pdf", source)
    if not data.startswith(b"%PDF-"):
        raise OmegaError("pdf: this is no PDF")
    return Attachment("document", "application/pdf", data)


@primitive("attachment?")
def is_attachment(value: Value) -> bool:
    """Whether a value is a picture or a PDF."""
    return isinstance(value, Attachment)


def _bytes(procedure: str, source: Value) -> bytes:
    if isinstance(source, (Bytevector, bytes, bytearray)):
        return bytes(source)
    from omega_runtime.world import access

    return access.read_file(string(procedure, 1, source), procedure)
