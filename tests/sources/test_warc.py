"""Web archives in every packing: read on from any record, past any damage, in bounded memory."""

import contextlib
import gzip
import os
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.sources.capture import LARGEST_BODY, Capture
from scraper.sources.warc import WarcFile
from tests.sources import warcs

BODIES = [f"<html><p>Berita {number} {'panjang ' * 50}</p></html>".encode() for number in range(6)]
RECORDS = [warcs.info(), *(warcs.response(f"https://koran.example/{n}", body) for n, body in enumerate(BODIES))]


def written(tmp_path, data, name="a.warc.gz"):
    path = tmp_path / name
    path.write_bytes(data)
    return WarcFile(path)


def pages(records):
    return [record.holds for record in records if isinstance(record.holds, Capture)]


def passed(records):
    return [record.holds for record in records if isinstance(record.holds, str)]


@pytest.mark.parametrize("packing", warcs.PACKINGS)
def test_every_packing_gives_the_same_records_and_goes_on_after_each(packing, tmp_path):
    pack, suffix = warcs.PACKINGS[packing]
    file = written(tmp_path, pack(RECORDS), f"a{suffix}")
    records = list(file.records())
    assert passed(records) == ["warcinfo record"]
    assert [page.body for page in pages(records)] == BODIES
    assert pages(records)[0].captured_at == datetime(2026, 3, 1, 5, tzinfo=UTC)
    for done, record in enumerate(records, start=1):
        again = list(file.records(record.mark))
        assert [one.holds for one in again] == [one.holds for one in records[done:]]
        assert [one.mark for one in again] == [one.mark for one in records[done:]]


def test_what_is_no_page_is_told_with_its_reason(tmp_path):
    dns = warcs.record(b"x", "WARC-Target-URI: dns:koran.example\r\n", "resource")
    page = "WARC-Target-URI: https://koran.example/1\r\n"
    records = [
        warcs.response("https://koran.example/1", b"gone", status="404 Not Found"),
        warcs.response("https://koran.example/1.jpg", b"\xff\xd8", headers="Content-Type: image/jpeg"),
        dns,
        warcs.record(b"no answer", page),
        warcs.record(b"HTTP/1.1 200 OK\r\n\r\n", page, date="yesterday"),
        warcs.record(b"GET / HTTP/1.1\r\n\r\n", page, "request"),
        warcs.record(b"<p>ini</p>", f"{page}Content-Type: text/html\r\n", "resource"),
    ]
    found = list(written(tmp_path, warcs.gzipped(records)).records())
    assert passed(found) == ["status 404", "not HTML", "no web address", "no HTTP answer", "no date", "request record"]
    assert [page.body for page in pages(found)] == [b"<p>ini</p>"]


def test_chunks_are_put_together_and_codings_are_left_to_others(tmp_path):
    chunked = b"6\r\n<p>ini\r\n4;x=y\r\n</p>\r\n0\r\n\r\n"
    headers = "Content-Type: text/html\r\nTransfer-Encoding: chunked"
    coded = "Content-Type: text/html\r\nContent-Encoding: gzip"
    records = [
        warcs.response("https://koran.example/1", chunked, headers=headers),
        warcs.response("https://koran.example/2", b"<p>stored without its chunks</p>", headers=headers),
        warcs.response("https://koran.example/3", gzip.compress(b"<p>itu</p>"), headers=coded),
    ]
    one, two, three = pages(written(tmp_path, warcs.gzipped(records)).records())
    assert one.body == b"<p>ini</p>"
    assert two.body == b"<p>stored without its chunks</p>"
    assert (three.coding, gzip.decompress(three.body)) == ("gzip", b"<p>itu</p>")


def test_a_damaged_record_costs_itself_alone(tmp_path):
    packed = list(map(gzip.compress, RECORDS))
    packed[3] = packed[3][:20] + os.urandom(len(packed[3]) - 20)
    found = list(written(tmp_path, b"".join(packed)).records())
    assert [page.body for page in pages(found)] == [*BODIES[:2], *BODIES[3:]]
    assert sum(reason.startswith("damaged") for reason in passed(found)) == 1


def test_a_record_that_says_it_is_longer_does_not_cost_the_next_one(tmp_path):
    longer = bytearray(RECORDS[2])
    at = longer.index(b"Content-Length: ") + len(b"Content-Length: ")
    longer[at : longer.index(b"\r", at)] = b"%d" % (len(RECORDS[2]) + 100)
    found = list(written(tmp_path, warcs.gzipped([*RECORDS[:2], bytes(longer), *RECORDS[3:]])).records())
    assert [page.body for page in pages(found)][-4:] == BODIES[2:]


@pytest.mark.parametrize("packing", sorted(warcs.PACKINGS))
def test_a_run_that_is_stopped_behind_damage_goes_on_with_the_very_next_record(tmp_path, packing):
    pack, suffix = warcs.PACKINGS[packing]
    whole = bytearray(pack(RECORDS))
    whole[len(whole) // 3 : len(whole) // 3 + 30] = b"\xff" * 30
    file = written(tmp_path, bytes(whole), f"a{suffix}")
    found = list(file.records())
    for place, record in enumerate(found):
        assert list(file.records(record.mark)) == found[place + 1 :]


@pytest.mark.parametrize("packing", sorted(warcs.PACKINGS))
def test_a_file_that_ends_amid_a_record_says_so_last_and_is_read_on_there_once_there_is_more(tmp_path, packing):
    pack, suffix = warcs.PACKINGS[packing]
    whole = pack(RECORDS)
    all_records = list(written(tmp_path, whole, f"whole{suffix}").records())
    for cut in range(len(whole) * 3 // 4, len(whole) - 4, 23):
        file = written(tmp_path, whole[:cut], f"a{suffix}")
        found = list(file.records())
        torn = [record.is_torn for record in found]
        assert torn in ([*[False] * (len(found) - 1), True], [False] * len(found))
        if torn[-1]:
            assert list(file.records(found[-1].mark)) == found[-1:]
            written(tmp_path, whole, f"a{suffix}")
            assert holds([*found[:-1], *file.records(found[-1].mark)]) == holds(all_records)


def holds(records):
    return [record.holds for record in records]


def test_the_torn_end_of_a_file_is_no_page(tmp_path):
    for file in (warcs.gzipped(RECORDS), warcs.plain(RECORDS)):
        *found, torn = written(tmp_path, file[:-40]).records()
        assert [page.body for page in pages(found)] == BODIES[:-1]
        assert torn.is_torn


def test_a_plain_record_that_says_it_is_longer_does_not_cost_the_next_one(tmp_path):
    longer = RECORDS[2].replace(b"\r\nContent-Length: ", b"\r\nContent-Length: 9", 1)
    found = list(written(tmp_path, warcs.plain([*RECORDS[:2], longer, *RECORDS[3:]])).records())
    assert [page.body for page in pages(found)][-3:] == BODIES[-3:]
    assert not any(record.is_torn for record in found)


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    with pytest.raises(OSError, match="not a WARC file"):
        list(written(tmp_path, b"<html>").records())
    assert written(tmp_path, b"", "empty.warc").size == 0


def test_a_bomb_is_passed_over_in_little_memory(tmp_path):
    bomb = warcs.response("https://koran.example/b", b"<" * (3 * LARGEST_BODY))
    file = written(tmp_path, warcs.gzipped([bomb, RECORDS[1]]))
    del bomb
    tracemalloc.start()
    found = list(file.records())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert passed(found) == ["too large"]
    assert len(pages(found)) == 1
    assert peak < 2 * LARGEST_BODY


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_raises_anything_but_what_is_promised(tmp_path_factory, data):
    packing = data.draw(st.sampled_from(sorted(warcs.PACKINGS)))
    pack, suffix = warcs.PACKINGS[packing]
    whole = bytearray(pack(RECORDS))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / f"a{suffix}"
    path.write_bytes(whole)
    with contextlib.suppress(OSError):
        assert len(list(WarcFile(path).records())) <= 4 * len(RECORDS) + 100
