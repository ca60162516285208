"""Rows that are put in, changed or deleted, many at a time."""

import sqlite3
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

_TOGETHER = 32
"""Rows to a statement: a narrow row then costs little more than half of what it costs alone."""

_KEYS_TOGETHER = 256
"""Keys to a statement: a deleted row then costs a fifth of what it costs alone."""


def delete(connection: sqlite3.Connection, where: str, keys: Sequence[int]) -> None:
    """Delete the rows with these keys; `where` names the table and its column, as in `pending WHERE entry`."""
    for start in range(0, len(keys), _KEYS_TOGETHER):
        some = keys[start : start + _KEYS_TOGETHER]
        connection.execute(f"DELETE FROM {where} IN ({', '.join('?' * len(some))})", some)  # noqa: S608 - ours


def insert(connection: sqlite3.Connection, into: str, rows: Sequence[tuple[Any, ...]], otherwise: str = "") -> None:
    """Put rows in; `into` is the statement up to VALUES, `otherwise` what follows the values."""
    if not rows:
        return
    width = len(rows[0])
    whole = len(rows) - len(rows) % _TOGETHER
    for start in range(0, whole, _TOGETHER):
        some = rows[start : start + _TOGETHER]
        connection.execute(_insertion(into, width, _TOGETHER, otherwise), tuple(chain.from_iterable(some)))
    if whole < len(rows):
        connection.executemany(_insertion(into, width, 1, otherwise), rows[whole:])


@cache
def _insertion(into: str, width: int, rows_: int, otherwise: str) -> str:
    return f"{into} VALUES {_marks(width, rows_)} {otherwise}"


@cache
def _marks(width: int, rows_: int) -> str:
    one = f"({', '.join('?' * width)})"
    return ", ".join([one] * rows_)


def update(connection: sqlite3.Connection, statement: tuple[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Change a row for each of these, as if one came after the other.

    `statement` is the one up to its WHERE, and what stands behind it; both name the values column1, column2 and on,
    and the key that the condition compares comes last.
    """
    change, condition = statement
    # A statement takes any one of two rows with the same key; only one by one does the second follow the first.
    together = _TOGETHER if len({row[-1] for row in rows}) == len(rows) else 1
    for start in range(0, len(rows), together):
        some = rows[start : start + together]
        connection.execute(
            f"{change} FROM (VALUES {_marks(len(some[0]), len(some))}) WHERE {condition}",
            tuple(chain.from_iterable(some)),
        )
