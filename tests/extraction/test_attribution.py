"""Attribution chains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.attribution import read_agencies
from scraper.model.outlet import Outlet

OUTLET = Outlet(id="kabarkita", name="KabarKita", domains=("kabarkita.example",), aliases=("Kabar TV",))


def test_the_chain_is_in_the_order_of_the_text():
    text = (
        "Uji coba itu dilakukan pada pagi hari, menurut kantor berita KCNA, dikutip dari Channel News Asia, Rabu.\n"
        "Seorang pejabat kepada Reuters membenarkannya. Hal yang sama dikutip dari Channel News Asia."
    )
    assert read_agencies(text, OUTLET) == ("KCNA", "Channel News Asia", "Reuters")


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("Hal itu dilansir Antara, Selasa (12/11).", ("ANTARA",)),
        ("Hal itu, seperti dikutip dari laman BBC, benar.", ("BBC",)),
        ("Melansir Lembah Pos, Selasa.", ("Lembah Pos",)),
        ("Mengutip laman Reuters, harga naik.", ("Reuters",)),
        ("Hal itu dikutip dari detikFinance, Senin.", ("detik",)),
        ("Hal itu dikutip dariReuters, Senin.", ("Reuters",)),
        ("demikian dilaporkan AFP dan Reuters, Kamis.", ("AFP", "Reuters")),
        ("Dikutip wartalembah.com, Senin.", ("wartalembah.com",)),
        ("Media pemerintah Korea Utara, KCNA, menyebut hal itu.", ("KCNA",)),
        ("kata Yonhap, Senin.", ("Yonhap",)),
        ("Reuters melaporkan hal itu.", ("Reuters",)),
        ('Artikel ini telah tayang di Warta.com dengan judul "Kapal".', ("Warta.com",)),
        ("Sumber: CNN", ("CNN",)),
        ("COPYRIGHT © ANTARA 2026", ("ANTARA",)),
        ("Harga naik lagi. (ANT/S026)", ("ANTARA",)),
        ("Jakarta (ANTARA) - Kapal itu berlabuh.", ("ANTARA",)),
        ("according to the Associated Press, the ship docked", ("AP",)),
        ("Officials told Reuters on Monday that", ("Reuters",)),
        ("The BBC reported that the ship docked.", ("BBC",)),
        ("state news agency KCNA said", ("KCNA",)),
        ("With inputs from PTI, ANI", ("PTI", "ANI")),
        ("This article was originally published by The Guardian.", ("The Guardian",)),
        ("© 2026 AFP", ("AFP",)),
        ("Das Schiff sei da, berichtete die Nachrichtenagentur AFP unter Berufung auf Reuters.", ("AFP", "Reuters")),
        ("laut Deutscher Presse-Agentur", ("dpa",)),
        ("sagte er der dpa.", ("dpa",)),
        ("wie die Süddeutsche Zeitung berichtet", ("Süddeutsche Zeitung",)),
        ("Quelle: lembah.de, mli/dpa", ("lembah.de", "dpa")),
        ("Das Schiff ist da. (dpa/AFP)", ("dpa", "AFP")),
        ("a-t-il déclaré à l'AFP.", ("AFP",)),
        ("selon l’agence de presse Reuters", ("Reuters",)),
        ("selon Le Monde", ("Le Monde",)),
        ("según la agencia EFE", ("EFE",)),
        ("informó Reuters", ("Reuters",)),
        ("Reuters pertama kali melaporkan rencana itu.", ("Reuters",)),
        ("Wall Street Journal yang pertama kali memberitakan hal itu.", ("The Wall Street Journal",)),
        ("ujar juru bicara kepada kantor berita Prancis AFP.", ("AFP",)),
        ("Harga naik. (Z-3/Ant)", ("ANTARA",)),
        ("demikian Channel NewsAsia melaporkan", ("Channel News Asia",)),
        ("With assistance from AP", ("AP",)),
        ("The Associated Press contributed to this report.", ("AP",)),
        ("in comments carried by the Tasnim news agency", ("Tasnim",)),
        ("Das meldet die staatliche Nachrichtenagentur Tass.", ("TASS",)),
        ('sagte sie der "Süddeutschen Zeitung".', ("Süddeutsche Zeitung",)),
        ("Zuerst hatte das „Handelsblatt“ berichtet.", ("Handelsblatt",)),
        ("sagte der Minister den Zeitungen der Funke Mediengruppe.", ("Funke Mediengruppe",)),
        ("a annoncé l’agence officielle Chine nouvelle", ("Xinhua",)),
        ("a révélé Le Parisien jeudi", ("Le Parisien",)),
        ("a-t-elle expliqué sur BFMTV", ("BFMTV",)),
        ("selon des informations du Figaro", ("Le Figaro",)),
        ("según publica El País", ("El País",)),
        ("informó la agencia estatal de noticias Xinhua", ("Xinhua",)),
    ],
)
def test_the_source_is_found_in_the_words_of_its_language(text, chain):
    assert read_agencies(text, OUTLET) == chain


@pytest.mark.parametrize(
    "text",
    [
        "Sebuah gedung (Foto: dilansir Reuters) berdiri.",
        "(REUTERS/Nama Orang)",
        "(AFP/Getty Images)",
        "Foto: ANTARA/Nama Orang",
        "Kantor Reuters di kota itu besar.",
        "kata Menteri AS kepada wartawan",
        "seperti dikutip dari akun Instagram pribadinya",
        "menurut Presiden, kapal itu aman",
        "as the ap went on, the sun shone",
        "Mengutip data resmi, harga naik.",
        "",
    ],
)
def test_what_names_no_source_gives_none(text):
    assert read_agencies(text, OUTLET) == ()


def test_the_outlet_itself_is_no_source():
    assert read_agencies("Hal itu dikutip dari KabarKita, dilansir dari Kabar TV dan AFP.", OUTLET) == ("AFP",)
    post = Outlet(id="www.lembahpost.example", name="www.lembahpost.example", domains=("www.lembahpost.example",))
    assert read_agencies("Hal itu dikutip dari Lembah Post.", post) == ()
    antara = Outlet(id="antara", name="ANTARA News", domains=("antaranews.com",))
    assert read_agencies("Jakarta (ANTARA) - Kapal.\nCOPYRIGHT © ANTARA 2026", antara) == ()


@given(st.text(max_size=400))
def test_any_text_can_be_tried(text):
    chain = read_agencies(text, OUTLET)
    assert len(set(chain)) == len(chain)


@given(st.permutations(["KCNA", "Reuters", "Yonhap", "Xinhua"]))
def test_order_follows_the_text(names):
    text = " ".join(f"Hal itu, menurut kantor berita {name}, benar." for name in names)
    assert read_agencies(text, OUTLET) == tuple(names)
