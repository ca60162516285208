import pytest

from scraper.extraction.junk import credit_lines, is_junk, split_junk
from scraper.model.outlet import LineRules

FURNITURE = [
    "Baca juga: Harga Cabai Naik Lagi",
    "BACA JUGA : Harga Cabai Naik Lagi",
    "Simak Video 'Harga Cabai'",
    "[Gambas:Video 20detik]",
    "Ikuti berita kami di saluran WhatsApp",
    "ADVERTISEMENT",
    "Scroll ke bawah untuk lanjut membaca",
    "Editor: Siapa Saja",
    "Kamis, 05/11/2015 09:25 WIB",
    "Pilihan Editor: Sungai yang Hilang",
    "ALSO READ: The river that went away",
    "Sign up for our daily newsletter",
    "Lesen Sie auch: Der verschwundene Fluss",
    "Lire aussi : La rivière perdue",
    "Lea también: El río perdido",
    "© 2026 Harian Contoh",
    "* * *",
    "— Someone (@someone) March 3, 2026",
    "Baca halaman selanjutnya",
    "Halaman 1 dari 3",
    "Halaman: 1 2 3",
    "Selanjutnya: Harga beras naik",
    "Advertisement. Scroll to continue reading.",
    "IKLAN - SCROLL UNTUK MELANJUTKAN",
    "Rekomendasi Untuk Anda",
    "Dapatkan update berita pilihan setiap hari dari Kabar.com.",
    "Sebagian artikel ini telah tayang di Kabar.com dengan judul Harga Beras",
    "Tulis Komentar",
    "Komentar (12)",
    "Tags : beras, jakarta",
    "Bagikan artikel ini",
    "Ilustrasi beras. (Foto: Antara)",
    "Saksikan live streaming program kami di sini",
    "Video: Banjir di Jakarta",
    "Jangan lewatkan berita lainnya",
    "Klik di sini untuk membaca selengkapnya",
    "Berita menarik lainnya:",
    "Berita Selanjutnya",
    "1 2 3 Lihat Semua",
    "Telah dibaca 120 kali",
    "Diperbarui 6 Juli 2026, 12:11 WIB",
    "6 Juli 2026, 12:11 WIB",
    "06/07/2026 12:11 WIB",
    "Laporan Wartawan Kabarnews.com, Rina Sari",
    "Oleh: Rina Sari",
    "Oleh Rina Sari",
    "#Beras #Jakarta",
    "PERBESAR",
    "Back to top",
    "WATCH: Floods in the city",
    "Your browser does not support the audio element.",
    "Join the conversation",
    "Image caption, A man walks",
    "Weitere Artikel",
    "Auf WhatsApp teilen",
    "La suite après cette publicité",
    "Noticias relacionadas",
    "© RIPRODUZIONE RISERVATA",
    "Continua após a publicidade",
    "Lees meer",
    "Artikkelen fortsetter under annonsen",
    "Czytaj też: Ceny rosną",
    "Читайте также: цены растут",
    "Xem thêm: giá gạo",
    "İlgili Haberler",
    "Lihat juga: Banjir di Demak",
    "Lihat Juga Kisah Nelayan yang Selamat",
    "Simak juga infografis berikut ini.",
    "Baca juga berita lainnya di Google News.",
    "Sumber: Antara, Reuters, AFP, BBC dan CNN.",
    "Sumber: berbagai sumber",
    "Temukan konten menarik di kanal YouTube kami",
    "*Konten ini diringkas menggunakan teknologi AI",
    "Bantu kami mengenal Anda lebih baik. Isi survei ini.",
    "6 Juli 2026 12:11 WIB · waktu baca 2 menit",
]
PROSE = [
    "Baca buku membuat anak betah di rumah, kata guru itu.",
    "Ikuti aturan lalu lintas, pesan polisi kepada warga.",
    "Editor majalah itu mengundurkan diri pada hari Senin.",
    "Read the room, the minister told her party.",
    "Advertisements for the product were withdrawn in March.",
    "Sharing a border has never been easy for the two states.",
    "Kronologi kejadian",
    "Comments by the minister angered the unions.",
    "Berita terbaru, polisi menangkap dua orang.",
    "Pilihan editor busana itu jatuh pada batik.",
    "Saksikan video itu di kanal resmi mereka, kata Rina kepada wartawan.",
    "Selanjutnya, petugas mengevakuasi korban.",
    "Halaman rumah itu penuh lumpur.",
    "Laporan tersebut disusun tim ahli.",
    "Laporan wartawan itu memicu kritik dari dewan.",
    "Unduh aplikasi itu di ponsel, lalu daftar.",
    'Klik tombol "Daftar" lalu isi data diri.',
    "Tag harga pada beras naik.",
    "Komentar netizen pun beragam.",
    "Oleh karena itu, warga diminta waspada.",
    "17 Agustus 1945",
    "Video itu viral di media sosial sejak Senin.",
    "Disclaimer: data ini mengutamakan kecepatan dan bisa berubah.",
    "Next, the council will vote on the plan.",
    "Share prices fell on Monday.",
    "More stories than ever were told that night.",
    "Mehr aus dem Haushalt zu zahlen, lehnt der Minister ab.",
    "Lihat juga bagaimana pasokan berlebih, sehingga harganya jatuh di bawah ongkos panen.",
    "Baca juga buku sastra dunia, kata dia, agar wawasan penulis muda terbuka.",
    "Sumber: polisi menyebut pelaku kabur ke arah hutan.",
    "Laporan: korupsi dana desa meningkat dua kali lipat.",
    "Quelle: Der Bericht wurde am Montag im Rathaus vorgelegt.",
    "Artikel ini ditulis mahasiswa AI pertama di kampus itu, kata rektor.",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_known_by_its_wording(line):
    assert is_junk(line)


@pytest.mark.parametrize("line", PROSE)
def test_prose_that_begins_like_it_stays(line):
    assert not is_junk(line)


def test_rules_of_an_outlet_add_to_the_general_ones():
    rules = LineRules(drop=("kabar * kami",), drop_regex=(r"\bkode promo\b",), cut_at=("Tentang penulis*",))
    lines = ["Satu.", "KABAR pagi KAMI", "Pakai kode promo ini", "Dua.", "Tentang penulis ini", "Tiga."]
    assert split_junk(lines, rules) == (["Satu.", "Dua."], [lines[1], lines[2], lines[4], lines[5]])


def test_signs_in_an_outlets_lines_are_meant_as_they_stand():
    assert split_junk(["a.b", "axb"], LineRules(drop=("a.b",))) == (["axb"], ["a.b"])


def test_credits_among_removed_lines_are_found_again():
    assert credit_lines(["Baca juga: X", "With files from Reuters"]) == ["With files from Reuters"]
    assert credit_lines(["Sebagian artikel ini telah tayang di X", "Share"]) == [
        "Sebagian artikel ini telah tayang di X"
    ]


def test_a_mark_run_together_with_prose_is_cut_out_of_it():
    mark = "SCROLL TO CONTINUE WITH CONTENT"
    lines = [f'Satu. {mark} "Dua," kata dia.', f"ADVERTISEMENT {mark}", "Tiga. [Gambas:Video 20detik]", "Empat."]
    kept, dropped = split_junk(lines, LineRules())
    assert kept == ['Satu. "Dua," kata dia.', "Tiga.", "Empat."]
    assert dropped == [mark, f"ADVERTISEMENT {mark}", "[Gambas:Video 20detik]"]
