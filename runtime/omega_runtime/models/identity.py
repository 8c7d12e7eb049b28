"""Who a Python function is that answers as the model: the same in every process, and another for another function."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, FunctionType

    from omega_runtime.values import Value

_DEPTH_MAX = 8


def identity_of(function: Callable[..., Value]) -> str:
    """A function by its module and name, an object that can be called by its class.

    What these don't tell apart goes by what it is made of, as a hash: partials by their arguments, lambdas and
    functions within functions by their code and by the texts and functions that they have from outside, objects and
    methods by the object's texts. Numbers and collections out there don't count: they change while the function
    answers. An attribute `identity`, a string, says it instead.
    """
    own = getattr(function, "identity", None)
    return own if isinstance(own, str) else _identity(function, 0)


def _identity(function: Callable[..., Value], depth: int) -> str:
    from functools import partial
    from types import FunctionType, MethodType

    if isinstance(function, partial):
        return f"{_identity(function.func, depth + 1)} of {_hash(_text([function.args, function.keywords], depth))}"
    if isinstance(function, MethodType):
        return _name(function) + _state(function.__self__, depth)
    if isinstance(function, FunctionType):
        return _name(function) + (f" {_hash(_closure(function, depth))}" if "<" in function.__qualname__ else "")
    if hasattr(function, "__qualname__"):
        return _name(function)
    return _name(type(function)) + _state(function, depth)


def _name(named: Value) -> str:
    return f"{getattr(named, '__module__', None) or 'builtins'}.{named.__qualname__}"


def _state(owner: object, depth: int) -> str:
    """The texts of an object, if it has any."""
    lasting = _lasting(getattr(owner, "__dict__", {}).items(), depth)
    return f" {_hash(lasting)}" if lasting else ""


def _closure(function: FunctionType, depth: int) -> str:
    """What a function does, wherever it stands, and what it has from outside."""
    from inspect import getclosurevars

    code = _text([_parts(function.__code__), function.__defaults__, function.__kwdefaults__], depth)
    return code + _lasting(getclosurevars(function).nonlocals.items(), depth)


def _lasting(named: Iterable[tuple[str, Value]], depth: int) -> str:
    return "".join([f"{name}={_text(each, depth)}," for name, each in sorted(named) if _is_lasting(each)])


def _is_lasting(value: Value) -> bool:
    return value is None or isinstance(value, (str, bytes)) or callable(value)


def _parts(code: CodeType) -> list[Value]:
    constants = [_parts(each) if hasattr(each, "co_code") else each for each in code.co_consts]
    return [code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars]


def _text(value: Value, depth: int) -> str:
    """What a value is made of, without addresses; beyond some depth its class only."""
    if depth > _DEPTH_MAX:
        return _name(type(value))
    if isinstance(value, (list, tuple)):
        return f"[{','.join([_text(each, depth + 1) for each in value])}]"
    if isinstance(value, (set, frozenset)):
        return f"{{{','.join(sorted([_text(each, depth + 1) for each in value]))}}}"
    if isinstance(value, dict):
        return f"{{{','.join([f'{_text(key, depth + 1)}:{_text(each, depth + 1)}' for key, each in value.items()])}}}"
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value)
    return _identity(value, depth + 1) if callable(value) else _name(type(value))


def _hash(text: str) -> str:
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
