"""Writes docs/commands.md from the program itself: every command with its examples and options.

.venv-test/bin/python scripts/write_commands.py
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from scraper.cli.app import NAMES, app

FILE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = """# Commands

Written from the program by `scripts/write_commands.py`; a test compares. Exit status of all: 0 done, 1 done with
failures, 2 bad usage or configuration, 130 interrupted. `scraper --install-completion` teaches your shell to complete
them (bash, zsh, fish, PowerShell); `scraper --show-completion` prints what that would add.
"""


def manual() -> str:
    """The whole page."""
    group: Any = get_command(app)
    context = typer.Context(group)
    sections = [HEAD]
    for name in NAMES:
        sections += section(group.get_command(context, name), f"scraper {name}", "##")
    return "\n".join(sections)


def section(command: Any, title: str, mark: str) -> Iterator[str]:
    """One command, then those below it."""
    arguments = [_argument(each) for each in command.params if each.param_type_name == "argument"]
    words = " ".join([title, *arguments])
    yield f"{mark} `{words}`\n\n{_text(command.help or '')}\n"
    rows = [_row(each) for each in command.params if each.param_type_name == "option" and not each.hidden]
    if rows:
        yield "| option | what |\n|---|---|\n" + "\n".join(rows) + "\n"
    for name, below in sorted(getattr(command, "commands", {}).items()):
        if not below.hidden:
            yield from section(below, f"{title} {name}", mark + "#")


def _row(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f" `{_metavar(option)}`"
    return f"| {names}{value} | {_text(option.help or '').replace('|', chr(92) + '|')} |"


def _argument(parameter: Any) -> str:
    name = _metavar(parameter) if parameter.required else f"[{_metavar(parameter)}]"
    return name if parameter.nargs == 1 else f"{name}..."


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper().replace("_", "-"))


def _text(text: str) -> str:
    return re.sub(r"\n[ \t]+", "\n", text).strip()


if __name__ == "__main__":
    FILE.write_text(manual(), "utf-8")
