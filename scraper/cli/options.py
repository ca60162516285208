"""Options that several commands share, and the configuration they lead to."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import typer

from scraper.model.failures import ConfigurationError
from scraper.model.outlet import Outlet
from scraper.outlets import load_outlets, outlets_from_feeds
from scraper.settings import Settings, cluster_address, load_settings

DEFAULT_CONFIG = Path("config")
T = TypeVar("T")

ConfigDir = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="DIR",
        envvar="SCRAPER_CONFIG",
        help="Directory with scraper.toml and outlets/. [default: config]",
        show_default=False,
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Where articles and state stay; overrides store.data."),
]
Feeds = Annotated[
    Path | None,
    typer.Option(
        "--feeds",
        metavar="FILE",
        help="A list of feed URLs, one a line, or an OPML file; replaces the outlet files. Each host is an outlet.",
    ),
]
AllowNetwork = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-network",
        metavar="CIDR",
        help="Let this network through the address guard for this run, e.g. 127.0.0.0/8. May be repeated.",
    ),
]
OnCluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Work on a Ray cluster: host:port of its head, `auto` for the one this machine belongs to, `local` for "
        "one of its own; overrides cluster.address.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON for other programs.")]


def settings_for(config: Path | None, data: Path | None = None, allow: Sequence[str] | None = None) -> Settings:
    """The settings of the configuration directory, the environment and the options, in ascending order of weight.

    Without --config the directory `config` is used when it is there. Raises ConfigurationError.
    """
    settings = load_settings(_directory(config), os.environ)
    if data is not None:
        settings = replace(settings, store=replace(settings.store, data=data))
    if allow:
        networks = (*settings.fetch.allow_networks, *map(_network, allow))
        settings = replace(settings, fetch=replace(settings.fetch, allow_networks=networks))
    return settings


def hand_down(ctx: typer.Context) -> None:
    """Have the command below take the options that stand before its name, unless it is given them anew.

    Raises BadParameter for one that it does not know.
    """
    name = ctx.invoked_subcommand or ""
    below = cast("Any", ctx.command).get_command(ctx, name)
    known = {parameter.name for parameter in below.params}
    given = {option.name: option for option in ctx.command.params if _is_given(ctx, option.name)}
    for option in given.values():
        if option.name not in known:
            raise typer.BadParameter(f"is no option of `{ctx.command_path} {name}`", param_hint=option.opts[0])
    ctx.default_map = {name: {option: ctx.params[option] for option in given}}


def _is_given(ctx: typer.Context, option: str | None) -> bool:
    source = ctx.get_parameter_source(option or "")
    return source is not None and source.name == "COMMANDLINE"


def on_cluster(settings: Settings, address: str | None) -> Settings:
    """The settings with another cluster, if one is named. Raises BadParameter for what names none."""
    if address is None:
        return settings
    try:
        checked = cluster_address(address)
    except ValueError as error:
        raise typer.BadParameter(
            f"{address!r} is no address of a cluster; expected {error}", param_hint="--cluster"
        ) from None
    return replace(settings, cluster=replace(settings.cluster, address=checked))


def outlets_for(config: Path | None, feeds: Path | None = None, *, required: bool = True) -> tuple[Outlet, ...]:
    """The outlets of the feed list when there is one, else of the configuration directory.

    With `required=False` a missing `config` directory means no outlets. Raises ConfigurationError.
    """
    if feeds is not None:
        try:
            text = feeds.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise typer.BadParameter(f"{feeds}: {_plainly(error)}", param_hint="--feeds") from error
        return outlets_from_feeds(text, str(feeds))
    directory = _directory(config)
    if directory is None and not required:
        return ()
    return load_outlets(directory or DEFAULT_CONFIG)


def configuration(
    config: Path | None,
    *,
    data: Path | None = None,
    allow: Sequence[str] | None = None,
    feeds: Path | None = None,
    cluster: str | None = None,
    required: bool = True,
) -> tuple[Settings, tuple[Outlet, ...]]:
    """Settings and outlets. Raises ConfigurationError with the faults of both."""
    settings = _or_faults(lambda: on_cluster(settings_for(config, data, allow), cluster))
    outlets = _or_faults(lambda: outlets_for(config, feeds, required=required))
    if isinstance(settings, ConfigurationError) or isinstance(outlets, ConfigurationError):
        both = [error.faults for error in (settings, outlets) if isinstance(error, ConfigurationError)]
        raise ConfigurationError(fault for faults in both for fault in faults)
    return settings, outlets


def _or_faults(load: Callable[[], T]) -> T | ConfigurationError:
    try:
        return load()
    except ConfigurationError as error:
        return error


def chosen(outlets: Sequence[Outlet], patterns: Sequence[str]) -> tuple[Outlet, ...]:
    """The outlets whose id matches one of the patterns (`*` stands for any characters), all when there is none."""
    from fnmatch import fnmatchcase  # noqa: PLC0415 - needed by few commands

    if not patterns:
        return tuple(outlets)
    for pattern in patterns:
        if not any(fnmatchcase(outlet.id, pattern) for outlet in outlets):
            raise typer.BadParameter(f"no outlet is called {pattern!r}; see `scraper outlets`", param_hint="--outlet")
    return tuple(outlet for outlet in outlets if any(fnmatchcase(outlet.id, pattern) for pattern in patterns))


def moment(text: str | None, option: str) -> datetime | None:
    """A day (its start in UTC) or an ISO 8601 time; without an offset it is meant in UTC."""
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time; expected 2026-03-01 or 2026-03-01T06:00+07:00", param_hint=option
        ) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def day_after(text: str | None, option: str) -> datetime | None:
    """Like `moment`, but a bare day is meant whole: its end."""
    parsed = moment(text, option)
    if parsed is None or text is None or len(text) > len("2026-03-01"):
        return parsed
    try:
        return datetime.combine(date.fromordinal(parsed.toordinal() + 1), time(), UTC)
    except (OverflowError, ValueError):
        return None


def _directory(config: Path | None) -> Path | None:
    if config is not None:
        return config
    return DEFAULT_CONFIG if DEFAULT_CONFIG.is_dir() else None


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise typer.BadParameter(f"{error}; expected e.g. 127.0.0.0/8", param_hint="--allow-network") from None


def _plainly(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "not UTF-8 text"
