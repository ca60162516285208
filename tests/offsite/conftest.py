import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("obstore", reason="object storage is an extra: pip install '.[offsite]'")
pytest.importorskip("moto", reason="the S3 server of the tests is not installed")

from tests.offsite.azure import AZURITE, azurite
from tests.offsite.gcs import GCS, gcs
from tests.offsite.s3 import S3


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    with S3() as server:
        for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "AZURE_"))]:
            monkeypatch.delenv(name)
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        request = urllib.request.Request(f"{server.url}/news", method="PUT")  # noqa: S310 - loopback
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()
        yield server
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            urllib.request.Request(f"{server.url}/moto-api/reset", method="POST"),  # noqa: S310 - loopback
            timeout=30,
        ).close()


@pytest.fixture
def azure(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "AZURE_"))]:
        monkeypatch.delenv(name)
    with azurite(tmp_path_factory.mktemp("azurite"), "news") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.fixture
def google(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "AZURE_"))]:
        monkeypatch.delenv(name)
    with gcs(tmp_path_factory.mktemp("gcs"), "news") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield


_WITH_GCS = pytest.mark.skipif(not GCS, reason="SCRAPER_TEST_GCS names no fake-gcs-server")
_WITH_AZURITE = pytest.mark.skipif(
    not AZURITE, reason="SCRAPER_TEST_AZURITE names no azurite-blob, which `npm install azurite` gives"
)


@pytest.fixture(params=["s3", "file", pytest.param("az", marks=_WITH_AZURITE), pytest.param("gs", marks=_WITH_GCS)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An address of each kind of object storage that can be had here."""
    if request.param == "file":
        return f"file://{tmp_path}/far away/news"
    if request.param == "az":
        request.getfixturevalue("azure")
        return "az://news/pre/fix"
    if request.param == "gs":
        request.getfixturevalue("google")
        return "gs://news/pre/fix"
    request.getfixturevalue("s3")
    return "s3://news/pre/fix"
