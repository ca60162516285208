"""The command line as a whole: its commands."""

from importlib import import_module
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup
from typer.main import get_command

from scraper import __version__

MARKUP: Literal["markdown"] = "markdown"
CONTEXT = {"help_option_names": ["-h", "--help"]}
NAMES = (
    *("run", "reload", "backfill", "extract", "dedup", "status", "outlets", "explain", "alerts"),
    *(
        "export",
        "search",
        "verify",
        "backup",
        "push",
        "pull",
        "repair",
        "remove",
        "retry",
        "reprocess",
        "compact",
        "demo",
    ),
)
"""The commands in the order of the help. Each is the module of its name, with a function or a group of that name."""


class Commands(TyperGroup):
    """Imports a command when it is asked for: `status` need not wait for what `run` needs."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # Here typer looks for what a mistyped name may mean.
        self.commands.update(dict.fromkeys(NAMES))  # type: ignore[arg-type]

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer gives it
        """All names, in the order of the help."""
        return list(NAMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, or None."""
        if cmd_name not in NAMES:
            return None
        module = import_module(f"scraper.cli.{cmd_name}")
        loaded = getattr(module, "app", None)
        if loaded is None:
            loaded = typer.Typer(add_completion=False, rich_markup_mode=MARKUP, context_settings=CONTEXT)
            loaded.command(cmd_name)(getattr(module, cmd_name))
        command = get_command(loaded)
        command.name = cmd_name
        _name_no_types(command, ctx)
        return command

    def get_params(self, ctx: Any) -> Any:
        """The program's own options."""
        return _without_types(super().get_params(ctx))


def _name_no_types(command: Any, parent: Any) -> None:
    """Leave out of the help of a command, and of those below it, the `<bool>` and `<str>` that typer puts there."""
    context = typer.Context(command, parent=parent)
    _without_types(command.get_params(context))
    for below in getattr(command, "commands", {}).values():
        _name_no_types(below, context)


def _without_types(parameters: Any) -> Any:
    for parameter in parameters:
        if parameter.param_type_name == "argument" or parameter.is_flag:
            parameter.display_type_rich = _no_type
    return parameters


def _no_type(ctx: Any) -> str:  # noqa: ARG001 - typer gives it
    return ""


app = typer.Typer(
    name="scraper",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=MARKUP,
    context_settings=CONTEXT,
    epilog="Exit status: 0 done, 1 done with failures, 2 bad usage or configuration, 130 interrupted.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"scraper {__version__}")
        raise typer.Exit


@app.callback()
def scraper(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Collect news: poll feeds, extract clean text, drop syndicated copies, save articles.

    Try it without a network: `scraper demo`

    Collect once, as from cron: `scraper run --once`

    Collect day and night: `scraper run`

    See what one page yields: `scraper extract https://www.example.com/news/1`
    """
