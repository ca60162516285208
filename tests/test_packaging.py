"""What the program is installed with: unit, image and compose file name what there is and guard what they can."""

import json
import re
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from scraper.cli.app import app
from scraper.settings import Settings, variable
from scraper.settings import setting_paths as paths

ROOT = Path(__file__).parent.parent
UNIT = ROOT / "scripts" / "systemd" / "scraper.service"


def program(name):
    loader = SourceFileLoader(name, str(ROOT / "scripts" / f"{name}.py"))
    module = module_from_spec(spec_from_loader(name, loader) or pytest.fail(name))
    sys.modules[name] = module
    loader.exec_module(module)
    return module


prove_image: Any = program("prove_image")
DOCKERFILE = prove_image.instructions((ROOT / "Dockerfile").read_text("utf-8"))
WIDEST_EXPOSURE = 2.0
"""Of systemd-analyze's scale from 0 to 10."""


def given(word):
    return [rest for name, rest in DOCKERFILE if name == word]


def options_of(*commands):
    command = get_command(app)
    for name in commands:
        command = command.get_command(None, name)  # type: ignore[attr-defined]
    return {option for parameter in command.params for option in parameter.opts}


def unit(key):
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)


def test_the_image_runs_as_nobody_in_particular_and_is_asked_how_it_is():
    assert given("USER") == ["10001:10001"]
    assert given("ENTRYPOINT") == ['["scraper"]']
    (health,) = given("HEALTHCHECK")
    assert json.loads(health.partition("CMD ")[2]) == ["scraper", "run", "--healthcheck"]
    assert len(given("FROM")) == 2, "what builds is not in what runs"


def test_the_image_is_made_of_what_is_sent_and_nothing_else_is_sent():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    for rest in given("COPY"):
        if not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert prove_image.sent(source, ignored), source
    assert not prove_image.sent("tests", ignored)
    assert not prove_image.sent(".git", ignored)


def test_the_variables_of_image_and_compose_are_settings():
    text = "".join((ROOT / file).read_text("utf-8") for file in ("Dockerfile", "compose.yaml"))
    known = {variable(*path) for path in paths()} | {"SCRAPER_CONFIG"}
    named = set(re.findall(r"SCRAPER_[A-Z_]+", text))
    assert named
    assert named <= known


def test_the_compose_file_bounds_and_guards():
    (service,) = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"].values()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    grace = int(service["stop_grace_period"].removesuffix("s"))
    assert grace > Settings().drain.total_seconds() + 10


def test_the_unit_calls_what_there_is_and_waits_long_enough():
    for line in (*unit("ExecStart"), *unit("ExecReload")):
        program, command, *words = line.split()
        assert program == "/opt/scraper/bin/scraper"
        assert {word for word in words if word.startswith("-")} <= options_of(command)
    assert int(unit("TimeoutStopSec")[0]) > Settings().drain.total_seconds() + 10
    assert unit("Type") == ["notify"]
    assert unit("MemoryMax")
    assert unit("TasksMax")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_unit_is_sound_and_exposes_little(tmp_path):
    copy = tmp_path / "scraper.service"
    copy.write_text(UNIT.read_text("utf-8").replace("/opt/scraper/bin/scraper", "/bin/true"), "utf-8")
    analyze = shutil.which("systemd-analyze") or ""
    checked = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, check=False)
    told = [line for line in checked.stderr.splitlines() if "scraper.service" in line]
    assert not told
    words = [analyze, "security", "--offline=yes", "--no-pager", str(copy)]
    judged = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    exposure = re.search(r"exposure level for \S+: ([0-9.]+)", judged)
    if exposure is None:
        pytest.skip("this systemd-analyze cannot judge a file")
    assert float(exposure[1]) <= WIDEST_EXPOSURE
