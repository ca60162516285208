"""The line's fetching, reading and committing on a Ray cluster, with the same promises as on one machine.

The one home of Ray, which comes with `pip install '.[cluster]'`. Import this room only where it is needed: without that
library the import raises MissingExtraError.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
if "ray" not in sys.modules and (Path.home() / ".ray" / "auth_token").exists():
    # What `ray start` asks for by default, and what who joins must be told to send. Ray looks at it when it is
    # imported; where another has done that, it is his affair.
    os.environ.setdefault("RAY_AUTH_MODE", "token")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")

try:
    import ray as _ray  # noqa: F401 - asked for here, so that its absence is said in one place
except ImportError:
    from scraper.model.failures import MissingExtraError

    raise MissingExtraError("A cluster needs a package that is not installed: pip install '.[cluster]'.") from None

from scraper.cluster.capacity import fitting_shards
from scraper.cluster.carried import KINDS
from scraper.cluster.crew import Crew
from scraper.cluster.failures import ClusterError
from scraper.cluster.files import StreamedFile
from scraper.cluster.intake import IN_HAND
from scraper.cluster.joining import joined, keeping
from scraper.cluster.shard import Plan
from scraper.cluster.tasks import Limits
from scraper.model.carrying import carry_quickly

__all__ = ["IN_HAND", "ClusterError", "Crew", "Limits", "Plan", "StreamedFile", "fitting_shards", "joined", "keeping"]

carry_quickly(KINDS)
