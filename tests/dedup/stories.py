"""Made-up stories for the tests: endless, all different, and the same for the same number."""

import random
from datetime import UTC, datetime, timedelta

from scraper.model.verdict import Judged, Remembered, Story

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_SYLLABLES = [first + second for first in "bklmnprstw" for second in "aei"]


def prose(number: int, sentences: int = 12) -> list[str]:
    """Sentences of a made-up language; each number gives others."""
    dice = random.Random(number)  # noqa: S311 - repeatable prose, not secrets
    vocabulary = ["".join(dice.choices(_SYLLABLES, k=dice.randint(1, 4))) for _ in range(400)]
    lines = []
    for _ in range(sentences):
        words = dice.choices(vocabulary, k=dice.randint(9, 16))
        words[dice.randrange(3, 8)] = str(dice.randint(2, 990))
        words[dice.randrange(3, 8)] = dice.choice(vocabulary).capitalize()
        lines.append(" ".join(words).capitalize() + ".")
    return lines


def story(name: str, outlet: str, text: str, hours: float = 0, dateline: str | None = None) -> Story:
    """A story told so many hours after noon."""
    return Story(
        id=name,
        outlet=outlet,
        group=None,
        language="en",
        time=NOON + timedelta(hours=hours),
        title=name,
        text=text,
        dateline=dateline,
    )


def remembered(seq: int, given: Story, judged: Judged) -> Remembered:
    """The catalog row of a judged story."""
    return Remembered(
        seq=seq,
        id=given.id,
        outlet=given.outlet,
        group=given.group,
        time=given.time,
        cluster=judged.judgement.cluster,
        fingerprint=judged.fingerprint,
    )


def stream(length: int, seed: int = 1) -> list[Story]:
    """Stories in arrival order: about a third are copies, cut or extended, of one of the twenty before."""
    dice = random.Random(seed)  # noqa: S311 - repeatable
    stories: list[Story] = []
    bodies: list[list[str]] = []
    for number in range(length):
        body = prose(seed * 100_000 + number)
        if bodies and dice.random() < 1 / 3:
            body = list(dice.choice(bodies[-20:]))
            body = dice.choice([body, body[: max(3, len(body) // 2)], [*body, *prose(-number - 1, 2)]])
        bodies.append(body)
        outlet = f"outlet{dice.randrange(6)}"
        text = "\n".join([*body, f"Seen first in {outlet}, the paper that never sleeps, every day."])
        stories.append(story(f"{number:016x}", outlet, text, hours=number / 10))
    return stories
