"""Callbacks nobody guesses, and signatures nobody forges."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.websub.keys import is_signed, new_key, secret, token

KEY = bytes(range(32))
NAMES = st.lists(st.text(max_size=20), min_size=3, max_size=3)


@given(NAMES, NAMES)
def test_each_feed_hub_and_topic_has_a_token_and_a_secret_of_its_own(one, other):
    assert (token(KEY, *one) == token(KEY, *other)) is (one == other)
    assert token(KEY, *one) != secret(KEY, *one)
    assert token(KEY, *one) != token(new_key(), *one)


def test_tokens_fit_into_an_address_and_secrets_into_the_protocol():
    made = token(KEY, "https://kabar.example/feed", "https://hub.example/", "https://kabar.example/feed")
    assert made.replace("-", "").replace("_", "").isalnum()
    assert len(made) == 43
    assert len(secret(KEY, "a", "b", "c")) <= 200


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signatures_of_every_method_are_known(method):
    made = hmac.new(b"secret", b"body", getattr(hashlib, method)).hexdigest()
    assert is_signed("secret", f"{method}={made}", b"body")
    assert is_signed("secret", f"{method.upper()}={made.upper()}", b"body")
    assert not is_signed("secret", f"{method}={made}", b"other body")
    assert not is_signed("other secret", f"{method}={made}", b"body")
    assert not is_signed("secret", f"{method}={made[:-1]}", b"body")


def test_a_shorter_digest_does_not_pass_for_a_longer_one():
    weak = hmac.new(b"secret", b"body", "md5").hexdigest()
    for header in (f"md5={weak}", f"sha256={weak}", "sha256=", "sha256", "=", "", None, "sha256=é", "sha3_256=00"):
        assert not is_signed("secret", header, b"body")
