import subprocess
import sys
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from scraper.cluster.routing import shard_of_domain, shard_of_url


def test_all_hosts_of_a_domain_go_to_one_shard():
    urls = [f"https://{sub}kompas.com/{path}" for sub in ("", "www.", "tekno.", "a.b.") for path in ("", "read?id=1")]
    assert len({shard_of_url(url, 7) for url in urls}) == 1


def test_domains_are_spread():
    counts = Counter(shard_of_domain(f"outlet{number}.example", 8) for number in range(4000))
    assert sorted(counts) == list(range(8))
    assert max(counts.values()) < 1.3 * min(counts.values())


@given(st.text(), st.integers(1, 64))
def test_any_text_has_a_shard(url, shards):
    assert 0 <= shard_of_url(url, shards) < shards


def test_it_is_the_same_in_every_process():
    program = (
        "from scraper.cluster.routing import shard_of_domain as of; print([of(f'{n}.example', 64) for n in range(9)])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=100)
    assert said.stdout.strip() == str([shard_of_domain(f"{number}.example", 64) for number in range(9)])
