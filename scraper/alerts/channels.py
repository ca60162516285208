"""The ways out: a webhook, e-mail, a command. Each sends a batch or says in a sentence why it could not."""

import asyncio
import http.client
import os
import signal
import smtplib
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from scraper.alerts.letters import Batch
from scraper.settings import AlertSettings
from scraper.version import __version__

_PATIENCE_S = 10.0
"""For each step of an exchange."""
DEADLINE_S = 30.0
"""For the whole of it."""
_SHOWN = 300
_OK = range(200, 300)
_SMTP_PORT, _SMTPS_PORT = 587, 465


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """What it is called in the log; no secrets."""
        ...

    def send(self, batch: Batch) -> str | None:
        """Send; None when it was taken, else why not. Blocks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """POSTs the batch as JSON. Redirects are not followed: the address is the operator's to mend."""

    url: str
    token: str | None = None

    @property
    def name(self) -> str:
        """The host alone: addresses of webhooks are secrets."""
        return f"webhook at {urlsplit(self.url).hostname}"

    def send(self, batch: Batch) -> str | None:
        """POST; only an answer of 2xx counts."""
        parts = urlsplit(self.url)
        headers = {"Content-Type": "application/json", "User-Agent": f"scraper/{__version__}"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        connection = _connection(parts)
        try:
            connection.request("POST", target, batch.as_json().encode(), headers)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            return _why(error)
        finally:
            connection.close()
        return None if answer.status in _OK else f"answered {answer.status} {answer.reason}"


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S, context=context)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Sends the batch as a letter. With credentials it insists on TLS, unless the server is this machine."""

    server: str
    sender: str
    receivers: tuple[str, ...]

    @property
    def name(self) -> str:
        """The server's host."""
        return f"mail by {urlsplit(self.server).hostname}"

    def send(self, batch: Batch) -> str | None:
        """Hand it to the server; a receiver that is refused is a failure."""
        letter = EmailMessage()
        letter["Subject"], letter["From"], letter["To"] = batch.subject, self.sender, ", ".join(self.receivers)
        letter["Date"], letter["Message-ID"] = formatdate(localtime=False), make_msgid(domain=batch.host)
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(batch.text)
        try:
            with _post_office(urlsplit(self.server)) as server:
                refused = server.send_message(letter)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return _why(error)
        return f"refused: {', '.join(refused)}" if refused else None


def _post_office(parts: SplitResult) -> smtplib.SMTP:
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or _SMTPS_PORT, timeout=_PATIENCE_S, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or _SMTP_PORT, timeout=_PATIENCE_S)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        elif parts.username and host not in {"localhost", "127.0.0.1", "::1"}:
            server.close()
            raise smtplib.SMTPException("the server offers no TLS; credentials are not sent in the clear")
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Runs a program with the batch as JSON on its standard input."""

    words: tuple[str, ...]
    patience_s: float = 25.0
    """Shorter than the deadline of a delivery, so that it is killed before it is given up."""

    @property
    def name(self) -> str:
        """The program."""
        return f"command {self.words[0]}"

    def send(self, batch: Batch) -> str | None:
        """Run it; status 0 counts. One that takes too long is killed with all that it started."""
        try:
            process = subprocess.Popen(
                self.words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            return _why(error)
        try:
            _, said = process.communicate(batch.as_json().encode(), timeout=self.patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"took longer than {self.patience_s:g} s"
        if process.returncode == 0:
            return None
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        return ": ".join([f"ended with status {process.returncode}", *last])[:_SHOWN]


def channels(settings: AlertSettings) -> tuple[Channel, ...]:
    """The ways out that are set."""
    found: list[Channel] = []
    if settings.webhook is not None:
        found.append(Webhook(url=settings.webhook, token=settings.webhook_token))
    if settings.smtp is not None and settings.mail_from is not None and settings.mail_to:
        found.append(Mail(server=settings.smtp, sender=settings.mail_from, receivers=settings.mail_to))
    if settings.command:
        found.append(Command(words=settings.command))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a batch on one channel."""

    channel: str
    failure: str | None = None


async def deliver(channel: Channel, batch: Batch, deadline_s: float = DEADLINE_S) -> Sent:
    """Send in a thread that nobody waits for at the end; what is not taken within the deadline counts as failed."""
    loop = asyncio.get_running_loop()
    taken: asyncio.Future[str | None] = loop.create_future()

    def settle(failure: str | None) -> None:
        if not taken.done():
            taken.set_result(failure)

    threading.Thread(target=_send, args=(channel, batch, loop, settle), name="alert", daemon=True).start()
    try:
        async with asyncio.timeout(deadline_s):
            return Sent(channel=channel.name, failure=await taken)
    except TimeoutError:
        return Sent(channel=channel.name, failure=f"took longer than {deadline_s:g} s")


def _send(
    channel: Channel, batch: Batch, loop: asyncio.AbstractEventLoop, settle: Callable[[str | None], None]
) -> None:
    try:
        failure = channel.send(batch)
    except Exception as error:  # noqa: BLE001 - whatever a server provokes must not end in silence
        failure = f"a defect in scraper: {type(error).__name__}: {error}"
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle, failure)


def _why(error: Exception) -> str:
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return "".join(c if c.isprintable() else " " for c in text)[:_SHOWN]
