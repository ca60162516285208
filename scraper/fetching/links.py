"""An open connection as two calls, over a socket or, within TLS, over another link.

The event loop's own streams would serve as well. They cost a protocol, a transport and their buffers for each
connection, which lives for one exchange; this costs a third of that (decision 010).
"""

import asyncio
import socket
import ssl
from typing import Protocol

_PIECE = 64 * 1024


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
        self._held = b""
        """What has come and was not asked for yet: a call that is given up leaves it here."""
        self._listening = False
        self._ended = False
        self._failure: OSError | None = None
        self._waiting: asyncio.Future[None] | None = None

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        try:
            sent = self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        if sent < len(data):
            await self._loop.sock_sendall(self._sock, data[sent:])

    async def receive(self, most: int) -> bytes:
        """What has come, up to so many bytes; empty at the end."""
        while not self._held and not self._ended:
            await self._wait()
        if not self._held and self._failure is not None:
            raise self._failure
        if len(self._held) <= most:
            data, self._held = self._held, b""
        else:
            data, self._held = self._held[:most], self._held[most:]
        return data

    async def _wait(self) -> None:
        if not self._listening:
            self._loop.add_reader(self._sock, self._listen)
            self._listening = True
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    def _listen(self) -> None:
        """Take what has come: one piece, and then no more before that was asked for."""
        if self._held:
            self._hush()
            return
        try:
            self._held = self._sock.recv(_PIECE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._failure = error
        if not self._held:
            self._ended = True
            self._hush()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _hush(self) -> None:
        if self._listening:
            self._loop.remove_reader(self._sock)
            self._listening = False

    def close(self) -> None:
        """Drop the connection."""
        self._hush()
        self._sock.close()


class SecureLink:
    """TLS over another link; made by `secured`."""

    def __init__(self, beneath: Link, tls: ssl.SSLContext, name: str) -> None:
        self._beneath = beneath
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._secure = tls.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._ended = False

    async def shake_hands(self) -> None:
        """Agree on keys and check the certificate; raises ssl.SSLError when it is not to be trusted.

        Our last word of it travels with what is sent first.
        """
        while True:
            try:
                self._secure.do_handshake()
            except ssl.SSLWantReadError:
                if not await self._exchange():
                    raise ConnectionResetError("closed during the TLS handshake") from None
            else:
                return

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
