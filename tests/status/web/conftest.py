import pytest

from tests.status.web.filled import collect_everything, served, share_without_text, until_indexed


@pytest.fixture(scope="session")
def collected(tmp_path_factory):
    data = tmp_path_factory.mktemp("collected")
    collect_everything(data)
    share_without_text(data)
    return data


@pytest.fixture(scope="session")
def address(collected):
    with served(collected) as url:
        until_indexed(url)
        yield url
