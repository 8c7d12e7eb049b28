"""The values of Omega programs that Python does not already have."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Value: TypeAlias = Any
    # A Pair or NIL. The compiler reads off it that a result is no procedure.
    List: TypeAlias = Any
    Procedure: TypeAlias = Callable[..., Any]
