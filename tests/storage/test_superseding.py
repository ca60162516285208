from dataclasses import replace
from datetime import timedelta

from scraper.model.verdict import Kept
from scraper.storage import Standing, open_archive, verify
from tests.storage.samples import LEASE, NOW, copy_of, entry, kept, store_in


def test_a_better_version_takes_the_place_of_the_kept_one_and_the_change_is_recorded(tmp_path):
    store = store_in(tmp_path / "data")
    store.enqueue([entry(1), entry(2, "harian")], NOW)
    first, second = sorted(store.claim(NOW, 2, LEASE), key=lambda pending: pending.entry.outlet, reverse=True)
    store.commit([kept(first, 1)], NOW)
    better = kept(second, 2).verdict
    assert isinstance(better, Kept)
    cluster = f"{1:016x}"
    better = replace(better, article=replace(better.article, cluster=cluster), judged=copy_of(2, 1), supersedes=cluster)
    store.commit([replace(kept(second, 2), verdict=better)], NOW + timedelta(minutes=1))
    store.close()
    with open_archive(tmp_path / "data") as archive:
        assert [article.id for article in archive.articles()] == [better.article.id]
        assert [article.id for article in archive.articles(copies=True)] == [cluster]
        old = archive.explain(cluster)
        assert old is not None
        assert (old.standing, old.reason) == (Standing.DROPPED, "superseded")
        assert better.article.id in (old.detail or "")
        assert {member.id for member in old.cluster} == {cluster, better.article.id}
        version = archive.kept_version(cluster)
        assert version is not None
        assert version.id == better.article.id
        counts = {(tally.outlet, tally.reason): tally.stories for tally in archive.tallies()}
        assert counts["harian", "kept"] == 1
        assert counts["kabar", "kept"] == 0
        assert counts["kabar", "superseded"] == 1
    assert verify(tmp_path / "data").problems == []
