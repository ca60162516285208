"""From plain TOML values to a frozen dataclass, by the dataclass's own annotations."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, Union

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Strict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from scraper.configfile.lines import KeyPath
from scraper.configfile.quantities import Span, in_words

T = TypeVar("T")
Checks = Mapping[tuple[type, str], Any]
"""Annotations that replace those of fields whose class may not know pydantic: {(Outlet, "feeds"): tuple[Url, ...]}."""

_EXPECTED = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false, without quotes",
    "float_type": "a number",
    "finite_number": "a number",
    "tuple_type": "a list in brackets",
    "dataclass_type": "a table of keys",
    "missing": "this key, which is required",
    "literal_error": "one of {expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "too_short": "at least {min_length} of them",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a table: where, what stands there, what was expected there."""

    key: KeyPath
    value: object
    expected: str
    missing: bool = False


class Shape(Generic[T]):
    """How a table must look to become a `T`; built once, used for many tables."""

    def __init__(self, cls: type[T], checks: Checks | None = None) -> None:
        self.cls = cls
        self._checks = checks or {}
        self._adapter: TypeAdapter[T] = TypeAdapter(_table(cls, self._checks))

    def read(self, values: Mapping[str, object]) -> T | tuple[Problem, ...]:
        """Make the value, or tell all that is wrong."""
        try:
            return self._adapter.validate_python(dict(values))
        except ValidationError as error:
            return tuple(self._problem(detail) for detail in error.errors(include_url=False))

    def key_paths(self) -> tuple[KeyPath, ...]:
        """List every key that such a table may hold, those of inner tables included."""
        return tuple(_leaves(self.cls, ()))

    def _problem(self, detail: ErrorDetails) -> Problem:
        key, kind = detail["loc"], detail["type"]
        missing = kind == "missing"
        expected = self._suggest(key) if kind == "unexpected_keyword_argument" else _expectation(detail)
        return Problem(key=key, value=None if missing else detail["input"], expected=expected, missing=missing)

    def _suggest(self, key: KeyPath) -> str:
        name = str(key[-1])
        known = self.key_paths()
        here = [path[len(key) - 1] for path in known if path[: len(key) - 1] == key[:-1]]
        elsewhere = next((path for path in known if path[-1] == name), None)
        if elsewhere is not None:
            return f"this key {_place(elsewhere)}, not here"
        close = get_close_matches(name, dict.fromkeys(map(str, here)), n=1)
        if close:
            return f'a known key; did you mean "{close[0]}"?'
        anywhere = get_close_matches(name, {str(path[-1]): path for path in known}, n=1, cutoff=0.75)
        if anywhere:
            path = next(path for path in known if path[-1] == anywhere[0])
            return f'a known key; did you mean "{anywhere[0]}", {_place(path)}?'
        return "a known key: " + ", ".join(dict.fromkeys(map(str, here)))


def _place(path: KeyPath) -> str:
    return f"under [{'.'.join(map(str, path[:-1]))}]" if path[:-1] else "above the first [table]"


def _expectation(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context["error"])
    form = _EXPECTED.get(detail["type"])
    if form is None:
        return detail["msg"]
    return form.format(**{name: _worded(value) for name, value in context.items()}).replace("'", '"')


def _worded(value: object) -> object:
    return in_words(value) if isinstance(value, timedelta) else value


def _leaves(cls: type, above: KeyPath) -> typing.Iterator[KeyPath]:
    for name, annotation in typing.get_type_hints(cls).items():
        if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
            yield from _leaves(annotation, (*above, name))
        else:
            yield (*above, name)


def _table(cls: Any, checks: Checks) -> Any:
    """A twin of the dataclass whose fields carry the checks; it forbids further keys and becomes the dataclass."""
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = []
    for field in dataclasses.fields(cls):
        annotation = checks.get((cls, field.name)) or _checked(hints[field.name], checks)
        default = dataclasses.field(default=field.default, default_factory=field.default_factory)
        fields.append((field.name, annotation, default))
    twin = dataclasses.make_dataclass(
        cls.__name__, fields, kw_only=True, namespace={"__pydantic_config__": ConfigDict(extra="forbid")}
    )
    return Annotated[twin, AfterValidator(partial(_as, cls))]


def _as(cls: type[T], twin: object) -> T:
    return cls(**vars(twin))


def _checked(annotation: Any, checks: Checks) -> Any:
    """The annotation with nothing guessed: a number is no text, a text is no list."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        inner = arguments[0] if arguments[0] is timedelta else _checked(arguments[0], checks)
        return Annotated[(inner, *arguments[1:])]
    if origin in (Union, types.UnionType):
        return Union[tuple(_checked(argument, checks) for argument in arguments)]  # noqa: UP007 - made at run time
    if origin is tuple:
        return tuple[tuple(argument if argument is ... else _checked(argument, checks) for argument in arguments)]  # type: ignore[misc]
    return _PLAIN.get(annotation) or (
        _table(annotation, checks) if dataclasses.is_dataclass(annotation) else annotation
    )


def _path(value: object) -> object:
    if not isinstance(value, str | Path) or not str(value).strip():
        raise ValueError("a path in quotes")
    return value


_PLAIN: Mapping[Any, Any] = {
    str: Annotated[str, Strict()],
    int: Annotated[int, Strict()],
    float: Annotated[float, Strict()],
    bool: Annotated[bool, Strict()],
    timedelta: Span,
    Path: Annotated[Path, BeforeValidator(_path)],
}
