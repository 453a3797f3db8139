"""JSON objects read field by field; what does not fit is a DistillError that names the field, what is expected and what
was found.
"""

from collections.abc import Sequence
from typing import Any

from ..errors import DistillError

REQUIRED: Any = object()


class Fields:
    """One JSON object. `done` says that all has been read: fields that nobody asked for are refused."""

    def __init__(self, value: object, where: str):
        if not isinstance(value, dict):
            raise DistillError(f"{where}: expected an object, found {value!r}")
        self.left, self.where = dict(value), where

    def name(self, key: str) -> str:
        return f"{self.where}: {key}" if self.where.endswith(".json") else f"{self.where}.{key}"

    def refuse(self, key: str, expected: str, found: object) -> DistillError:
        return DistillError(f"{self.name(key)}: expected {expected}, found {found!r}")

    def take(self, key: str, default: Any = REQUIRED) -> Any:
        if key not in self.left and default is REQUIRED:
            raise DistillError(f"{self.name(key)}: expected this field, found {', '.join(self.left) or 'nothing'}")
        return self.left.pop(key, default)

    def text(self, key: str, default: Any = REQUIRED) -> str:
        value = self.take(key, default)
        if value is not default and (not isinstance(value, str) or not value):
            raise self.refuse(key, "text", value)
        return value

    def choice(self, key: str, known: Sequence[str], default: Any = REQUIRED) -> str:
        value = self.take(key, default)
        if value not in known:
            raise self.refuse(key, f"one of {', '.join(known)}", value)
        return value

    def truth(self, key: str, default: Any = REQUIRED) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise self.refuse(key, "true or false", value)
        return value

    def number(self, key: str, default: Any = REQUIRED) -> float:
        value = self.take(key, default)
        if not is_number(value) or value <= 0:
            raise self.refuse(key, "a number above 0", value)
        return float(value)

    def whole(self, key: str, most: int) -> int:
        value = self.take(key)
        if not is_number(value) or value != int(value) or not 1 <= value <= most:
            raise self.refuse(key, f"a whole number of 1 to {most}", value)
        return int(value)

    def numbers(self, key: str, count: int, default: Any = REQUIRED) -> tuple[float, ...]:
        value = self.take(key, default)
        if not isinstance(value, list | tuple) or len(value) != count or not all(map(is_number, value)):
            raise self.refuse(key, f"{count} numbers", value)
        return tuple(map(float, value))

    def object(self, key: str) -> "Fields":
        return Fields(self.take(key), self.name(key))

    def done(self) -> None:
        if self.left:
            raise DistillError(f"{self.name(next(iter(self.left)))}: expected no such field; is its name misspelt?")


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
