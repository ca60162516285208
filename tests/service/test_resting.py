"""What a start knows of the shards of the run before it."""

from contextlib import closing
from pathlib import Path

from scraper.clock import utc_now
from scraper.engine.ledger import Ledger
from scraper.service.resting import Rest
from scraper.settings import StoreSettings
from scraper.storage import open_store


async def test_shards_may_be_left_until_their_run_has_said_that_none_is(tmp_path: Path):
    ledger = Ledger(lambda _: None, None)
    with closing(open_store(StoreSettings(data=tmp_path), utc_now)) as store:
        assert await Rest(ledger, store).ends()
        assert not await Rest(ledger, store).ends()
        await Rest(ledger, store).begins()
        assert await Rest(ledger, store).ends()
    ledger.close()
