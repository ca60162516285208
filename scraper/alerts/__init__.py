"""Who is told what, and when: states that last become notices, and notices go out over the channels that are set.

Condition ── step ──> Notice ── deliver ──> webhook, mail, command
"""

from scraper.alerts.channels import Channel, Sent, channels, deliver
from scraper.alerts.conditions import Condition, Kind, Notice, Turn
from scraper.alerts.debounce import Standing, step
from scraper.alerts.letters import Batch

__all__ = [
    "Batch",
    "Channel",
    "Condition",
    "Kind",
    "Notice",
    "Sent",
    "Standing",
    "Turn",
    "channels",
    "deliver",
    "step",
]
