"""What publishers push: WebSub (W3C Recommendation, 23 January 2018), the subscriber's side."""

from scraper.websub.callback import ListenError, listening
from scraper.websub.keys import new_key
from scraper.websub.subscriber import SUBSCRIPTIONS, Pushed, Subscriptions, subscriptions_in
from scraper.websub.subscription import Stage, Subscription

__all__ = [
    "SUBSCRIPTIONS",
    "ListenError",
    "Pushed",
    "Stage",
    "Subscription",
    "Subscriptions",
    "listening",
    "new_key",
    "subscriptions_in",
]
