"""Serves the page: binds its address, runs until told to stop."""

import contextlib
import os
import socket
from pathlib import Path

import uvicorn

from scraper.clock import Clock
from scraper.status.web.app import Look, Pages, application
from scraper.status.web.indexing import Indexer
from scraper.status.web.reading import Reading
from scraper.status.web.refreshing import Refresher

_CONNECTIONS = 64
_NICE = 5
"""A page may wait, the daemon may not."""


class Server:
    """The page of one data directory."""

    def __init__(self, data: Path, look: Look, clock: Clock) -> None:
        self._reading = Reading(data, clock)
        self._indexer = Indexer(self._reading, clock)
        pages = Pages(self._reading, look, clock)
        self._refresher = Refresher(self._reading, pages.prepare)
        self._server = uvicorn.Server(
            uvicorn.Config(
                application(pages, look, clock),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                http="h11",
                loop="asyncio",
                proxy_headers=False,
                server_header=False,
                date_header=True,
                limit_concurrency=_CONNECTIONS,
                timeout_keep_alive=5,
                timeout_graceful_shutdown=2,
            )
        )

    def run(self, listener: socket.socket) -> None:
        """Serve until `stop`, SIGINT or SIGTERM."""
        with contextlib.suppress(OSError):
            os.nice(_NICE)
        self._refresher.start()
        self._indexer.start()
        try:
            self._server.run(sockets=[listener])
        finally:
            self._indexer.stop()
            self._refresher.stop()
            self._reading.close()

    def stop(self) -> None:
        """End soon; may be called from any thread."""
        self._server.should_exit = True
