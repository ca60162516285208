"""From `scraper.toml` and the environment to settings, with every fault of both."""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from scraper.configfile import Problem, Shape, Table, in_words, read_table, shown
from scraper.model.failures import ConfigFault, ConfigurationError
from scraper.settings.sections import Settings

FILE = "scraper.toml"
PREFIX = "SCRAPER_"
OTHER_VARIABLES = ("SCRAPER_CONFIG",)
"""Variables with our prefix that are no settings: the directory that --config names."""
TEST_VARIABLES = "SCRAPER_TEST_"
"""Variables that start so belong to the tests and are passed over."""

_SHAPE = Shape(Settings)


def load_settings(directory: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read `scraper.toml` in the directory, then the SCRAPER_ variables; without a directory, the variables alone.

    Raises ConfigurationError with every fault of both.
    """
    faults: list[ConfigFault] = []
    table = Table(file="environment", values={}, lines={}) if directory is None else _opened(directory, faults)
    settings = _SHAPE.read(table.values) if table else Settings()
    if table and not isinstance(settings, Settings):
        faults += table.faults(settings)
    settings = _overridden(settings if isinstance(settings, Settings) else Settings(), environ, faults)
    if table and not faults:
        faults += table.faults(_contradictions(settings))
    if faults:
        raise ConfigurationError(faults)
    return settings


def setting_paths() -> tuple[tuple[str, ...], ...]:
    """List every setting as its section and key; a key above the first section stands alone."""
    return tuple(tuple(map(str, path)) for path in _SHAPE.key_paths())


def variable(*path: str) -> str:
    """Name the environment variable that overrides the setting at a path."""
    return PREFIX + "_".join(path).upper()


def _opened(directory: Path, faults: list[ConfigFault]) -> Table | None:
    if not directory.is_dir():
        faults.append(
            ConfigFault(file=str(directory), line=None, key="", value=None, expected=f"a directory with {FILE}")
        )
        return None
    table = read_table(directory / FILE)
    if isinstance(table, ConfigFault):
        faults.append(table)
        return None
    return table


def _overridden(settings: Settings, environ: Mapping[str, str], faults: list[ConfigFault]) -> Settings:
    known = {variable(*path): path for path in setting_paths()}
    for name, text in sorted(environ.items()):
        if (
            not name.startswith(PREFIX)
            or name in OTHER_VARIABLES
            or name.startswith(TEST_VARIABLES)
            or not text.strip()
        ):
            continue
        key = known.get(name)
        if key is None:
            close = get_close_matches(name, known, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            faults.append(_variable_fault(name, text, f"the name of a setting{meant}"))
            continue
        value = _read_variable(key, text)
        if isinstance(value, Problem):
            faults.append(_variable_fault(name, text, value.expected))
        else:
            settings = _with(settings, key, value)
    return settings


def _read_variable(key: tuple[str, ...], text: str) -> object:
    """The value of one variable: as it stands, as a TOML value, or as a list with commas; the first that fits."""
    worst: Problem | None = None
    for candidate in _candidates(text):
        nested: object = candidate
        for part in reversed(key):
            nested = {part: nested}
        result = _SHAPE.read(nested if isinstance(nested, Mapping) else {})
        if isinstance(result, Settings):
            return _get(result, key)
        if worst is None or len(result[0].key) >= len(worst.key):
            worst = result[0]
    return worst


def _candidates(text: str) -> Iterator[object]:
    yield text
    listed = [part.strip() for part in text.split(",")]
    try:
        value = tomllib.loads(f"value = {text.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        yield listed
        return
    # A list as TOML writes it holds commas that belong to its items.
    yield from (value, listed) if isinstance(value, list) else (listed, value)


def _get(settings: Settings, key: tuple[str, ...]) -> object:
    value: object = settings
    for part in key:
        value = getattr(value, part)
    return value


def _with(settings: Settings, key: tuple[str, ...], value: object) -> Settings:
    *section, name = key
    change: dict[str, Any] = {name: value}
    for outer in section:
        change = {outer: dataclasses.replace(getattr(settings, outer), **change)}
    return dataclasses.replace(settings, **change)


def _variable_fault(name: str, text: str, expected: str) -> ConfigFault:
    return ConfigFault(file="environment", line=None, key=name, value=shown(text), expected=expected)


def _contradictions(settings: Settings) -> Iterator[Problem]:
    """Values that are sound alone and not together."""
    floor, ceiling = settings.poll.floor, settings.poll.ceiling
    if floor > ceiling:
        expected = f"no more than poll.ceiling, {in_words(ceiling)}"
        yield Problem(key=("poll", "floor"), value=in_words(floor), expected=expected)
    alerts = settings.alerts
    for key, given in (("smtp", alerts.smtp), ("mail_from", alerts.mail_from), ("mail_to", alerts.mail_to or None)):
        if given is not None and not (alerts.smtp and alerts.mail_from and alerts.mail_to):
            expected = "alerts.smtp, alerts.mail_from and alerts.mail_to together, or none of them"
            yield Problem(key=("alerts", key), value=given, expected=expected)
            break
    if alerts.webhook_token is not None and alerts.webhook is None:
        yield Problem(key=("alerts", "webhook_token"), value="…", expected="alerts.webhook beside it")
