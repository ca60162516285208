"""Damage is found and told; what is whole is called whole."""

import sqlite3
from datetime import timedelta

import pytest

from scraper.storage import verify
from tests.storage.samples import LEASE, NOW, collect, dropped, duplicate, entry, store_in


@pytest.fixture
def data(tmp_path):
    store = store_in(tmp_path, seal_bytes=5_000, keep_duplicates=True)
    collect(store, range(8))
    store.enqueue([entry(number) for number in range(8, 12)], NOW)
    waiting = store.claim(NOW, 3, LEASE)
    store.commit([dropped(waiting[0]), duplicate(waiting[1], 99, of=1)], NOW)
    while store.maintain(NOW):
        pass
    collect(store, [20, 21], now=NOW + timedelta(days=1))
    store.close()
    return tmp_path


def sql(data, statement):
    connection = sqlite3.connect(data / "state.db", isolation_level=None)
    connection.execute(statement)
    connection.close()


def test_what_is_whole_has_no_problems(data):
    found = verify(data)
    assert (found.problems, found.notes) == ([], [])
    assert (found.articles, found.files) == (10, 3)


def test_nothing_there(tmp_path):
    (problem,) = verify(tmp_path / "nothing").problems
    assert "There is no archive" in problem


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda data: next(data.rglob("articles/*/part-1.jsonl")).unlink(), "is missing"),
        (lambda data: next(data.rglob("*.zst")).unlink(), "is missing"),
        (lambda data: _change(next(data.rglob("*.zst")), 200), "cannot be unpacked"),
        (lambda data: _cut(next(data.rglob("*.zst"))), "holds|cannot be unpacked"),
        (lambda data: _change(next(data.rglob("articles/*/part-1.jsonl")), 30), "is not"),
        (lambda data: _cut(next(data.rglob("articles/*/part-1.jsonl"))), "were saved"),
        (lambda data: (data / "articles/date=2026-11-23/part-9.jsonl").write_text("?"), "does not know the file"),
        (lambda data: sql(data, "DELETE FROM articles WHERE number = 3"), "belong to no article"),
        (lambda data: sql(data, "DELETE FROM pending"), "wait but are not in the queue"),
        (lambda data: sql(data, "UPDATE articles SET id = x'00' WHERE number = 9"), "is not article 00"),
        (lambda data: _change(data / "state.db", 4000, 3000), "damaged"),
        (lambda data: (data / "state.db").write_bytes(b""), "holds no catalog"),
        (lambda data: (data / "state.db").write_text("words " * 999), "scraper repair"),
        (lambda data: (data / "state.db").unlink(), "scraper repair"),
        (lambda data: sql(data, "DROP TABLE stories"), "lacks stories"),
        (lambda data: sql(data, "UPDATE segments SET stream = 'films' WHERE number = 2"), "no kind of file"),
    ],
)
def test_damage_is_told(data, damage, told):
    damage(data)
    problems = verify(data).problems
    assert problems
    assert any(word in problem for problem in problems for word in told.split("|")), problems


def test_an_unfinished_group_is_only_a_note(data):
    part = next(data.rglob("articles/*/part-1.jsonl"))
    part.write_bytes(part.read_bytes() + b"half a li")
    found = verify(data)
    assert found.problems == []
    assert "9 bytes of a group that is not finished" in found.notes[0]


def _change(path, offset, count=1):
    content = bytearray(path.read_bytes())
    for at in range(offset, min(offset + count, len(content))):
        content[at] ^= 0x55
    path.write_bytes(content)


def _cut(path):
    path.write_bytes(path.read_bytes()[:-40])
