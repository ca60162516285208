"""Clusters that cannot be joined."""

import socket

import pytest

from scraper.cluster import ClusterError, joined


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_an_address_where_nobody_listens_is_told_at_once(host: str):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(ClusterError, match=f"Nobody answers at {host}:{port}: is the head running there"):
        async with joined(f"{host}:{port}"):
            pass
