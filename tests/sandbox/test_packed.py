from datetime import timedelta

from scraper.sandbox import Packed, Sandbox


def told_by(packed):
    return f"{packed.value} {id(packed.value)}"


async def test_a_packed_value_arrives_and_is_unpacked_once():
    packed = Packed.of(("harian", "example"))
    assert packed.value == ("harian", "example")
    async with Sandbox(workers=1, timeout=timedelta(seconds=30), memory=500_000_000, recycle_after=10) as sandbox:
        answers = [await sandbox.run(told_by, packed) for _ in range(3)]
    assert len(set(answers)) == 1
    assert str(answers[0]).startswith("('harian', 'example') ")
