"""`config/outlets/*.toml`, one file an outlet."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from scraper.configfile import Problem, Shape, Table, read_table
from scraper.model.failures import ConfigFault, ConfigurationError
from scraper.model.outlet import Outlet
from scraper.outlets.checks import CHECKS, contradictions

DIRECTORY = "outlets"
_MISTAKEN = frozenset({".yaml", ".yml", ".json", ".toml"})
"""Endings of files that were surely meant to be read; notes and what editors leave behind are not."""
_SHAPE = Shape(Outlet, CHECKS)


def load_outlets(directory: Path) -> tuple[Outlet, ...]:
    """Read every `outlets/<id>.toml` under the configuration directory, in the order of their ids.

    Raises ConfigurationError with every fault of every file.
    """
    folder = directory / DIRECTORY
    if not folder.is_dir():
        expected = "a directory that holds one <id>.toml for each outlet"
        raise ConfigurationError([ConfigFault(file=str(folder), line=None, key="", value=None, expected=expected)])
    faults: list[ConfigFault] = []
    loaded: list[tuple[Table, Outlet]] = []
    for path in sorted(folder.iterdir()):
        if path.suffix != ".toml" or path.name.startswith("."):
            if path.suffix.lower() in _MISTAKEN and not path.name.startswith("."):
                expected = "an outlet in TOML, in a file named <id>.toml"
                faults.append(ConfigFault(file=str(path), line=None, key="", value=None, expected=expected))
            continue
        table = read_table(path)
        if isinstance(table, ConfigFault):
            faults.append(table)
            continue
        outlet = _read(table, path.stem)
        if isinstance(outlet, Outlet):
            loaded.append((table, outlet))
        else:
            faults += table.faults(outlet)
    faults += _collisions(loaded)
    if faults:
        raise ConfigurationError(faults)
    return tuple(outlet for _, outlet in loaded)


def _read(table: Table, stem: str) -> Outlet | Sequence[Problem]:
    values = {"id": stem, **table.values}
    outlet = _SHAPE.read(values)
    if not isinstance(outlet, Outlet):
        return outlet
    problems = list(contradictions(outlet))
    if outlet.id != stem:
        problems.append(Problem(key=("id",), value=outlet.id, expected=f'the name of its file, "{stem}", or no id'))
    return problems or outlet


def _collisions(loaded: Sequence[tuple[Table, Outlet]]) -> Iterator[ConfigFault]:
    """What two outlets both claim."""
    owners: dict[tuple[str, str], str] = {}
    for table, outlet in loaded:
        polled = (*_items("feeds", outlet.feeds), *_items("news_sitemaps", outlet.news_sitemaps))
        claims = [("address", key, url) for key, url in polled]
        claims += [("domain", key, domain) for key, domain in _items("domains", outlet.domains)]
        for kind, key, value in claims:
            owner = owners.setdefault((kind, value), outlet.id)
            if owner != outlet.id:
                yield table.fault_at(
                    key, value, f'a{"n" * (kind == "address")} {kind} that outlet "{owner}" does not have'
                )


def _items(key: str, items: Sequence[str]) -> Iterator[tuple[tuple[str, int], str]]:
    for number, item in enumerate(items):
        yield (key, number), item
