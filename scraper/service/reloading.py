"""Reading the configuration again while the daemon runs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from scraper.configfile import shown
from scraper.model.failures import ConfigFault, ConfigurationError
from scraper.model.outlet import Outlet
from scraper.settings import FILE, Settings

FIXED = (
    *(("store", "data"), ("log", "level"), ("log", "format"), ("metrics", "listen")),
    *(("status", key) for key in ("listen", "token", "hosts", "time_zone")),
)
"""Settings that take a restart: others already depend on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All that a daemon is told before it starts."""

    settings: Settings
    outlets: tuple[Outlet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """How the configuration is read again, and the event that asks for it."""

    read: Callable[[], Configuration]
    """Raises ConfigurationError."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self, present: Configuration) -> Configuration | ConfigurationError:
        """The configuration as it is written now, or why it cannot take the place of the present one."""
        try:
            read = await asyncio.to_thread(self.read)
        except ConfigurationError as error:
            return error
        faults = changed_for_good(present.settings, read.settings)
        return ConfigurationError(faults) if faults else read


def changed_for_good(present: Settings, read: Settings) -> list[ConfigFault]:
    """The settings that differ and that only a restart can change."""
    faults: list[ConfigFault] = []
    for section, key in FIXED:
        before, after = (getattr(getattr(settings, section), key) for settings in (present, read))
        if before != after:
            expected = f"{shown(str(before))}, which is in force; restart to change it"
            path = f"{section}.{key}"
            faults.append(ConfigFault(file=FILE, line=None, key=path, value=shown(str(after)), expected=expected))
    return faults
