"""Where in a TOML text each key stands. tomllib tells values, not places."""

import re
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """Map each key path of a valid TOML text, items of arrays included, to its line, counted from 1.

    Of a text that is not valid TOML it tells what stands before the fault.
    """
    scan = _Scan(text)
    scan.document()
    return scan.found


class _Scan:
    """One walk over the text. Values are only skipped: tomllib has already judged them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, int] = {}
        self._counted_at = 0
        self._line = 1
        self._array_tables: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        while True:
            self._skip(_BLANK)
            start = self.at
            if self._next("[["):
                table = self._array_table(self._keys())
                self._next("]]")
            elif self._next("["):
                table = self._place(self._keys())
                self._note(table)
                self._next("]")
            elif keys := self._keys():
                self._pair(table, keys)
            if self.at == start:
                return

    def _pair(self, table: KeyPath, keys: KeyPath) -> None:
        path = (*table, *keys)
        self._note(path)
        self._next("=")
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        if string := _STRING.match(self.text, self.at):
            self.at = string.end()
        elif self._next("["):
            self._items(path)
        elif self._next("{"):
            self._pairs(path)
        else:
            self._skip(_SCALAR)

    def _items(self, path: KeyPath) -> None:
        number = 0
        while self.at < len(self.text):
            self._skip(_BLANK)
            if self._next("]"):
                return
            self._note((*path, number))
            start = self.at
            self._value((*path, number))
            self._skip(_BLANK)
            self._next(",")
            number += 1
            if self.at == start:
                return

    def _pairs(self, path: KeyPath) -> None:
        while self.at < len(self.text):
            self._skip(_BLANK)
            if self._next("}"):
                return
            start = self.at
            self._pair(path, self._keys())
            self._skip(_BLANK)
            self._next(",")
            if self.at == start:
                return

    def _keys(self) -> KeyPath:
        keys: list[str | int] = []
        while True:
            self._skip(_SPACE)
            key = _KEY.match(self.text, self.at)
            if key is None:
                return tuple(keys)
            self.at = key.end()
            keys.append(key[0][1:-1] if key[0][0] in "\"'" else key[0])
            self._skip(_SPACE)
            if not self._next("."):
                return tuple(keys)

    def _array_table(self, keys: KeyPath) -> KeyPath:
        path = (*self._place(keys[:-1]), *keys[-1:])
        self.found.setdefault(path, self._here())
        number = self._array_tables.get(path, -1) + 1
        self._array_tables[path] = number
        self._note((*path, number))
        return (*path, number)

    def _place(self, keys: KeyPath) -> KeyPath:
        """The path of a table, with the current item where it lies in an array of tables."""
        path: KeyPath = ()
        for key in keys:
            path = (*path, key)
            if path in self._array_tables:
                path = (*path, self._array_tables[path])
        return path

    def _note(self, path: KeyPath) -> None:
        self.found.setdefault(path, self._here())

    def _here(self) -> int:
        self._line += self.text.count("\n", self._counted_at, self.at)
        self._counted_at = self.at
        return self._line

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _next(self, mark: str) -> bool:
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False
