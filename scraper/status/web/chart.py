"""What a chart is: series over moments, with round numbers beside them and a sentence that says the same. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_TICKS = 4


class Form(StrEnum):
    """How a chart is drawn."""

    COLUMNS = "columns"
    LINE = "line"


class Tone(StrEnum):
    """What a series' colour stands for; the style sheet knows each by this name."""

    ONE = "one"
    TWO = "two"
    THREE = "three"
    FOUR = "four"
    FIVE = "five"
    SIX = "six"
    OTHERS = "others"
    KEPT = "kept"
    COPIES = "copies"
    UNWANTED = "unwanted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What has one colour in a chart."""

    name: str
    tone: Tone
    is_outlet: bool = False
    """Whether the name is an outlet's id, to be shown as its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One moment of a chart."""

    label: str
    """Short, under the column."""
    name: str
    """In full."""
    marked: bool
    """Whether the label is shown."""
    values: tuple[float | None, ...]
    """One a series; None where there is nothing to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Columns of the same series."""

    title: str
    summary: str
    """What the chart shows, in a sentence."""
    unit: str
    """What heads the first column of its numbers."""
    series: tuple[Series, ...]
    columns: tuple[Column, ...]
    ticks: tuple[int, ...]
    """The numbers beside the chart, from 0 to the greatest."""
    form: Form = Form.COLUMNS
    suffix: str = ""
    """What follows each number."""
    empty: bool = False
    """Whether there is nothing to draw."""


def stacked(
    *,
    title: str,
    unit: str,
    series: Sequence[Series],
    values: Sequence[tuple[int, ...]],
    labels: Sequence[str],
    names: Sequence[str],
    marked: Sequence[bool],
    peak: str = "the most",
) -> Chart:
    """Columns of parts that add up, with the sentence that tells how many there are and when most."""
    sums = [sum(row) for row in values]
    total = sum(sums)
    highest = max(range(len(sums)), key=sums.__getitem__, default=0)
    told = f"{title}: {total:,} in all" + (f"; {peak}, {sums[highest]:,}, {names[highest]}." if total else ".")
    return Chart(
        title=title,
        summary=told,
        unit=unit,
        series=tuple(series),
        columns=tuple(
            Column(label=label, name=name, marked=shown, values=row)
            for label, name, shown, row in zip(labels, names, marked, values, strict=True)
        ),
        ticks=ticks(max(sums, default=0)),
        empty=not total,
    )


def ticks(greatest: int) -> tuple[int, ...]:
    """Round numbers from 0 of which the last reaches the greatest value."""
    step = tick(greatest)
    return tuple(step * number for number in range(_TICKS + 1))


def tick(greatest: int) -> int:
    """A round number of which four reach the greatest value."""
    size = 1
    while True:
        for digits in (10, 20, 25, 50):
            step, rest = divmod(digits * size, 10)
            if not rest and step * _TICKS >= greatest:
                return step
        size *= 10
