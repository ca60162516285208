"""The one seam between storage and the file system, so that a test can fail or kill each single step."""

import os
import sys
from pathlib import Path


class Disk:
    """Plain operations on files. Each raises OSError, and `before` is told of each first.

    Tests put their own in its place; they fail, tear or stop at any chosen step.
    """

    def before(self, step: str, path: Path) -> None:
        """Called before each step that changes something; `step` is its name."""

    def make_directory(self, path: Path) -> None:
        """Create a directory whose parent exists, durably; nothing happens when it is there."""
        if path.is_dir():
            return
        self.before("mkdir", path)
        path.mkdir(exist_ok=True)
        self.sync_directory(path.parent)

    def make_directories(self, path: Path) -> None:
        """Create a directory and all that leads to it, durably."""
        if not path.parent.is_dir():
            self.make_directories(path.parent)
        self.make_directory(path)

    def open(self, path: Path) -> int:
        """Open for reading and writing, creating the file when it is missing."""
        self.before("open", path)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def write(self, descriptor: int, data: bytes, offset: int, path: Path) -> None:
        """Write all of `data` at `offset`."""
        self.before("write", path)
        view = memoryview(data)
        while view:
            written = os.pwrite(descriptor, view, offset)
            view = view[written:]
            offset += written

    def hasten(self, descriptor: int, offset: int, size: int) -> None:
        """Let bytes that were written begin their way to the disk; promises nothing, and waits for nothing."""
        # Linux begins to write back what it is told will not be read again soon; elsewhere `sync` does it all.
        if sys.platform == "linux":
            os.posix_fadvise(descriptor, offset, size, os.POSIX_FADV_DONTNEED)

    def truncate(self, descriptor: int, size: int, path: Path) -> None:
        """Cut the file to `size` bytes."""
        self.before("truncate", path)
        os.ftruncate(descriptor, size)

    def sync(self, descriptor: int, path: Path) -> None:
        """Return when the file's bytes and size are on the disk itself."""
        self.before("sync", path)
        os.fdatasync(descriptor)

    def sync_directory(self, path: Path) -> None:
        """Return when the directory's names are on the disk itself."""
        self.before("sync-directory", path)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file its final name, durably."""
        self.before("rename", target)
        source.replace(target)
        self.sync_directory(target.parent)

    def replace(self, path: Path, data: bytes) -> None:
        """Let a file hold `data`, durably: whole, or what it held before."""
        unfinished = path.with_name(f".{path.name}.unfinished")
        descriptor = self.open(unfinished)
        try:
            self.truncate(descriptor, 0, unfinished)
            self.write(descriptor, data, 0, unfinished)
            self.sync(descriptor, unfinished)
        finally:
            os.close(descriptor)
        self.rename(unfinished, path)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name, durably; one that has it is replaced."""
        self.before("link", target)
        target.unlink(missing_ok=True)
        target.hardlink_to(source)
        self.sync_directory(target.parent)

    def remove(self, path: Path) -> None:
        """Remove a file, durably; nothing happens when it is gone."""
        if not path.parent.is_dir():
            return
        self.before("remove", path)
        path.unlink(missing_ok=True)
        self.sync_directory(path.parent)
