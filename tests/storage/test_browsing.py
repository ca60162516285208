"""Leafing through what was collected."""

import os
from datetime import timedelta

from scraper.model.verdict import DropReason
from scraper.storage import Holder, open_archive, open_index, question_for
from tests.storage.samples import LEASE, NOW, collect, deferred, dropped, duplicate, entry, kept, store_in


def numbers(headings):
    return [int(heading.id, 16) for heading in headings]


def test_articles_are_leafed_through_newest_first(tmp_path):
    store = store_in(tmp_path)
    collect(store, range(1, 8))
    with open_archive(tmp_path) as archive:
        first = archive.headings(3)
        second = archive.headings(3, before=first[-1].number)
        rest = archive.headings(3, before=second[-1].number)
    assert [*map(numbers, (first, second, rest))] == [[7, 6, 5], [4, 3, 2], [1]]
    assert first[0].url == "https://kabar.example/berita/7"
    assert first[0].title == "Berita 7: “hujan” — deras"
    assert (first[0].outlet, first[0].language, first[0].copies) == ("kabar", "id", 0)
    store.close()


def test_only_the_newest_revision_is_shown_and_nothing_removed(tmp_path):
    store = store_in(tmp_path)
    collect(store, [1, 2, 3])
    store.revisit([entry(1).key], NOW)
    (again,) = store.claim(NOW, 1, LEASE)
    store.commit([kept(again, 1, revision=1, title="Berita 1, diperbarui")], NOW)
    store.remove([entry(2).key], "asked for", NOW)
    with open_archive(tmp_path) as archive:
        shown = archive.headings(9)
        assert [(heading.title, heading.revision) for heading in shown] == [
            ("Berita 1, diperbarui", 1),
            ("Berita 3: “hujan” — deras", 0),
        ]
        assert numbers(archive.headings_of([1, 2, 3, 4, 77])) == [3, 1]
    store.close()


def test_copied_stories_are_found_with_who_opened_them(tmp_path):
    store = store_in(tmp_path)
    collect(store, [1, 2])
    for number, outlet, of in ((11, "warta", 1), (12, "pos", 1), (13, "pos", 2)):
        store.enqueue([entry(number, outlet)], NOW)
        (claimed,) = store.claim(NOW, 1, LEASE)
        store.commit([duplicate(claimed, number, of)], NOW)
    with open_archive(tmp_path) as archive:
        first, second = archive.copied_lately(5)
        assert archive.headings(9)[1].copies == 2
        history = archive.explain(f"{1:016x}")
        assert history
        assert [member.outlet for member in history.cluster] == ["kabar", "warta", "pos"]
    assert (int(first.cluster, 16), first.outlet, first.copies, first.outlets) == (1, "kabar", 2, 2)
    assert (int(second.cluster, 16), second.copies) == (2, 1)
    store.close()


def test_mishaps_are_told_and_unwanted_stories_are_not(tmp_path):
    store = store_in(tmp_path)
    for number, outcome in enumerate(
        (
            lambda pending: dropped(pending, DropReason.FETCH_FAILED, "status 500"),
            lambda pending: dropped(pending, DropReason.TOO_SHORT),
            lambda pending: deferred(pending, NOW + timedelta(hours=1)),
        )
    ):
        store.enqueue([entry(number)], NOW)
        (claimed,) = store.claim(NOW, 1, LEASE)
        store.commit([outcome(claimed)], NOW)
    with open_archive(tmp_path) as archive:
        given_up, again = archive.mishaps(5)
        assert archive.mishaps(5, "warta") == []
    assert (given_up.reason, given_up.detail, given_up.at) == ("fetch-failed", "status 500", NOW)
    assert (again.reason, again.at, again.ready_at) == ("fetch-failed", None, NOW + timedelta(hours=1))
    store.close()


def test_the_writer_is_told_while_there_is_one(tmp_path):
    store = store_in(tmp_path)
    with open_archive(tmp_path) as archive:
        assert archive.holder() == Holder(pid=os.getpid(), started=NOW)
        (tmp_path / "lock").write_text(f"pid {os.getpid()}, started yesterday\n")
        assert archive.holder() is None
        store.close()
        (tmp_path / "lock").write_text(f"pid {os.getpid()}, started {NOW.isoformat()}\n")
        assert archive.holder() is None, "whatever its text says, nobody has the lock"


def test_the_index_answers_by_outlet_language_and_day_newest_first(tmp_path):
    store = store_in(tmp_path)
    collect(store, [1, 2, 3])
    collect(store, [4], outlet="warta")
    with open_archive(tmp_path) as archive, open_index(tmp_path) as index:
        assert index.update(archive, most=2)
        assert index.last() == 2
        assert not index.update(archive)
        ask = {
            "kabar": question_for("", outlet="kabar"),
            "words": question_for("basah banjir", outlet="warta", language="id"),
            "day": question_for("warga", day=NOW.date()),
            "other": question_for("warga", day=NOW.date() - timedelta(days=1)),
            "facet": question_for("o" + b"kabar".hex()),
        }
        answers = {name: index.newest(question, None, 9) for name, question in ask.items()}
        assert answers == {"kabar": [3, 2, 1], "words": [4], "day": [4, 3, 2, 1], "other": [], "facet": []}
        assert index.newest(ask["day"], 3, 1) == [2]
        assert index.count(ask["day"], 3) == 3
    store.close()


def test_two_may_bring_the_index_up_to_date_at_once(tmp_path):
    store = store_in(tmp_path)
    collect(store, range(1, 6))
    with open_archive(tmp_path) as archive, open_index(tmp_path) as one, open_index(tmp_path) as other:

        def catch_up(_: int) -> None:
            other.update(archive)

        one.update(archive, progress=catch_up, most=2)
        one.update(archive)
        assert one.newest(question_for("warga"), None, 9) == [5, 4, 3, 2, 1]
    store.close()
