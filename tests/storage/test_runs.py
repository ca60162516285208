"""What is kept of backfills, whoever writes at the same time."""

from concurrent.futures import ThreadPoolExecutor

from scraper.model.backfill import Plan, Progress, Stage
from scraper.storage import Runs
from tests.storage.samples import NOW


def test_progress_that_several_write_at_once_is_always_whole(tmp_path):
    runs = Runs(tmp_path)
    number = runs.create(Plan(), NOW).run.number

    def write(writer: int) -> None:
        files = runs.open(number)
        for turn in range(50):
            files.save(Progress(stage=Stage.RUNNING, taken=turn + 1, detail="." * writer * 1000))
            assert files.progress.taken

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    assert runs.open(number).progress.taken == 50
