"""What a start does about the files of a store that was ended in the middle of something."""

import os
from datetime import datetime

from scraper.model.failures import StoreDamagedError
from scraper.storage.database import Database
from scraper.storage.disk import Disk
from scraper.storage.layout import Layout, Part, Stream
from scraper.storage.moments import to_micros
from scraper.storage.removal import finish as finish_removal
from scraper.storage.segments import SegmentState


def recover(database: Database, layout: Layout, disk: Disk, now: datetime) -> tuple[str, ...]:
    """Finish or forget what was half done. Returns what was done, a sentence each; nothing when all was in order.

    Only files that are not sealed are looked at, so it takes the same time however large the archive is.
    """
    done = []
    rows = database.connection.execute(
        "SELECT number, stream, date, part, state, bytes FROM segments WHERE state <> ? ORDER BY number",
        (SegmentState.SEALED,),
    ).fetchall()
    for number, stream, date, part_number, state, size in rows:
        part = Part(stream=Stream(stream), date=date, number=part_number)
        if state == SegmentState.OPEN:
            done += _tidy_open(layout, disk, part, size)
        elif state == SegmentState.REMOVING:
            finish_removal(database, layout, disk, number, part)
            done.append(f"Finished removing {layout.sealed_file(part)}.")
        else:
            done += _finish_sealing(database, layout, disk, part, number)
    done += _free_claims(database, now)
    return tuple(done)


def _tidy_open(layout: Layout, disk: Disk, part: Part, size: int) -> list[str]:
    path = layout.open_file(part)
    done = []
    for leftover in (layout.unfinished_file(part), layout.sealed_file(part)):
        if leftover.exists():
            disk.remove(leftover)
            done.append(f"Removed {leftover}, whose sealing was not finished; it will be sealed again.")
    if not path.exists():
        if size:
            raise StoreDamagedError(f"The file {path} is missing. Run `scraper verify` to see what is lost.")
        return done
    actual = path.stat().st_size
    if actual < size:
        raise StoreDamagedError(
            f"The file {path} has {actual} bytes but {size} were saved. Run `scraper verify` to see what is lost."
        )
    if actual > size:
        descriptor = disk.open(path)
        try:
            disk.truncate(descriptor, size, path)
            disk.sync(descriptor, path)
        finally:
            os.close(descriptor)
        done.append(f"Cut {actual - size} bytes of an unfinished group off {path}; its stories are collected again.")
    return done


def _finish_sealing(database: Database, layout: Layout, disk: Disk, part: Part, number: int) -> list[str]:
    disk.remove(layout.open_file(part))
    with database.transaction() as connection:
        connection.execute("UPDATE segments SET state = ? WHERE number = ?", (SegmentState.SEALED, number))
    return [f"Finished sealing {layout.sealed_file(part)}."]


def _free_claims(database: Database, now: datetime) -> list[str]:
    # Whoever claimed them is gone: the directory is ours alone.
    with database.transaction() as connection:
        freed = connection.execute(
            "UPDATE pending SET leased = 0, ready_at = min(ready_at, ?) WHERE entry IN "
            "(SELECT entry FROM pending WHERE leased = 1)",
            (to_micros(now),),
        ).rowcount
    return [f"Took up {freed} stories again that were being worked on."] if freed else []
