"""Proves the Dockerfile where no container engine runs: its own steps, one by one, in a clean Debian root.

    sudo python3 scripts/prove_image.py            (or: make prove-image)

Needs root, debootstrap and about 1 GB below --work. FROM is answered with a minimal Debian that has Python; COPY, RUN,
ENV, USER and WORKDIR are done as an engine would, .dockerignore included. Then the finished image is tried out as its
user: it must not be root, run the demo, run as a daemon that its own HEALTHCHECK finds well, and end on SIGTERM.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import platform
import re
import shlex
import shutil
import signal
import string
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = "ca-certificates,python3,python3-venv"
_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
_STEP_SECONDS = 1200
_PATIENCE_S = 120


@dataclass
class Stage:
    """One stage of the build: a root, and what has been said about it so far."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _PATH})
    user: str = "0:0"
    directory: str = "/"
    entry: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def chroot(self, words: list[str]) -> list[str]:
        """The command line that runs words inside, as the user, with /proc and /dev of its own."""
        inner = f"cd {shlex.quote(self.directory)} && exec {shlex.join(words)}"
        mounts = f"mount -t proc proc {self.root}/proc && mount --bind /dev {self.root}/dev"
        chroot = shlex.join(["chroot", f"--userspec={self.user}", str(self.root), "/bin/sh", "-c", inner])
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", f"{mounts} && exec {chroot}"]

    def run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        """Run to the end; the output is captured."""
        return subprocess.run(
            self.chroot(words),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_STEP_SECONDS,
            check=False,
        )


def instructions(text: str) -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, continued lines joined."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    words = (line.strip().split(None, 1) for line in joined.splitlines() if line.strip())
    return [(word[0].upper(), word[1]) for word in words]


def sent(pattern: str, ignored: list[str]) -> list[Path]:
    """The files of the build context that a COPY source stands for; what .dockerignore leaves out is not there."""
    base = PROJECT / pattern
    files = sorted(base.rglob("*")) if base.is_dir() else [base]
    return [file for file in files if file.is_file() and _is_sent(file.relative_to(PROJECT), ignored)]


def _is_sent(path: Path, ignored: list[str]) -> bool:
    kept = True
    for rule in ignored:
        keeps, pattern = rule.startswith("!"), rule.lstrip("!")
        names = path.parts if pattern.startswith("**/") else (str(path), *map(str, path.parents))
        if any(fnmatch.fnmatch(name, pattern.removeprefix("**/")) for name in names):
            kept = keeps
    return kept


class Build:
    """Follows the Dockerfile."""

    def __init__(self, work: Path, base: Path) -> None:
        self.work = work
        self.base = base
        self.named: dict[str, Stage] = {}
        self.stage: Stage | None = None
        rules = (PROJECT / ".dockerignore").read_text("utf-8").split()
        self.ignored = rules

    def follow(self, text: str) -> Stage:
        """All steps; the last stage."""
        for number, (word, rest) in enumerate(instructions(text), 1):
            begun = time.monotonic()
            getattr(self, f"do_{word.lower()}")(rest)
            print(f"step {number:>2}  {time.monotonic() - begun:5.1f} s  {word} {rest[:80]}", flush=True)
        assert self.stage is not None
        return self.stage

    def do_from(self, rest: str) -> None:
        """A stage of its own copy of the base."""
        name = rest.split()[2] if " AS " in rest.upper() else f"stage{len(self.named)}"
        root = self.work / name
        subprocess.run(["cp", "--archive", "--reflink=auto", str(self.base), str(root)], check=True)
        self.stage = self.named[name] = Stage(root=root)

    def do_workdir(self, rest: str) -> None:
        """The directory, made when it is missing."""
        self._stage.directory = rest
        self._inside(rest).mkdir(parents=True, exist_ok=True)

    def do_env(self, rest: str) -> None:
        """Variables; $PATH and the like stand for what they were."""
        for word in shlex.split(rest):
            key, _, value = word.partition("=")
            self._stage.environment[key] = string.Template(value).substitute(self._stage.environment)

    def do_user(self, rest: str) -> None:
        """Who runs what follows."""
        self._stage.user = rest

    def do_copy(self, rest: str) -> None:
        """From the context, or from an earlier stage."""
        words = rest.split()
        if words[0].startswith("--from="):
            source = self.named[words[0].removeprefix("--from=")].root / words[1].lstrip("/")
            subprocess.run(["cp", "--archive", str(source), str(self._inside(words[2]))], check=True)
            return
        *sources, target = words
        for pattern in sources:
            files = sent(pattern, self.ignored)
            if not files:
                sys.exit(f"prove: COPY {pattern}: .dockerignore leaves nothing of it")
            for file in files:
                below = file.relative_to(PROJECT / pattern) if (PROJECT / pattern).is_dir() else Path(file.name)
                place = self._inside(target) / below
                if not (PROJECT / pattern).is_dir() and not target.endswith("/"):
                    place = self._inside(target)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, place)

    def do_run(self, rest: str) -> None:
        """As the shell would, with this machine's way to its package index."""
        stage = self._stage
        passed = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_"))}
        whole = Stage(root=stage.root, environment={**passed, **stage.environment}, user=stage.user)
        whole.directory = stage.directory
        done = whole.run(["/bin/sh", "-c", rest])
        if done.returncode:
            sys.exit(f"prove: RUN {rest}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def do_healthcheck(self, rest: str) -> None:
        """What asks the container how it is."""
        self._stage.health = json.loads(rest.partition("CMD ")[2])

    def do_entrypoint(self, rest: str) -> None:
        """What a container runs."""
        self._stage.entry = json.loads(rest)

    def do_cmd(self, rest: str) -> None:
        """Its arguments when none are given."""
        self._stage.command = json.loads(rest)

    def do_volume(self, rest: str) -> None:
        """Nothing to do in a plain root."""

    do_stopsignal = do_volume

    @property
    def _stage(self) -> Stage:
        assert self.stage is not None
        return self.stage

    def _inside(self, path: str) -> Path:
        whole = path if path.startswith("/") else f"{self._stage.directory}/{path}"
        return self._stage.root / whole.lstrip("/")


def base_root(work: Path, suite: str, mirror: str | None) -> Path:
    """A minimal Debian with Python, made once for each --work."""
    base = work / "base"
    if not (base / "usr/local/bin/python").is_symlink():
        shutil.rmtree(base, ignore_errors=True)
        words = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(base)]
        subprocess.run([*words, mirror] if mirror else words, check=True)
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    for file in ("/etc/resolv.conf", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt"):
        if Path(file).is_file():
            shutil.copy2(file, base / file.lstrip("/"))
    return base


def must(holds: bool, what: str) -> None:  # noqa: FBT001 - the one thing it is about
    """Tell, and end with status 1 when it does not hold."""
    print(f"{'proven' if holds else 'FAILED'}: {what}", flush=True)
    if not holds:
        sys.exit(1)


def prove(image: Stage) -> None:
    """Try the finished image out."""
    must(image.run(["id", "-u"]).stdout.strip() not in {"0", ""}, "it does not run as root")
    touched = image.run(["/bin/sh", "-c", "! touch /etc/scraper/x && ! touch /opt/scraper/x"])
    must(touched.returncode == 0, "it can change neither its program nor its configuration")
    must(image.run([*image.entry, "--version"]).stdout.startswith("scraper "), "the entry point is the program")
    must(image.run([*image.entry, "outlets", "validate"]).returncode == 0, "the shipped configuration is sound")
    shown = image.run([*image.entry, "demo", "--data", "/tmp/demo"])
    must(shown.returncode == 0, f"the demo collects: {shown.stdout.strip().splitlines()[-1:]}{shown.stderr[-500:]}")
    must(image.run(image.health).returncode == 1, "the health check of a daemon that never ran says so")
    prove_daemon(image)
    size = subprocess.run(["du", "-sm", str(image.root / "opt/scraper")], capture_output=True, text=True, check=True)
    print(f"size of what is added to the base: {size.stdout.split()[0]} MB")


def prove_daemon(image: Stage) -> None:
    """Run it as a container would, on a feed that nobody serves, until its health check is content; then end it."""
    (image.root / "tmp/feeds.txt").write_text("http://127.0.0.1:9/feed\n")
    words = [*image.entry, *image.command, "--feeds", "/tmp/feeds.txt", "--allow-network", "127.0.0.0/8"]
    daemon = subprocess.Popen(image.chroot(words), env=image.environment, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + _PATIENCE_S
        while _healthy(image) != 0 and time.monotonic() < end:
            time.sleep(1)
        must(_healthy(image) == 0, "the health check finds the daemon well")
        inner = json.loads((image.root / "data/daemon.json").read_text())
        pid = _pid_below(daemon.pid)
        must(inner["phase"] == "collecting" and pid is not None, "the daemon says that it collects")
        os.kill(pid or 0, signal.SIGTERM)
        _, told = daemon.communicate(timeout=_PATIENCE_S)
    finally:
        daemon.kill()
    must(daemon.returncode == 0, f"SIGTERM ends it in order: {told.strip().splitlines()[-1:]}")


def _healthy(image: Stage) -> int:
    return image.run(image.health).returncode


def _pid_below(pid: int) -> int | None:
    """The program itself: the first child of the namespace's parent."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None


def _own_suite() -> str:
    told = platform.freedesktop_os_release()
    return told.get("VERSION_CODENAME", "stable") if told.get("ID") == "debian" else "stable"


def main() -> None:
    """Build and prove."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--work", type=Path, default=Path("/var/tmp/scraper-image"), help="where the roots are made")
    options.add_argument("--suite", default=_own_suite(), help="the Debian release of the base")
    options.add_argument("--mirror", help="where Debian comes from; else where debootstrap looks by itself")
    options.add_argument("--keep", action="store_true", help="leave the finished root for a look")
    given = options.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        sys.exit("prove: needs root and debootstrap (apt-get install debootstrap)")
    given.work.mkdir(parents=True, exist_ok=True)
    build = Build(given.work, base_root(given.work, given.suite, given.mirror))
    for stage in given.work.iterdir():
        if stage.name != "base":
            shutil.rmtree(stage)
    try:
        prove(build.follow((PROJECT / "Dockerfile").read_text("utf-8")))
    finally:
        if not given.keep:
            for stage in build.named.values():
                shutil.rmtree(stage.root, ignore_errors=True)


if __name__ == "__main__":
    main()
