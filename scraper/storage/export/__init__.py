"""The archive in other people's formats. Pure: what comes in as articles goes out as bytes, one at a time.

write("csv", chosen(archive, outlet="antara"), sys.stdout.buffer)
write_files("txt", chosen(archive), Path("texts"))
"""

from scraper.storage.export.formats import FILE_FORMATS, STREAM_FORMATS, UnknownFormatError, write, write_files
from scraper.storage.export.selection import Exported, chosen, newest

__all__ = [
    "FILE_FORMATS",
    "STREAM_FORMATS",
    "Exported",
    "UnknownFormatError",
    "chosen",
    "newest",
    "write",
    "write_files",
]
