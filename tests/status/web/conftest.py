import time

import httpx
import pytest

from tests.status.web.filled import collect_everything, served, share_without_text


@pytest.fixture(scope="session")
def collected(tmp_path_factory):
    data = tmp_path_factory.mktemp("collected")
    collect_everything(data)
    share_without_text(data)
    return data


@pytest.fixture(scope="session")
def address(collected):
    with served(collected) as url:
        end = time.monotonic() + 60
        while "1 article" not in httpx.get(f"{url}/articles?q=mengungsi").text:
            assert time.monotonic() < end, "the index is made within a minute"
            time.sleep(0.05)
        yield url
