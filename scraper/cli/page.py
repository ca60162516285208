"""What the commands that serve the status page share."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from pathlib import Path
from typing import Annotated

import typer

from scraper.cli.options import outlets_for
from scraper.clock import utc_now
from scraper.logs import Log
from scraper.model.failures import ConfigurationError
from scraper.service.statuspage import order_for, status_page
from scraper.settings import Settings, StatusSettings, split_address
from scraper.status.web.listening import Address, bind, url_of
from scraper.storage import open_archive

DEFAULT = "127.0.0.1:8080"

StatusAt = Annotated[
    str | None,
    typer.Option(
        "--status",
        metavar="HOST:PORT",
        help="Serve the status page there, e.g. 127.0.0.1:8080; overrides status.listen.",
        show_default=False,
    ),
]


def address_for(
    settings: StatusSettings, asked: str | None, default: str | None = None, option: str = "--status"
) -> Address | None:
    """Where the page is to be served: as the option says, else the setting, else the default; None for nowhere."""
    chosen = asked or settings.listen or default
    if chosen is None:
        return None
    try:
        return Address(*split_address(chosen))
    except ValueError as error:
        raise typer.BadParameter(f"{chosen!r} is no address; expected {error}", param_hint=option) from None


def page_beside(
    settings: Settings, asked: str | None, names: Mapping[str, str], log: Log
) -> AbstractAsyncContextManager[None]:
    """The status page for as long as the context lasts, where one is wanted; `names` are those of outlets by id.

    Raises ScraperError when it cannot be.
    """
    where = address_for(settings.status, asked)
    if where is None:
        return nullcontext()
    listener = bind(where)
    if not where.is_loopback and settings.status.token is None:
        log.warning("status page can be read by whoever reaches it; status.token guards it", url=url_of(listener))
    log.info("status page", url=url_of(listener))
    return status_page(listener, order_for(listener, settings.store.data, settings.status, names), log)


def serve(settings: Settings, config: Path | None, asked: str | None) -> None:
    """Serve the page of a data directory in this process until told to stop. Raises ScraperError when it cannot be."""
    # Only here: the other commands need no web framework.
    from scraper.status.web.app import Look  # noqa: PLC0415
    from scraper.status.web.serving import Server  # noqa: PLC0415

    where = address_for(settings.status, asked, DEFAULT, "--listen") or Address(*split_address(DEFAULT))
    with open_archive(settings.store.data), bind(where) as listener:
        if not where.is_loopback and settings.status.token is None:
            typer.echo(f"scraper: whoever reaches {url_of(listener)} can read it; status.token guards it", err=True)
        typer.echo(f"{url_of(listener)} (Ctrl-C ends it)", err=True)
        look = Look(
            zone=settings.status.time_zone,
            token=settings.status.token,
            hosts=settings.status.hosts,
            names=_names(config),
        )
        with suppress(KeyboardInterrupt):
            Server(settings.store.data, look, utc_now).run(listener)


def _names(config: Path | None) -> dict[str, str]:
    """Names of outlets by id; a configuration that cannot be read is no reason not to look at what was collected."""
    try:
        return {outlet.id: outlet.name for outlet in outlets_for(config, required=False)}
    except ConfigurationError:
        return {}
