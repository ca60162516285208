from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.blocks import read_blocks
from scraper.extraction.loading import parse
from scraper.extraction.normal import words


def blocks(body):
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    return read_blocks(tree)


def texts(body):
    return [block.text for block in blocks(body)]


def test_each_paragraph_heading_and_item_is_a_block():
    assert texts("<h2>Judul</h2><p>Satu <b>dua</b> tiga.</p><ul><li>a<li>b</ul>") == [
        "Judul",
        "Satu dua tiga.",
        "a",
        "b",
    ]


def test_line_breaks_end_a_block_and_are_counted():
    found = blocks("<div>satu<br>dua<br><br>tiga</div>")
    assert [(block.text, block.breaks_before) for block in found] == [("satu", 0), ("dua", 1), ("tiga", 2)]


def test_text_around_a_paragraph_is_its_own_block_of_the_element_around_it():
    found = blocks("<div>sebelum<p>isi</p>sesudah</div>")
    assert [(block.text, block.tag) for block in found] == [("sebelum", "div"), ("isi", "p"), ("sesudah", "div")]


def test_linked_and_strong_letters_are_counted():
    (block,) = blocks('<p>lihat <a href="/x">sini</a> dan <strong>sana</strong></p>')
    assert (block.link_characters, block.strong_characters) == (4, 4)


def test_what_readers_do_not_see_is_left_out():
    assert texts("<p>isi<script>x()</script><style>p{}</style><template>t</template></p>") == ["isi"]


@given(
    st.lists(st.text(alphabet="abc é", min_size=1, max_size=12), max_size=8),
    st.sampled_from(["p", "div", "span", "li"]),
)
def test_words_are_neither_lost_nor_made(parts, tag):
    found = texts("".join(f"<{tag}>{part}</{tag}> " for part in parts))
    assert words(" ".join(found)) == words(" ".join(parts))


def test_an_empty_span_that_is_called_a_line_break_is_one():
    tree = parse('<html><body><div>Satu<span class="x br"></span>Dua<span class="br">tiga</span></div></body></html>')
    assert tree is not None
    assert [block.text for block in read_blocks(tree)] == ["Satu", "Duatiga"]
