"""Evidence: what an answer of a model is known by, so that later it can be told whether something rests on it still."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT
from omega_runtime.lib.registry import primitive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


@primitive("evidence-id")
def evidence_id(answer: Value) -> str | bool:
    """The id of an answer, or of any other text: the same for the same text in every run; #f for anything else."""
    if not isinstance(answer, str):
        return False
    import hashlib

    return "ev:" + hashlib.sha256(answer.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@primitive("verify-evidence")
def verify_evidence(answer: Value, known: Value = ABSENT) -> bool:
    """Whether a value is an answer, and has the id that it is known by, where one is given."""
    found = evidence_id(answer)
    return found is not False and (known is ABSENT or found == known)


@primitive("evidence-stale?")
def is_evidence_stale(answer: Value, known: Value = ABSENT) -> bool:
    """Whether a value is no answer, or has another id than the one that it is known by."""
    return not verify_evidence(answer, known)
