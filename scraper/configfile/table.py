"""One TOML file as read: its values, and where they stand."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scraper.configfile.lines import KeyPath, key_lines
from scraper.configfile.shape import Problem
from scraper.model.failures import ConfigFault

_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file's values and the line of each key path."""

    file: str
    values: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def faults(self, problems: Iterable[Problem]) -> list[ConfigFault]:
        """Say where in the file each problem stands, from top to bottom."""
        faults = [self.fault_at(one.key, one.value, one.expected, missing=one.missing) for one in problems]
        return sorted(faults, key=lambda fault: fault.line or 0)

    def fault_at(self, key: KeyPath, value: object, expected: str, *, missing: bool = False) -> ConfigFault:
        """Say what was expected at a key path; of a missing key, the line of the table that lacks it, if it has one."""
        return ConfigFault(
            file=self.file,
            line=self._line(key[:-1] if missing else key),
            key=_dotted(key),
            value=None if missing else shown(value),
            expected=expected,
        )

    def _line(self, key: KeyPath) -> int | None:
        while key:
            if key in self.lines:
                return self.lines[key]
            key = key[:-1]
        return None


def read_table(path: Path) -> Table | ConfigFault:
    """Read a TOML file, or say in one fault why it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        values = tomllib.loads(text)
        lines = key_lines(text)
    except OSError as error:
        return _unreadable(path, f"a file that can be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        return _unreadable(path, f"text in UTF-8; byte {error.start} is not")
    except tomllib.TOMLDecodeError as error:
        message, line = str(error), _AT_LINE.search(str(error))
        number = int(line[1]) if line and line[1] else text.count("\n") + 1
        return _unreadable(path, f"valid TOML: {_AT_LINE.sub('', message)}", number)
    except RecursionError:
        return _unreadable(path, "TOML nested less deeply")
    return Table(file=str(path), values=values, lines=lines)


def shown(value: object) -> str:
    """Write a value as it would stand in the file, shortened, without a URL's credentials."""
    text = _written(value)
    text = _CREDENTIALS.sub("***", text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _written(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"' if value.isprintable() else repr(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return str(value)


def _unreadable(path: Path, expected: str, line: int | None = None) -> ConfigFault:
    return ConfigFault(file=str(path), line=line, key="", value=None, expected=expected)


def _dotted(key: KeyPath) -> str:
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
