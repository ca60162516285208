"""Lines of keys: what tomllib read has a place in the text."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from scraper.configfile.lines import key_lines

TEXT = '''\
# a comment with [brackets] and "quotes
a = 1
"b.c" = """
x = 5
""" # not a key
d.e = [ # first
  "]",

  { f = "}", g = [1,
  2] },
]
[table]
h = 1979-05-27T07:32:00Z
i = 'it\\'
j = """a \\""" b"""
[[items]]
k = true
[items.inner]
l = 0x1
[[items]]
k = false
'''


def test_every_kind_of_value_is_passed_over_rightly():
    assert key_lines(TEXT) == {
        ("a",): 2,
        ("b.c",): 3,
        ("d", "e"): 6,
        ("d", "e", 0): 7,
        ("d", "e", 1): 9,
        ("d", "e", 1, "f"): 9,
        ("d", "e", 1, "g"): 9,
        ("d", "e", 1, "g", 0): 9,
        ("d", "e", 1, "g", 1): 10,
        ("table",): 12,
        ("table", "h"): 13,
        ("table", "i"): 14,
        ("table", "j"): 15,
        ("items",): 16,
        ("items", 0): 16,
        ("items", 0, "k"): 17,
        ("items", 0, "inner"): 18,
        ("items", 0, "inner", "l"): 19,
        ("items", 1): 20,
        ("items", 1, "k"): 21,
    }


def leaves(value, path=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*path, key)
        yield from leaves(inner, (*path, key))


@given(st.text(alphabet="ab\"'\\[]{},.=#\n 1"))
def test_every_key_of_a_valid_text_is_found_and_no_text_hangs_it(text):
    found = key_lines(text)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert not [path for path in leaves(values) if "\\" not in str(path) and path[:1] not in {key[:1] for key in found}]
