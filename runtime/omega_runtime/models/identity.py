"""Who a Python function is that answers as the model: the same in every process, and another for another function."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from omega_runtime.values import Value

_DEPTH_MAX = 4


def identity_of(function: Callable[..., Value]) -> str:
    """A function by its module and name, an object that can be called by its class.

    What these don't tell apart goes by what it is made of, as a hash: lambdas and functions within functions by their
    code and what they have from outside, partials by their arguments, objects and methods by the object's numbers and
    texts. An attribute `identity`, a string, says it instead.
    """
    own = getattr(function, "identity", None)
    return own if isinstance(own, str) else _Identity().of(function)


class _Identity:
    def __init__(self) -> None:
        self.depth = 0

    def of(self, function: Callable[..., Value]) -> str:
        from functools import partial
        from types import FunctionType, MethodType

        if isinstance(function, partial):
            return f"{self.of(function.func)} of {self.digest((function.args, function.keywords))}"
        if isinstance(function, MethodType):
            return _name(function) + self.state(function.__self__)
        if isinstance(function, FunctionType):
            return _name(function) + (self.closure(function) if "<" in function.__qualname__ else "")
        if hasattr(function, "__qualname__"):
            return _name(function)
        return _name(type(function)) + self.state(function)

    def state(self, owner: object) -> str:
        """The numbers and texts of an object, if it has any."""
        state = sorted(getattr(owner, "__dict__", {}).items())
        simple = {name: value for name, value in state if _is_simple(value, _DEPTH_MAX)}
        return f" {self.digest(simple)}" if simple else ""

    def closure(self, function: Callable[..., Value]) -> str:
        parts: list[Value] = [_parts(function.__code__), function.__defaults__, function.__kwdefaults__]
        for cell in function.__closure__ or ():
            try:
                parts.append(cell.cell_contents)
            except ValueError:  # not bound yet
                parts.append(None)
        return f" {self.digest(parts)}"

    def digest(self, value: Value) -> str:
        from hashlib import blake2b

        return blake2b(self.text(value).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    def text(self, value: Value) -> str:
        """What a value is made of, without addresses; beyond some depth its class only."""
        self.depth += 1
        try:
            if self.depth > 2 * _DEPTH_MAX:
                return _name(type(value))
            if isinstance(value, (list, tuple)):
                return f"[{','.join(map(self.text, value))}]"
            if isinstance(value, (set, frozenset)):
                return f"{{{','.join(sorted(map(self.text, value)))}}}"
            if isinstance(value, dict):
                return f"{{{','.join([f'{self.text(key)}:{self.text(each)}' for key, each in value.items()])}}}"
            if callable(value):
                return self.of(value)
            return repr(value) if _is_simple(value, 0) else _name(type(value))
        finally:
            self.depth -= 1


def _name(named: Value) -> str:
    return f"{getattr(named, '__module__', None) or 'builtins'}.{named.__qualname__}"


def _parts(code: CodeType) -> list[Value]:
    """What a piece of code does, wherever it stands."""
    constants = [_parts(each) if hasattr(each, "co_code") else each for each in code.co_consts]
    return [code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars]


def _is_simple(value: Value, depth: int) -> bool:
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return True
    if depth and isinstance(value, (list, tuple, set, frozenset)):
        return all(_is_simple(each, depth - 1) for each in value)
    if depth and isinstance(value, dict):
        return all(_is_simple(key, depth - 1) and _is_simple(each, depth - 1) for key, each in value.items())
    return False
