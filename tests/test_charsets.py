"""A wrong declaration does not lose a letter."""
# ruff: noqa: RUF001 - letters of many scripts are what is tested

import codecs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.charsets import decode_text

RUSSIAN = "Президент подписал указ о новых мерах поддержки экономики, сообщает пресс-служба. Документ опубликован."
JAPANESE = "東京都は二十三日、新たな感染者が確認されたと発表した。知事は記者会見で注意を呼びかけた。カタカナもある。"
CHINESE = "北京市政府今天宣布，将采取新的措施支持中小企业发展。专家表示，这些政策有助于经济复苏。"
TAIWANESE = "台北市政府今天宣布，將採取新的措施支持中小企業發展。專家表示，這些政策有助於經濟復甦。"
KOREAN = "서울시는 오늘 새로운 정책을 발표했다. 전문가들은 이번 조치가 경제 회복에 도움이 될 것이라고 말했다."
THAI = "กรุงเทพมหานครประกาศมาตรการใหม่ในวันนี้ ผู้เชี่ยวชาญกล่าวว่านโยบายนี้จะช่วยเศรษฐกิจ"
GREEK = "Ο πρωθυπουργός ανακοίνωσε νέα μέτρα για την οικονομία, σύμφωνα με την κυβέρνηση."
ARABIC = "أعلن رئيس الوزراء اليوم عن إجراءات جديدة لدعم الاقتصاد وفقا لما ذكرته الحكومة"
HEBREW = "ראש הממשלה הודיע היום על צעדים חדשים לתמיכה בכלכלה"
TURKISH = "Başbakan bugün ekonomiyi desteklemek için yeni önlemler açıkladı. İstanbul'da şiddetli yağış görüldü."
POLISH = "Premier ogłosił dziś nowe środki wspierające gospodarkę. Jutro będą dalsze wiadomości ze świata."
FRENCH = "Le président a annoncé de nouvelles mesures — « c’est nécessaire », a-t-il déclaré à l’Élysée."
INDONESIAN = "Presiden mengatakan “kami akan membantu” – demikian laporan Jum’at pagi di Jakarta…"
WRITTEN = [
    (RUSSIAN, "windows-1251", "cp1251"),
    (RUSSIAN, "koi8-r", "koi8-r"),
    (RUSSIAN, "iso-8859-5", "iso8859-5"),
    (RUSSIAN, "utf-16", "utf-16-le"),
    (JAPANESE, "Shift_JIS", "cp932"),
    (JAPANESE, "EUC-JP", "euc-jp"),
    (JAPANESE, "iso-2022-jp", "iso2022-jp"),
    (CHINESE, "gb2312", "gb18030"),
    (TAIWANESE, "Big5", "big5"),
    (KOREAN, "euc-kr", "cp949"),
    (THAI, "tis-620", "cp874"),
    (GREEK, "windows-1253", "cp1253"),
    (ARABIC, "windows-1256", "cp1256"),
    (HEBREW, "windows-1255", "cp1255"),
    (FRENCH, "iso-8859-1", "cp1252"),
    (INDONESIAN, "windows-1252", "cp1252"),
    (INDONESIAN, "utf-8", "utf-8"),
    (JAPANESE, "utf-16le", "utf-16-le"),
]
TIED_TO_LANGUAGE = [
    (TURKISH, "tr", "cp1254"),
    (POLISH, "pl", "cp1250"),
    (POLISH, "pl", "iso8859-2"),
]


ITALIAN = "La nuova strada sarà aperta, perché è già stata costruita. Più qualità, così la città."
SWEDISH = "Kommunen sade att den nya vägen är öppen för alla. Åke och Örjan från Älvsjö var på plats."
ENGLISH = "The council’s “new road” is open – it’s done."
CZECH = "Předseda vlády dnes oznámil nová opatření na podporu hospodářství, řekl včera šéf úřadu."
HUNGARIAN = "A miniszterelnök ma új intézkedéseket jelentett be; őrült űrhajós, erősebb gazdaság és jövő."
ROMANIAN = "Primul ministru a anunţat astăzi noi măsuri pentru sprijinirea economiei în această săptămână."
MAKERS = "東京都は二十三日、㈱大和の①番と②番を発表した。知事は記者会見で注意を呼びかけた。"
WESTERN = [(text, "cp1252") for text in (FRENCH, INDONESIAN, ITALIAN, SWEDISH, ENGLISH)]
EASTERN = [(CHINESE, "gb18030"), (TAIWANESE, "big5"), (JAPANESE, "cp932"), (JAPANESE, "euc-jp"), (KOREAN, "cp949")]
CENTRAL = [
    *((POLISH, codec) for codec in ("cp1250", "iso8859-2")),
    *((CZECH, codec) for codec in ("cp1250", "iso8859-2")),
    *((ROMANIAN, codec) for codec in ("cp1250", "iso8859-2")),
    (HUNGARIAN, "cp1250"),
    (TURKISH, "cp1254"),
    (FRENCH.replace("«", "cœur").replace("»", "€").replace("—", "").replace("’", "'"), "iso8859-15"),
]


def page(text, meta=None, language=None):
    declared = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    lang = f' lang="{language}"' if language else ""
    return (
        f"<html{lang}><head>{declared}<title>{text[:40]}</title></head><body><p>{text}</p><p>{text}</p></body></html>"
    )


@pytest.mark.parametrize(("text", "label", "codec"), WRITTEN)
@pytest.mark.parametrize("where", ["header", "meta", "both", "nowhere"])
def test_every_declaration_is_heard_and_none_is_needed(text, label, codec, where):
    document = page(text, label if where in {"meta", "both"} else None)
    header = f"text/html; charset={label}" if where in {"header", "both"} else "text/html"
    assert decode_text(document.encode(codec), header) == document


@pytest.mark.parametrize(("text", "label", "codec"), WRITTEN)
@pytest.mark.parametrize(
    "wrong", ["iso-8859-1", "utf-8", "windows-1252", "us-ascii", "utf-7", "rot13", "unicode-escape", ""]
)
def test_a_wrong_header_loses_no_letter(text, label, codec, wrong):
    silent, honest = page(text), page(text, label)
    assert decode_text(silent.encode(codec), f"text/html; charset={wrong}") == silent
    assert decode_text(honest.encode(codec), f"text/html; charset={wrong}") == honest


@pytest.mark.parametrize(("text", "label", "codec"), WRITTEN)
def test_a_wrong_meta_element_loses_no_letter(text, label, codec):
    for wrong in ("iso-8859-1", "utf-8"):
        document = page(text, wrong)
        assert decode_text(document.encode(codec), f'text/html; charset="{label}"') == document


@pytest.mark.parametrize(("text", "language", "codec"), TIED_TO_LANGUAGE)
def test_a_language_that_western_letters_cannot_write_is_a_hint(text, language, codec):
    document = page(text, language=language)
    for header in ("text/html", "text/html; charset=ISO-8859-1"):
        assert decode_text(document.encode(codec), header) == document


@pytest.mark.parametrize("wrong", ["iso-8859-1", "windows-1251", "shift_jis", "gbk", "utf-16"])
def test_valid_utf8_is_utf8_whatever_is_declared(wrong):
    for text in (RUSSIAN, JAPANESE, INDONESIAN):
        document = page(text, wrong)
        assert decode_text(document.encode(), f"text/html; charset={wrong}") == document


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_outweighs_all_and_is_taken_off(codec):
    document = page(RUSSIAN, "windows-1251")
    assert decode_text(document.encode(codec), "text/html; charset=windows-1251") == document
    assert decode_text(codecs.BOM_UTF16_BE + document.encode("utf-16-be")) == document


@pytest.mark.parametrize(("text", "codec"), WESTERN)
@pytest.mark.parametrize(
    "wrong",
    ["utf-8", "gb2312", "shift_jis", "euc-jp", "euc-kr", "big5", "windows-1251", "windows-1256", "utf-16", None],
)
def test_western_text_is_western_whatever_is_declared(text, codec, wrong):
    header = f"text/html; charset={wrong}" if wrong else None
    for document in (page(text), page(text, "utf-8"), page(text, wrong)):
        assert decode_text(document.encode(codec), header) == document


@pytest.mark.parametrize(("text", "codec"), EASTERN)
@pytest.mark.parametrize("wrong", ["gb2312", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1251", "windows-1252"])
def test_east_asian_text_is_told_from_its_neighbours(text, codec, wrong):
    document = page(text, wrong)
    assert decode_text(document.encode(codec), f"text/html; charset={wrong}") == document


@pytest.mark.parametrize(("text", "codec"), CENTRAL)
@pytest.mark.parametrize("wrong", ["utf-8", "iso-8859-1", "windows-1251", None])
def test_letters_tell_the_language_and_so_the_charset(text, codec, wrong):
    document = page(text)
    assert decode_text(document.encode(codec), f"text/html; charset={wrong}" if wrong else None) == document


@pytest.mark.parametrize("codec", ["koi8-r", "iso8859-5", "cp866"])
def test_cyrillic_is_told_by_its_small_letters(codec):
    document = page(RUSSIAN, "windows-1251")
    assert decode_text(document.encode(codec), "text/html; charset=windows-1251") == document


def test_characters_that_makers_of_computers_added_are_read():
    in_euc_jp = {"㈱": b"\xad\xea", "①": b"\xad\xa1", "②": b"\xad\xa2"}
    body = b"".join(in_euc_jp.get(character) or character.encode("euc-jp") for character in page(MAKERS))
    for header in ("text/html; charset=EUC-JP", "text/html; charset=utf-8", None):
        assert decode_text(body, header) == page(MAKERS)
    assert decode_text(page(MAKERS).encode("cp932"), "text/html; charset=utf-8") == page(MAKERS)


def test_long_lines_of_ascii_are_passed_over_in_the_time_of_their_length():
    document = page(FRENCH) + f"<script>{'a' * 5_000_000}</script>"
    assert decode_text(document.encode("cp1252"), "text/html; charset=utf-8") == document


def test_few_characters_are_read_as_they_are_declared():
    for text, label, codec in (("東京", "shift_jis", "cp932"), ("龍", "big5", "big5"), ("ü", "iso-8859-1", "cp1252")):
        document = page(f"The {text} boat", label)
        assert decode_text(document.encode(codec), f"text/html; charset={label}") == document


def test_xml_declarations_are_heard():
    feed = f'<?xml version="1.0" encoding="windows-1251"?><rss><title>{RUSSIAN}</title></rss>'
    assert decode_text(feed.encode("cp1251"), "application/rss+xml") == feed
    assert decode_text(feed.encode("cp1251"), "text/xml; charset=us-ascii") == feed


def test_stray_bytes_in_utf8_are_read_as_what_they_were_pasted_from():
    mixed = (INDONESIAN * 3).encode() + "“kutipan” 50 €".encode("cp1252")
    assert decode_text(mixed, "text/html; charset=utf-8") == INDONESIAN * 3 + "“kutipan” 50 €"


def test_a_text_cut_within_a_letter_keeps_the_others():
    cut = (JAPANESE * 3).encode()[:-1]
    assert decode_text(cut).startswith((JAPANESE * 3)[:-1])


def test_undefined_bytes_of_western_text_do_not_disturb_it():
    assert decode_text("Señor \x81 ".encode("latin-1"), "text/html; charset=iso-8859-1") == "Señor \x81 "


@pytest.mark.parametrize("stray", [b"", b" \xe9"])
def test_an_escape_that_stands_in_utf8_does_not_make_it_japanese(stray):
    assert decode_text(f"{RUSSIAN} \x1b$B ".encode() + stray).startswith(f"{RUSSIAN} \x1b$B ")


@given(st.text())
@example("\0" * 40)
@example("\x1b$B")
def test_what_is_utf8_comes_back(text):
    document = f"<p>kabar {RUSSIAN} {text}</p>"
    assert decode_text(document.encode("utf-8", "surrogatepass")) == document or "\ud800" <= max(text) <= "\udfff"


@given(st.binary(max_size=400), st.text(max_size=40))
@example(b"<\0h\0", "charset=utf-16")
@example(b"\xff\xfe\x00", "")
@example(b"\x1b$B\xff", "charset=iso-2022-jp")
def test_nothing_that_is_sent_makes_it_fail(body, content_type):
    assert isinstance(decode_text(body, content_type), str)
