"""Attribution chains."""

from scraper.extraction.attribution import read_agencies
from scraper.model.outlet import Outlet

OUTLET = Outlet(id="kabarkita", name="KabarKita", domains=("kabarkita.example",))


def test_the_chain_is_in_the_order_of_the_text():
    text = (
        "Uji coba itu dilakukan pada pagi hari, demikian menurut kantor berita KCNA, dikutip dari Channel News Asia, "
        "Rabu.\nSeorang pejabat kemudian membenarkannya, dilansir Reuters."
    )
    assert read_agencies(text, OUTLET) == ("KCNA", "Channel News Asia", "Reuters")


def test_photo_credits_are_no_attribution():
    assert read_agencies("Sebuah gedung (Foto: dilansir Reuters) berdiri.", OUTLET) == ()
