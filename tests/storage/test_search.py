"""Words find articles."""

import pytest

from scraper.storage import search
from tests.storage.samples import LEASE, NOW, collect, entry, kept, store_in

STORIES = [
    ("Harga cabai naik", "Harga cabai rawit di Pasar Senen naik tajam.\nPedagang mengeluh.", "id"),
    ("Café opens in Ubud", "A café with a view has opened in Ubud, says the “owner”.", "en"),
    ("宮崎県で震度5弱", "宮崎県と高知県に津波注意報が出た。\n東京都は揺れなかった。", "ja"),
    ("Pasar sepi", "Pedagang di pasar itu menunggu. Cabai rawit tidak laku.", "id"),
]


@pytest.fixture
def data(tmp_path):
    store = store_in(tmp_path)
    for number, (title, text, language) in enumerate(STORIES):
        store.enqueue([entry(number, language)], NOW)
        (claimed,) = store.claim(NOW, 1, LEASE)
        store.commit([kept(claimed, number, title=title, text=text, language=language)], NOW)
    yield tmp_path
    store.close()


def found(data, words, **choices):
    return [int(hit.article.id, 16) for hit in search(data, words, **choices)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cabai", [0, 3]),
        ("CABAI pedagang", [0, 3]),
        ("cafe", [1]),
        ('"cabai rawit di"', [0]),
        ("tiada", []),
        ("", []),
        ('" * (', []),
        ("cabai OR cafe", []),
        ("cab*", [0, 3]),
        ("tak* cabai", []),
        ("*abai", []),
        ("cab* pas* ped*", [0, 3]),
        ("*", []),
        ("宮崎", [2]),
        ("京都", [2]),
        ("都京", []),
        ("宮崎* 津波", [2]),
        ("text: NEAR(", []),
        ("owner”", [1]),
    ],
)
def test_all_words_are_found_whatever_they_look_like(data, words, expected):
    assert sorted(found(data, words)) == expected


def test_a_title_weighs_more(data):
    assert found(data, "pasar")[0] == 3


def test_hits_can_be_chosen_and_limited(data):
    assert found(data, "cabai", language="en") == []
    assert len(found(data, "cabai", limit=1)) == 1
    assert found(data, "cafe", outlet="en") == [1]
    assert found(data, "cafe", since=NOW) == []


def test_an_excerpt_shows_the_place(data):
    (hit,) = search(data, "Mengeluh")
    assert "Pedagang mengeluh." in hit.excerpt


def test_the_index_follows_the_archive(tmp_path):
    store = store_in(tmp_path)
    collect(store, [1, 2])
    assert sorted(found(tmp_path, "banjir")) == [1, 2]
    collect(store, [3])
    store.remove([entry(1).key], "asked", NOW)
    assert sorted(found(tmp_path, "banjir")) == [2, 3]
    store.revisit([entry(2).key], NOW)
    (again,) = store.claim(NOW, 1, LEASE)
    store.commit([kept(again, 2, revision=1, text="Kemarau panjang.")], NOW)
    assert found(tmp_path, "kemarau") == [2]
    assert found(tmp_path, "banjir") == [3]
    store.close()


def test_a_broken_index_is_made_again(data):
    found(data, "cabai")
    (data / "search.db").write_bytes(b"rubbish" * 500)
    assert sorted(found(data, "cabai")) == [0, 3]
