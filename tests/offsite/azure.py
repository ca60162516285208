"""Azurite, the emulator of Azure's blob storage by its makers, on loopback; asked for by SCRAPER_TEST_AZURITE."""

import base64
import hashlib
import hmac
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

AZURITE = os.environ.get("SCRAPER_TEST_AZURITE")
"""The program `azurite-blob`, as `npm install azurite` gives it."""
ACCOUNT = "devstoreaccount1"
KEY = base64.b64encode(b"no secret, but long enough for one").decode()
_LISTENS = re.compile(r"listens on (http://127\.0\.0\.1:\d+)")


@contextmanager
def azurite(directory: Path, container: str) -> Iterator[dict[str, str]]:
    """A server with one container; gives the environment in which it is reached."""
    arguments = ["--blobHost", "127.0.0.1", "--blobPort", "0", "--location", str(directory)]
    server = subprocess.Popen(
        [str(AZURITE), *arguments, "--skipApiVersionCheck", "--disableTelemetry"],
        env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = next(found[1] for line in server.stdout if (found := _LISTENS.search(line)))
        _make(url, container)
        yield {
            "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": KEY,
            "AZURE_STORAGE_ENDPOINT": f"{url}/{ACCOUNT}",
            "NO_PROXY": "127.0.0.1",
        }
    finally:
        server.kill()
        server.communicate()


def _make(url: str, container: str) -> None:
    """Create the container, signed with the shared key."""
    date, version = formatdate(usegmt=True), "2021-08-06"
    signed = f"PUT{12 * chr(10)}x-ms-date:{date}\nx-ms-version:{version}\n/{ACCOUNT}/{ACCOUNT}/{container}\n"
    signed += "restype:container"
    signature = base64.b64encode(hmac.digest(base64.b64decode(KEY), signed.encode(), hashlib.sha256)).decode()
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{url}/{ACCOUNT}/{container}?restype=container",
        method="PUT",
        headers={
            "x-ms-date": date,
            "x-ms-version": version,
            "Authorization": f"SharedKey {ACCOUNT}:{signature}",
            "Content-Length": "0",
        },
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()
