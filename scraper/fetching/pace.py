"""How fast one host is asked, as its answers tell: slow or complaining servers are asked less. Pure."""

from dataclasses import dataclass, replace

TOO_MANY_REQUESTS = 429
UNAVAILABLE = 503
MOST_LATENCY_SPACING = 30.0
"""Seconds: however slow a server is, slowness alone never spaces its requests further apart."""
_SMOOTHING = 0.3
_FIRST_PENALTY = 2.0
_MOST_PENALTY = 300.0
_FIRST_BLOCK = 30.0
_MOST_BLOCK = 900.0
_MOST_RETRY_AFTER = 86_400.0
_GONE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one exchange says about the host's load."""

    latency: float
    """Seconds from the start of the request to the end of the answer."""
    status: int
    retry_after: float | None = None
    """Seconds."""

    @property
    def throttled(self) -> bool:
        """Whether the server asks to be left alone for a while."""
        return self.status in {TOO_MANY_REQUESTS, UNAVAILABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What is remembered of a host's answers."""

    latency: float = 0.0
    """Smoothed seconds an answer takes."""
    penalty: float = 0.0
    """Seconds of spacing that throttling earned; halves with each good answer."""
    throttles: int = 0
    """Throttled answers in a row."""

    def spacing(self, least: float) -> float:
        """Seconds between the starts of two requests: at least `least`, and as long as one answer takes."""
        return max(least, min(self.latency, MOST_LATENCY_SPACING), self.penalty)

    def concurrency(self, most: int) -> int:
        """Requests at once: one while the host complains."""
        return 1 if self.penalty else max(most, 1)


def after(pace: Pace, answer: Answer, spacing: float) -> tuple[Pace, float]:
    """Return the new pace, and for how many seconds the host wants to be left alone (0: it does not)."""
    if not answer.throttled:
        latency = answer.latency if not pace.latency else pace.latency + _SMOOTHING * (answer.latency - pace.latency)
        penalty = pace.penalty / 2
        return Pace(latency=latency, penalty=penalty if penalty > _GONE else 0.0), 0.0
    throttles = pace.throttles + 1
    penalty = min(max(2 * pace.penalty, 2 * spacing, _FIRST_PENALTY), _MOST_PENALTY)
    block = min(_FIRST_BLOCK * 2.0 ** min(throttles - 1, 16), _MOST_BLOCK)
    if answer.retry_after is not None:
        block = min(answer.retry_after, _MOST_RETRY_AFTER)
    return replace(pace, penalty=penalty, throttles=throttles), block
