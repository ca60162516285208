"""An open connection as two calls, over a socket or, within TLS, over another link.

The event loop's own streams would serve as well. They cost a protocol, a transport and their buffers for each
connection, which lives for one exchange; this costs a third of that (decision 010).
"""

import asyncio
import socket
import ssl
from typing import Protocol

_PIECE = 64 * 1024
_AT_ONCE = 8
"""So many pieces may be taken one after the other before the event loop gets its turn."""


class Link(Protocol):
    """A way to the other side. Used by one task at a time."""

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        ...

    async def receive(self, most: int) -> bytes:
        """What has come, up to so many bytes; waits while nothing has. Empty: the other side has ended.

        A cancelled call has taken nothing.
        """
        ...

    def close(self) -> None:
        """Drop the connection at once: nothing is awaited, so a cancelled caller leaves nothing behind."""
        ...


class SocketLink:
    """The socket itself."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._at_once = 0

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        await self._loop.sock_sendall(self._sock, data)

    async def receive(self, most: int) -> bytes:
        """What has come, up to so many bytes; empty at the end."""
        if self._at_once == _AT_ONCE:
            self._at_once = 0
            await asyncio.sleep(0)
        while True:
            try:
                data = self._sock.recv(most)
            except (BlockingIOError, InterruptedError):
                await self._readable()
            else:
                self._at_once += 1
                return data

    async def _readable(self) -> None:
        """Wait without reading: a task that is cancelled while its data arrives must not take them along."""
        self._at_once = 0
        ready: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._sock, _settle, ready)
        try:
            await ready
        finally:
            self._loop.remove_reader(self._sock)

    def close(self) -> None:
        """Drop the connection."""
        self._sock.close()


def _settle(ready: "asyncio.Future[None]") -> None:
    if not ready.done():
        ready.set_result(None)


class SecureLink:
    """TLS over another link; made by `secured`."""

    def __init__(self, beneath: Link, tls: ssl.SSLContext, name: str) -> None:
        self._beneath = beneath
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._secure = tls.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._ended = False

    async def shake_hands(self) -> None:
        """Agree on keys and check the certificate; raises ssl.SSLError when it is not to be trusted."""
        while True:
            try:
                self._secure.do_handshake()
            except ssl.SSLWantReadError:
                if not await self._exchange():
                    raise ConnectionResetError("closed during the TLS handshake") from None
            else:
                return await self._flush()

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        while True:
            try:
                self._secure.write(data)
            except ssl.SSLWantReadError:
                if not await self._exchange():
                    raise ConnectionResetError("closed during a TLS renegotiation") from None
            else:
                return await self._flush()

    async def receive(self, most: int) -> bytes:
        """What has come, up to so many bytes; empty at the end, with or without a farewell."""
        while True:
            if data := self._decrypted(most):
                return data
            if self._ended or not await self._exchange():
                return b""

    def close(self) -> None:
        """Drop the connection."""
        self._beneath.close()

    def _decrypted(self, most: int) -> bytes:
        """What can be read of the records that are here; one call gives one record at the most."""
        pieces, size = [], 0
        while size < most:
            try:
                piece = self._secure.read(most - size)
            except ssl.SSLWantReadError:
                break
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                piece = b""
            if not piece:
                self._ended = True
                break
            pieces.append(piece)
            size += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _exchange(self) -> bool:
        """Send what is due and take in what comes; False when nothing comes any more."""
        await self._flush()
        data = await self._beneath.receive(_PIECE)
        if data:
            self._incoming.write(data)
        return bool(data)

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._beneath.send(self._outgoing.read())


async def secured(beneath: Link, tls: ssl.SSLContext, name: str) -> SecureLink:
    """The link with TLS over it, its certificate checked against the name."""
    link = SecureLink(beneath, tls, name)
    await link.shake_hands()
    return link
