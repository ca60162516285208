"""Settings: what is written becomes what is used, and every mistake is told at once."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.model.failures import ConfigFault, ConfigurationError
from scraper.settings import OTHER_VARIABLES, Settings, load_settings, setting_paths, variable

ROOT = Path(__file__).parent.parent
SHIPPED = (ROOT / "config" / "scraper.toml").read_text("utf-8")
_DEFAULT = re.compile(r"^#(?=[a-z_]+ = )", re.MULTILINE)
_EXAMPLE = re.compile(r"^# .*Example: (?=[a-z_]+ = )", re.MULTILINE)


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "scraper.toml").write_text(text, "utf-8")
        return tmp_path

    return write


def faults(directory, environ=None) -> tuple[ConfigFault, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(directory, environ or {})
    return caught.value.faults


def test_the_shipped_file_changes_nothing_as_it_stands():
    assert load_settings(ROOT / "config", {}) == Settings()


def test_the_shipped_file_states_the_defaults_of_the_code(write):
    assert load_settings(write(_DEFAULT.sub("", SHIPPED)), {}) == Settings()


def test_the_shipped_file_names_every_setting_and_its_examples_are_sound(write):
    whole = _EXAMPLE.sub("", _DEFAULT.sub("", SHIPPED))
    load_settings(write(whole), {})
    section, named = "", set()
    for line in whole.splitlines():
        if header := re.match(r"\[(\w+)\]", line):
            section = header[1]
        elif key := re.match(r"(\w+) = ", line):
            named.add(tuple(filter(None, (section, key[1]))))
    assert named == set(setting_paths())


def test_the_manual_names_no_setting_that_does_not_exist():
    manual = (ROOT / "docs" / "settings.md").read_text("utf-8")
    named = set(re.findall(r"`((?:fetch|poll|websub|extract|dedup|store|metrics|alerts|log)\.[a-z_]+)`", manual))
    assert named
    assert named <= {".".join(path) for path in setting_paths()}
    variables = set(re.findall(r"SCRAPER_[A-Z_]*[A-Z]", manual))
    assert variables >= set(OTHER_VARIABLES)
    assert variables <= {variable(*path) for path in setting_paths()} | {*OTHER_VARIABLES, "SCRAPER_TEST"}


def test_values_are_read_with_their_units(write):
    settings = load_settings(
        write(
            """
            drain = 3
            [fetch]
            feed_deadline = "1 min 30 s"
            page_wire_limit = "2 MiB"
            allow_networks = ["127.0.0.0/8"]
            [store]
            data = "elsewhere"
            """
        ),
        {},
    )
    assert settings.drain == timedelta(seconds=3)
    assert settings.fetch.feed_deadline == timedelta(seconds=90)
    assert settings.fetch.page_wire_limit == 2 * 2**20
    assert settings.fetch.allow_networks == ("127.0.0.0/8",)
    assert settings.store.data == Path("elsewhere")


def test_all_faults_are_told_at_once_with_their_lines(write):
    directory = write(
        """[fetch]
feed_deadlin = "3 s"
page_deadline = "3 fortnights"
contact = 5
respect_robots = 1
concurrency = true
allow_networks = [
  "127.0.0.0/8",
  "10.0.0.1/8",
]
initial = "15 min"
[dedup]
keep = "frist"
[poll]
jitter = 0.9
"""
    )
    found = faults(directory, {"SCRAPER_LOG_LEVEL": "loud"})
    assert [(fault.line, fault.key) for fault in found] == [
        (2, "fetch.feed_deadlin"),
        (3, "fetch.page_deadline"),
        (4, "fetch.contact"),
        (5, "fetch.respect_robots"),
        (6, "fetch.concurrency"),
        (9, "fetch.allow_networks[1]"),
        (11, "fetch.initial"),
        (13, "dedup.keep"),
        (15, "poll.jitter"),
        (None, "SCRAPER_LOG_LEVEL"),
    ]
    assert {fault.file for fault in found[:-1]} == {str(directory / "scraper.toml")}
    told = {fault.key: fault.expected for fault in found}
    assert told["fetch.feed_deadlin"] == 'a known key; did you mean "feed_deadline"?'
    assert told["fetch.initial"] == "this key under [poll], not here"
    assert told["dedup.keep"] == 'one of "first", "longest" or "origin"'
    assert told["poll.jitter"] == "at most 0.5"
    assert told["fetch.page_deadline"].startswith('a duration such as "30 s"')


def test_a_fault_is_one_line_with_file_line_key_value_and_what_was_expected(write):
    directory = write("[fetch]\nconcurrency = 0\n")
    (fault,) = faults(directory)
    assert str(fault) == f"{directory / 'scraper.toml'}, line 2: fetch.concurrency = 0: expected at least 1"


def test_a_section_that_is_no_table_is_told(write):
    (fault,) = faults(write("fetch = 5"))
    assert (fault.key, fault.value, fault.expected) == ("fetch", "5", "a table of keys")


def test_variables_win_over_the_file(write):
    environ = {
        "SCRAPER_FETCH_CONTACT": "https://example.org/",
        "SCRAPER_FETCH_CONCURRENCY": "7",
        "SCRAPER_FETCH_ALLOW_NETWORKS": "127.0.0.0/8, 10.0.0.0/8",
        "SCRAPER_STORE_ARCHIVE": "true",
        "SCRAPER_STORE_DATA": "/var/lib/news",
        "SCRAPER_STORE_KEEP_DAYS": "30",
        "SCRAPER_POLL_JITTER": "0.25",
        "SCRAPER_DRAIN": "2 min",
        "HOME": "/nowhere",
    }
    settings = load_settings(write('[fetch]\ncontact = "https://example.net/"\nmax_redirects = 2'), environ)
    assert settings.fetch.contact == "https://example.org/"
    assert settings.fetch.max_redirects == 2
    assert settings.fetch.concurrency == 7
    assert settings.fetch.allow_networks == ("127.0.0.0/8", "10.0.0.0/8")
    assert settings.store.archive is True
    assert settings.store.data == Path("/var/lib/news")
    assert settings.store.keep_days == 30
    assert settings.poll.jitter == 0.25
    assert settings.drain == timedelta(minutes=2)


def test_a_list_in_a_variable_may_be_written_as_in_the_file():
    given = {"SCRAPER_ALERTS_COMMAND": '["/bin/sh", "-c", "page one, two"]'}
    assert load_settings(None, given).alerts.command == ("/bin/sh", "-c", "page one, two")


def test_a_text_that_looks_like_a_number_stays_a_text():
    assert load_settings(None, {"SCRAPER_FETCH_USER_AGENT": "5"}).fetch.user_agent == "5"


def test_an_empty_variable_is_as_good_as_none():
    assert load_settings(None, {"SCRAPER_FETCH_PROXY": "", "SCRAPER_FETCH_CONCURRENCY": " "}) == Settings()


def test_unknown_variables_are_told_with_a_suggestion():
    found = faults(None, {"SCRAPER_FETCH_CONTAC": "x", "SCRAPER_QQQ": "y"})
    assert [(fault.file, fault.key) for fault in found] == [
        ("environment", "SCRAPER_FETCH_CONTAC"),
        ("environment", "SCRAPER_QQQ"),
    ]
    assert found[0].expected.endswith("did you mean SCRAPER_FETCH_CONTACT?")


def test_variables_of_ours_that_are_no_settings_are_passed_over():
    environ = {"SCRAPER_CONFIG": "/etc/scraper", "SCRAPER_TEST_KILLS": "1000"}
    assert load_settings(None, environ) == Settings()


def test_bad_variables_are_told_by_what_their_items_lack():
    found = faults(None, {"SCRAPER_FETCH_ALLOW_NETWORKS": "10.0.0.1/8", "SCRAPER_FETCH_CONCURRENCY": "-3"})
    assert found[0].expected.startswith("a network in CIDR form")
    assert found[1].expected == "at least 1"


def test_values_that_contradict_each_other_are_told(write):
    (fault,) = faults(write('[poll]\nceiling = "1 min"\nfloor = "2 min"'))
    assert (fault.line, fault.key, fault.value) == (3, "poll.floor", '"2 min"')
    assert fault.expected == "no more than poll.ceiling, 1 min"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('webhook = "ftp://example.org"', "alerts.webhook"),
        ('webhook = "https://me:secret@example.org"', "alerts.webhook"),
        ('smtp = "mail.example.org"', "alerts.smtp"),
        ('mail_to = ["Desk <desk@example.org>"]', "alerts.mail_to[0]"),
        ('smtp = "smtp://mail.example.org"', "alerts.smtp"),
        ('mail_to = ["desk@example.org"]', "alerts.mail_to"),
        ('webhook_token = "secret"', "alerts.webhook_token"),
    ],
)
def test_channels_that_cannot_work_are_told(write, line, key):
    (fault,) = faults(write(f"[alerts]\n{line}\n"))
    assert (fault.line, fault.key) == (2, key)
    assert "secret" not in str(fault)


@pytest.mark.parametrize("address", ["8080", "127.0.0.1:9464", "[::1]:9464", "localhost:0"])
def test_places_to_listen_are_taken(write, address):
    assert load_settings(write(f'[metrics]\nlisten = "{address}"'), {}).metrics.listen == address


def test_credentials_are_not_repeated(write):
    (fault,) = faults(write('[fetch]\nproxy = "ftp://me:secret@proxy"'))
    assert "secret" not in str(fault)


def test_missing_places_are_told_in_one_sentence(tmp_path):
    (fault,) = faults(tmp_path / "nowhere")
    assert str(fault) == f"{tmp_path / 'nowhere'}: expected a directory with scraper.toml"
    (fault,) = faults(tmp_path)
    assert str(fault).startswith(f"{tmp_path / 'scraper.toml'}: expected a file that can be read")


@pytest.mark.parametrize(
    ("body", "line"),
    [(b"[fetch]\ncontact = \n", 2), (b'[fetch]\n\ncontact = "a"\ncontact = "b"\n', 4), (b"a = [\n1,\n", 3)],
)
def test_a_file_that_is_not_toml_is_told_with_the_line(tmp_path, body, line):
    (tmp_path / "scraper.toml").write_bytes(body)
    (fault,) = faults(tmp_path)
    assert fault.line == line
    assert fault.expected.startswith("valid TOML")


def test_a_file_that_is_not_text_is_told(tmp_path):
    (tmp_path / "scraper.toml").write_bytes(b'[fetch]\ncontact = "\xff\xfe"')
    (fault,) = faults(tmp_path)
    assert fault.expected == "text in UTF-8; byte 19 is not"


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ('[status]\ntime_zone = "Asia/Jakrta"', "status.time_zone", 'an IANA time zone, such as "Asia/Jakarta"'),
        ('[status]\ntime_zone = "../../etc/passwd"', "status.time_zone", 'an IANA time zone, such as "Asia/Jakarta"'),
        ('[fetch]\ncontact = "a\\nb"', "fetch.contact", "plain ASCII text on one line, because it travels in a header"),
        (
            '[fetch]\nuser_agent = "caf\u00e9"',
            "fetch.user_agent",
            "plain ASCII text on one line, because it travels in a header",
        ),
        ("[store]\nkeep_days = 99999999999", "store.keep_days", "at most 36500"),
        ("[fetch]\nconcurrency = 99999999999999999999999", "fetch.concurrency", "at most 1000000000"),
        (
            "[extract]\nworker_memory = 99999999999999999999",
            "extract.worker_memory",
            'a size such as "500 KB", "5 MB" or "1 GiB", or a number of bytes',
        ),
        (
            '[extract]\nworker_memory = "9999999 TB"',
            "extract.worker_memory",
            'a size such as "500 KB", "5 MB" or "1 GiB", or a number of bytes',
        ),
        (
            '[backfill]\ncdx = "archive.example/cdx"',
            "backfill.cdx",
            'an address such as "https://web.archive.org/cdx/search/cdx"',
        ),
    ],
)
def test_a_value_that_would_fail_later_is_refused_at_once(write, text, key, expected):
    (fault,) = faults(write(text))
    assert (fault.line, fault.key, fault.expected) == (2, key, expected)


def test_a_list_among_values_that_do_not_go_together_is_shown_as_it_was_written(write):
    (fault,) = faults(write('[alerts]\nmail_to = ["desk@example.org"]'))
    assert fault.value == '["desk@example.org"]'
