"""However a command ends, it ends with a sentence and one of the exit statuses: tried with real processes."""

import json
import os
import subprocess
import sys

import pytest

from tests.storage.samples import LEASE, NOW, entry, kept, store_in

FULL = "/dev/full"
TEXT = "Banjir di Kali Angke surut — “lega” — menjelang malam. "
COMMANDS = (["--help"], ["export", "--help"], ["export"], ["status"], ["search", "banjir"], ["verify"])


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """An archive that writes more than a pipe holds."""
    directory = tmp_path_factory.mktemp("door") / "data"
    store = store_in(directory)
    for number in range(20):
        store.enqueue([entry(number)], NOW)
        (claimed,) = store.claim(NOW, 1, LEASE)
        store.commit([kept(claimed, number, text=TEXT * 100)], NOW)
    store.close()
    return directory


def call(data, *arguments, **options):
    more = [] if arguments[-1] == "--help" else ["--data", str(data)]
    environ = {**os.environ, "COLUMNS": "100", **options.pop("environ", {})}
    command = [sys.executable, "-m", "scraper", *arguments, *more]
    return subprocess.run(command, env=environ, timeout=60, check=False, **options)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_disk_is_a_failure_with_a_sentence(data, arguments):
    with open(FULL, "wb") as full:  # noqa: PTH123 - a device
        ended = call(data, *arguments, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 1
    assert ended.stderr == "scraper: The output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_whoever_reads_may_have_enough(data, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        ended = call(data, *arguments, stdout=pipe, stderr=subprocess.PIPE, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_closed_streams_are_no_concern(data, arguments):
    quoted = " ".join([sys.executable, "-m", "scraper", *arguments])
    more = "" if arguments[-1] == "--help" else f" --data {data}"
    ended = subprocess.run(  # noqa: S602 - only a shell closes them
        f"{quoted}{more} <&- >&- 2>&-", shell=True, timeout=60, check=False
    )
    assert ended.returncode == 0
    assert call(data, "verify", stdout=subprocess.DEVNULL).returncode == 0


def test_pipes_get_utf8_in_any_locale(data):
    ascii_only = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    ended = call(data, "search", "banjir", "--json", capture_output=True, environ=ascii_only)
    assert ended.returncode == 0
    assert "Angke surut — “lega” — menjelang" in json.loads(ended.stdout.decode("utf-8").splitlines()[0])["excerpt"]


def test_what_a_terminal_cannot_show_is_replaced(data):
    address = "https://kabar.example/berita/0"
    ended = call(data, "explain", address, capture_output=True, environ={"PYTHONIOENCODING": "ascii"})
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"?hujan? ? deras" in ended.stdout


def test_ctrl_c_is_heard_while_the_program_is_still_being_loaded():
    program = (
        "import signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': signal.raise_signal(signal.SIGINT)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let the background ignore it\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from scraper.__main__ import main\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (130, b"")


def test_a_file_that_may_not_be_read_is_named(data, tmp_path):
    (tmp_path / "out").write_text("a file", "utf-8")
    ended = call(data, "backup", str(tmp_path / "out" / "copy"), capture_output=True, text=True)
    assert ended.returncode in {1, 2}
    assert "Traceback" not in ended.stderr
    assert str(tmp_path / "out") in ended.stderr
