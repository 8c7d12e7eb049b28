"""The values of Omega programs that Python does not already have."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Value: TypeAlias = Any
    Procedure: TypeAlias = Callable[..., Any]
