"""Joining a cluster and leaving it, and the store's process on this node."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

import ray
import ray._private.worker as _driver
from ray.exceptions import RayActorError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from scraper.clock import utc_now
from scraper.cluster.actors import RemoteKeeper
from scraper.cluster.carried import packed, unpacked
from scraper.cluster.failures import ClusterError, first_line
from scraper.cluster.keeping import Books, RemoteStore
from scraper.model.failures import StoreUnavailableError

STORE = "store"
"""The name of the store's actor within the run's namespace."""
_FIND_S = 10.0


@asynccontextmanager
async def joined(address: str) -> AsyncIterator[None]:
    """Be a member of a cluster for as long as the context lasts; all that was started on it ends with it.

    `address` is `host:port` of its head, `auto` for the cluster that this machine belongs to, or `local` for one of its
    own. Raises ClusterError when it cannot be joined.
    """
    # In a thread: it takes seconds, and in the main one Ray would take the signals for itself.
    await asyncio.to_thread(_join, address)
    try:
        yield
    finally:
        await asyncio.to_thread(ray.shutdown)


def _join(address: str) -> None:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if address != "local":
        # To find a head. For one that we start ourselves it would be the seconds that it has to come up.
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "2")  # tries
        os.environ.setdefault("RAY_py_gcs_connect_timeout_s", "12")  # a try, which would be 30
        _find(address)
    own: dict[str, Any] = {"include_dashboard": False, "_node_ip_address": "127.0.0.1"} if address == "local" else {}
    join = partial(
        ray.init,
        address=address,
        namespace=f"scraper-{token_hex(8)}",
        log_to_driver=False,
        logging_level=logging.ERROR,
        configure_logging=False,
        **own,
    )
    logging.getLogger("ray").setLevel(logging.ERROR)
    # It would print to standard output, which is the program's own, when a process of the cluster dies.
    _driver._worker_logs_enabled = False  # noqa: SLF001 - there is no public way; `log_to_driver` is not heeded there
    try:
        join()
    except (ConnectionError, RuntimeError, ValueError, RayError) as error:
        if address == "local":
            raise ClusterError(
                f"Cannot start a cluster on this machine: is there memory and disk for it in /dev/shm and /tmp? "
                f"({first_line(error)})"
            ) from error
        hint = (
            "start one with `ray start --head`"
            if address == "auto"
            else "check the address, that it runs, and that ~/.ray/auth_token is the same here and there"
        )
        raise ClusterError(f"Cannot join a cluster at {address}: {hint}. ({first_line(error)})") from error


def _find(address: str) -> None:
    """Raise ClusterError at once when nobody listens at an address: Ray itself would try for a minute and a half."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_FIND_S).close()
    except OSError as error:
        raise ClusterError(
            f"Nobody answers at {address}: is the head running there (`ray start --head`), and may this machine reach "
            f"it? ({error.strerror or error})"
        ) from error


@contextmanager
def keeping(build: Callable[[], Books], data: Path) -> Iterator[RemoteStore]:
    """The store of a data directory in a process of its own on this node. Raises what opening the store raises."""
    here = NodeAffinitySchedulingStrategy(node_id=ray.get_runtime_context().get_node_id(), soft=False)
    actor = RemoteKeeper.options(name=STORE, scheduling_strategy=here).remote(build, utc_now)
    store = RemoteStore(_RayWire(actor, data), data)
    try:
        _open(store)
        yield store
    finally:
        store.close()
        ray.kill(actor)


def _open(store: RemoteStore) -> None:
    try:
        store.open()
    except StoreUnavailableError as error:
        if not isinstance(error.__cause__, RayActorError):
            raise
        mode = os.environ.get("RAY_AUTH_MODE", "disabled")
        raise ClusterError(
            f"The cluster started no process for the store. It was joined with RAY_AUTH_MODE={mode}, which must be "
            "that of its head: set it to token or disabled. `ray status` tells what else there may be. "
            f"({first_line(error.__cause__)})"
        ) from error


class _RayWire:
    """Calls the keeper's actor and waits."""

    def __init__(self, actor: Any, data: Path) -> None:
        self._actor = actor
        self._data = data

    def send(self, method: str, *args: Any) -> Any:
        try:
            return unpacked(ray.get(self._actor.do.remote(method, packed(args))))
        except RayTaskError as error:
            raise error.cause from None
        except RayActorError as error:
            raise StoreUnavailableError(
                f"The process that writes to {self._data} was lost; the next one is being started."
            ) from error
