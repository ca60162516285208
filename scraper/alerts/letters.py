"""How notices read: as JSON for programs, as text for people. Text from the network is made harmless. Pure."""

import json
from collections import Counter
from dataclasses import dataclass

from scraper.alerts.conditions import Kind, Notice, Turn

_NAMES = {
    Kind.OUTLET: ("outlet degraded", "outlets degraded"),
    Kind.DISK: ("disk low", "disks low"),
    Kind.WRITING: ("writing paused", "writing paused"),
    Kind.TEST: ("test", "tests"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Notices that fell due together and go out together."""

    host: str
    """The machine that speaks."""
    notices: tuple[Notice, ...]

    @property
    def subject(self) -> str:
        """One line: what happened, most of it first."""
        counts = Counter((notice.turn, notice.condition.kind) for notice in self.notices)
        parts = []
        for (turn, kind), count in counts.most_common():
            name = _NAMES[kind][count > 1]
            what = name if turn is Turn.RAISED else f"{name}: recovered"
            parts.append(f"{count} {what}" if count > 1 else what)
        alone = f" ({_plain(self.notices[0].condition.subject)})" if len(self.notices) == 1 else ""
        return f"scraper on {self.host}: {', '.join(parts)}{alone}"

    @property
    def text(self) -> str:
        """The whole as a letter."""
        return f"{self.subject}\n\n" + "\n".join(_paragraph(notice) for notice in self.notices)

    def as_json(self) -> str:
        """The whole as one JSON object; `text` is what chat services show."""
        rows = [
            {
                "turn": notice.turn.value,
                "kind": notice.condition.kind.value,
                "subject": notice.condition.subject,
                "detail": notice.condition.detail,
                "advice": notice.condition.advice,
                "since": notice.since.isoformat(),
                "at": notice.at.isoformat(),
            }
            for notice in self.notices
        ]
        return json.dumps({"text": self.text, "host": self.host, "notices": rows}, ensure_ascii=False)


def _paragraph(notice: Notice) -> str:
    condition = notice.condition
    name, subject = _NAMES[condition.kind][0], _plain(condition.subject)
    if notice.turn is Turn.RECOVERED:
        return f"{subject}: {name}: recovered, well since {notice.since:%Y-%m-%d %H:%M %Z}\n"
    return (
        f"{subject}: {name} since {notice.since:%Y-%m-%d %H:%M %Z}\n"
        f"  {_plain(condition.detail)}\n  what to do: {_plain(condition.advice)}\n"
    )


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
