"""What can go wrong with object storage, as one sentence for a person."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError

from scraper.model.failures import ScraperError

_HELP = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_REGION, and AWS_ENDPOINT_URL for another service)",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS to the path of a service account's key",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_NO_CREDENTIALS = re.compile(
    r"Missing(?: ?AccessKeyId| ?SecretAccessKey)|latest/api/token|/meta-data/|metadata/identity|computeMetadata"
    r"|Account must be specified|AUTHORIZATION"
)
_AT = re.compile(r"Error performing \w+ (?P<url>\S+) in (?P<took>\S+)(?:, after \d+ retries)?(?:.*?) - ")
_LONGEST = 200


class OffsiteError(ScraperError):
    """Object storage cannot be used; the message says where, why, and what to do next."""


class CorruptedError(OffsiteError):
    """What object storage holds under a name is not what was put there."""


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise what object storage answers as OffsiteError. A missing object stays FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise OffsiteError(sentence(url, str(error))) from error


def sentence(url: str, text: str) -> str:
    """What an answer of the library means, without its debugging text."""
    said = " ".join(text.partition("Debug source:")[0].split())
    scheme = url.partition(":")[0]
    if _NO_CREDENTIALS.search(said):
        return f"There are no credentials for {url}: {_HELP.get(scheme, 'see the documentation of the service')}."
    if "403 Forbidden" in said or "401 Unauthorized" in said:
        return f"Access to {url} was refused: check that the credentials may list, read, write and delete there."
    if "NoSuchBucket" in said or "ContainerNotFound" in said:
        return f"There is no bucket for {url}: create it first, or correct the address."
    said = re.sub(r"^Generic \w+ error: (Error performing list request: )?", "", _AT.sub(r"\g<url>: ", said))
    return f"Cannot use {url}: {said[:_LONGEST].rstrip('.')}."
