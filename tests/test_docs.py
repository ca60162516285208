"""The manual says what the program does: commands, floors, and links that lead somewhere."""

import re
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def test_every_command_and_option_is_in_the_manual():
    loader = SourceFileLoader("write_commands", str(ROOT / "scripts" / "write_commands.py"))
    module = module_from_spec(spec_from_loader("write_commands", loader) or pytest.fail("no program"))
    loader.exec_module(module)
    written = (DOCS / "commands.md").read_text("utf-8")
    assert named(written) == named(module.manual()), "run: .venv-test/bin/python scripts/write_commands.py"


def named(page: str) -> list[tuple[str, list[str]]]:
    """Headings with the options below them."""
    sections = re.split(r"^##+ ", page, flags=re.MULTILINE)[1:]
    return [(each.splitlines()[0], re.findall(r"^\| (`-[^|]*?) \|", each, re.MULTILINE)) for each in sections]


def test_the_picture_of_the_house_is_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    page = (DOCS / "architecture.md").read_text("utf-8")
    picture = page.split("```")[1]
    floors = [
        re.findall(r"^  ([a-z_]+) {2,}\S", floor, re.MULTILINE)
        for floor in re.split(r"^  ─+$", picture, flags=re.MULTILINE)
    ]
    assert floors == [layer.split(" | ") for layer in layers]
    rooms = {path.stem for path in (ROOT / "scraper").iterdir() if not path.name.startswith("__init__")}
    assert {room for floor in floors for room in floor} == rooms - {"__pycache__"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target
    if page.parent.name == "decisions":
        return  # what was decided then may name what is gone now
    for name in re.findall(r"`((?:tests|scripts|scraper|docs)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name


def test_every_page_of_the_manual_is_found_from_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    for page in DOCS.glob("*.md"):
        assert f"docs/{page.name}" in readme, page.name
