from scraper.cli.amounts import amount


def test_one_of_a_thing_has_no_plural():
    assert [amount(number, "file") for number in (0, 1, 2, 3000)] == ["0 files", "1 file", "2 files", "3,000 files"]
