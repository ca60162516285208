"""What did the person write, and is it sound? TOML files and variables become checked values, all faults at once."""

from scraper.configfile.quantities import (
    Count,
    Days,
    Duration,
    Size,
    Span,
    in_words,
    read_duration,
    read_size,
    size_in_words,
)
from scraper.configfile.shape import Problem, Shape
from scraper.configfile.table import Table, read_table, shown

__all__ = [
    "Count",
    "Days",
    "Duration",
    "Problem",
    "Shape",
    "Size",
    "Span",
    "Table",
    "in_words",
    "read_duration",
    "read_size",
    "read_table",
    "shown",
    "size_in_words",
]
