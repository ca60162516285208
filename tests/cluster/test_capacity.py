"""How many shards a cluster gets where the settings do not say."""

import pytest

from scraper.cluster.capacity import shards_for


@pytest.mark.parametrize(
    ("processors", "shards"), [(1.0, 1), (2.0, 1), (7.0, 1), (8.0, 2), (16.0, 4), (64.0, 16), (0.0, 1)]
)
def test_one_shard_for_every_four_processors_and_never_none(processors: float, shards: int):
    assert shards_for(processors) == shards
