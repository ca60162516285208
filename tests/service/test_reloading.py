from dataclasses import replace
from pathlib import Path

import pytest

from scraper.model.failures import ConfigFault, ConfigurationError
from scraper.service.reloading import Configuration, Reload, changed_for_good
from scraper.settings import FetchSettings, LogSettings, Settings, StoreSettings

PRESENT = Configuration(settings=Settings(), outlets=())


def test_what_a_restart_alone_can_change_is_named():
    read = replace(
        PRESENT.settings,
        store=StoreSettings(data=Path("elsewhere")),
        log=LogSettings(format="json"),
        fetch=FetchSettings(concurrency=3),
    )
    assert [fault.key for fault in changed_for_good(PRESENT.settings, read)] == ["store.data", "log.format"]
    assert "restart" in str(changed_for_good(PRESENT.settings, read)[0])


async def test_a_sound_configuration_is_taken_and_a_bad_one_is_an_answer():
    other = replace(PRESENT, settings=replace(PRESENT.settings, fetch=FetchSettings(concurrency=3)))
    assert await Reload(read=lambda: other).next(PRESENT) == other

    def bad() -> Configuration:
        raise ConfigurationError([ConfigFault(file="a", line=1, key="k", value=None, expected="b")])

    refused = await Reload(read=bad).next(PRESENT)
    assert isinstance(refused, ConfigurationError)
    moved = replace(PRESENT, settings=replace(PRESENT.settings, store=StoreSettings(data=Path("elsewhere"))))
    assert isinstance(await Reload(read=lambda: moved).next(PRESENT), ConfigurationError)


async def test_a_defect_in_reading_is_raised():
    def broken() -> Configuration:
        raise LookupError("bug")

    with pytest.raises(LookupError):
        await Reload(read=broken).next(PRESENT)
