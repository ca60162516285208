"""Other extractors beside ours: each in a virtual environment of its own, driven page by page over pipes.

Some need versions of libraries that ours excludes (fundus an older lxml), some wait for a network that is not there:
so none is imported here. The environments are built once under `.venv-peers/` and kept.
"""

import json
import subprocess
import sys
import threading
import venv
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parent.parent
ENVIRONMENTS = ROOT / ".venv-peers"
WORKER = Path(__file__).parent / "peer_worker.py"
REQUIREMENTS = {
    "readability-lxml": ("readability-lxml", "lxml_html_clean"),
    "resiliparse": ("resiliparse",),
    "newspaper4k": ("newspaper4k[all]", "lxml_html_clean"),
    "goose3": ("goose3[all]", "lxml_html_clean"),
    "news-please": ("news-please", "newspaper4k[all]", "lxml_html_clean", "setuptools<81"),
    "fundus": ("fundus", "curl_cffi<0.14"),
}
PAGE_SECONDS = 30
"""After which a page counts as failed; asked of the worker, enforced a little later from here."""
_GRACE = 15.0
_INSTALL_SECONDS = 900
_START_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a peer made of one page."""

    text: str = ""
    seconds: float = 0.0
    """CPU time."""
    failed: bool = False
    unknown: bool = False
    """The peer reads only publishers that it knows, and this is none."""


def built(name: str) -> Path | None:
    """The interpreter of the peer's environment, built now if it is not there; None, said aloud, when it cannot be."""
    home = ENVIRONMENTS / name
    python = home / "bin/python"
    done = home / "complete"
    if done.exists():
        return python
    print(f"building the environment of {name}…", file=sys.stderr, flush=True)
    venv.EnvBuilder(with_pip=True, clear=True).create(home)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS[name]]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"{name}: its packages did not come within {_INSTALL_SECONDS} s", file=sys.stderr)
        return None
    if said.returncode:
        print(f"{name}: its packages cannot be installed: {said.stderr.strip()[-300:]}", file=sys.stderr)
        return None
    done.touch()
    return python


class Peer:
    """One extractor in its own process. A page that takes too long, or breaks it, counts as failed."""

    def __init__(self, name: str, python: Path) -> None:
        self.name = name
        self.version = "?"
        self._python = python
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def read(self, file: Path, url: str) -> Answer:
        """The peer's text of one page."""
        answer = self._asked({"file": str(file), "url": url})
        if answer is None:
            return Answer(failed=True, seconds=PAGE_SECONDS)
        return Answer(
            text=str(answer.get("text", "")),
            seconds=float(answer.get("seconds", 0.0)),
            failed="error" in answer,
            unknown="unknown" in answer,
        )

    def _asked(self, request: dict[str, str]) -> dict[str, Any] | None:
        process = self._process or self._start()
        if process is None or process.stdin is None:
            return None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except OSError:
            self._stop()
            return None
        return self._line(PAGE_SECONDS + _GRACE)

    def _start(self) -> subprocess.Popen[str] | None:
        self._process = subprocess.Popen(
            [str(self._python), str(WORKER), self.name, str(PAGE_SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        first = self._line(_START_SECONDS)
        if first is not None:
            self.version = str(first.get("version", "?"))
        return self._process

    def _line(self, seconds: float) -> dict[str, Any] | None:
        """The worker's next answer; None, and the worker ended, when none comes in time."""
        process = self._process
        if process is None or process.stdout is None:
            return None
        stop = threading.Timer(seconds, process.kill)
        stop.start()
        line = process.stdout.readline()
        stop.cancel()
        if not line:
            self._stop()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
