"""Whatever stands in an outlet file, it is an outlet or told as a fault."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.model.failures import ConfigurationError
from scraper.model.outlet import Outlet
from scraper.outlets import load_outlets

DETIK = (Path(__file__).parent.parent.parent / "config" / "outlets" / "detik.toml").read_text("utf-8")
KEYS = sorted({line.split(" =")[0] for line in DETIK.splitlines() if " = " in line and line[0].isalpha()})

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["(", "a[", "id"])
)
written = st.recursive(
    scalars.filter(lambda value: value is not None),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)


def as_toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        quoted = "".join(f"\\U{ord(character):08X}" for character in value if not 0xD800 <= ord(character) <= 0xDFFF)
        return f'"{quoted}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(inner)}" for key, inner in value.items()) + "}"
    return repr(value)


@pytest.fixture
def outcome(tmp_path):
    (tmp_path / "outlets").mkdir()

    def outcome(text):
        (tmp_path / "outlets" / "one.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            return load_outlets(tmp_path)
        except ConfigurationError as error:
            return error.faults

    return outcome


fast = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@fast
@given(st.dictionaries(st.sampled_from([*KEYS, "selectors", "policy", "lines", "paging", "articles", "x"]), written))
def test_any_values_are_an_outlet_or_faults_with_lines(outcome, values):
    text = "\n".join(f"{key} = {as_toml(value)}" for key, value in values.items())
    tomllib.loads(text)
    for found in outcome(text):
        assert isinstance(found, Outlet) or (found.line is not None) == (found.value is not None)


@fast
@given(st.integers(0, len(DETIK)), st.integers(0, 80), st.text(max_size=12))
def test_any_slip_of_the_hand_is_an_outlet_or_faults(outcome, at, gone, typed):
    found = outcome(DETIK[:at] + typed + DETIK[at + gone :])
    assert found
    assert all(isinstance(one, Outlet) or str(one).count("\n") == 0 for one in found)


@pytest.mark.parametrize("nested", ["[" * 5000 + "]" * 5000, "{a=" * 3000 + "1" + "}" * 3000, "[" * 200 + "]" * 200])
def test_deep_nesting_is_a_fault(outcome, nested):
    assert len(outcome(f"feeds = {nested}")) >= 1
