"""A judged story in the few hundred bytes that are kept of it in memory."""

from dataclasses import dataclass
from datetime import datetime

from scraper.dedup.fingerprint import decode
from scraper.dedup.judge import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A judged story on its way into a run. Its fingerprint stays packed until the judge asks for it."""

    seq: int
    """Its row's number in the catalog; 0 while it has none."""
    id: str
    outlet: str
    group: str | None
    time: datetime
    cluster: str
    print: bytes
    """The whole fingerprint, encoded."""

    def known(self) -> Known:
        """The story as the judge sees it."""
        return Known(
            id=self.id,
            outlet=self.outlet,
            group=self.group,
            time=self.time,
            cluster=self.cluster,
            print=decode(self.print),
        )
