from datetime import timedelta

from scraper.sandbox import Packed, Packing, Sandbox


def told_by(packed):
    return f"{packed.value} {id(packed.value)}"


async def test_a_packed_value_arrives_and_is_unpacked_once():
    packed = Packed.of(("harian", "example"))
    assert packed.value == ("harian", "example")
    async with Sandbox(workers=1, timeout=timedelta(seconds=30), memory=500_000_000, recycle_after=10) as sandbox:
        answers = [await sandbox.run(told_by, packed) for _ in range(3)]
    assert len(set(answers)) == 1
    assert str(answers[0]).startswith("('harian', 'example') ")


def test_what_was_packed_lately_is_not_packed_again():
    packing = Packing[tuple[str, ...]]()
    first, *others = [("harian", str(number)) for number in range(300)]
    packed = packing.of(first)
    assert packing.of(first) is packed
    assert [packing.of(other).value for other in others] == others
    assert packing.of(first) is not packed, "it was let go of"
    assert packing.of(first).value == first
