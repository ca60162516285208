"""A second round at the editor's desk: mixed days of copies, follow-ups and bulletins. All made up, as in the first."""

from dataclasses import dataclass

import pytest

from scraper.dedup import NearDuplicates
from scraper.model.verdict import Judgement, Relation
from scraper.settings import DedupSettings
from tests.dedup.stories import story

KLINIK = """Klinik terapung milik Pemerintah Kabupaten Muara Kencana mulai melayani warga sebelas pulau pada Senin pagi.
Kapal sepanjang 24 meter itu membawa dua dokter umum, seorang dokter gigi, empat perawat dan seorang apoteker.
Setiap pulau didatangi dua kali sebulan, dan jadwalnya ditempel di balai desa serta diumumkan lewat radio komunitas.
"Selama ini ibu hamil harus menyewa perahu sampai 600 ribu rupiah hanya untuk periksa," kata Bupati Laksmi Paramita.
Menurut dinas kesehatan, 38 kelahiran tahun lalu terjadi di atas perahu karena keluarga terlambat berangkat.
Biaya operasional kapal ditaksir 3,4 miliar rupiah setahun dan ditanggung bersama oleh kabupaten dan provinsi.
Anggota dewan Yohanes Tabuni mengingatkan agar kapal tidak bernasib sama dengan ambulans laut yang mangkrak sejak 2021.
Dinas menyiapkan suku cadang di dua pelabuhan dan melatih enam pemuda setempat sebagai teknisi mesin kapal.
Warga Pulau Tembikar menyambut kapal dengan tarian dan antre sejak subuh untuk memeriksakan mata anak-anak mereka."""
BENDUNGAN = """Pintu air Bendungan Karangluh dibuka setengah meter sejak Jumat malam setelah tiga hari hujan deras.
Petugas jaga mencatat elevasi 87,2 meter, hanya 80 sentimeter di bawah batas siaga yang ditetapkan pengelola.
Warga di tujuh desa hilir diminta menjauhkan ternak dari bantaran dan menyimpan surat berharga di tempat tinggi.
Pengelola menyatakan debit keluar akan ditambah bertahap agar tidak menimbulkan gelombang di pintu air lama."""
TRAM = """The city of Ostmere will close the harbour tram line for eleven weeks from 6 July to replace worn rails.
Transport director Leila Farouk said on Tuesday that 3.2 kilometres of track had reached the end of their life.
Buses will run every six minutes along the quay, and season tickets will be valid on the river ferries as well.
"We could have patched it for another winter, but patches are how you end up with a derailment," Farouk said.
Shopkeepers in Lantern Street fear for their summer trade, since two of the four stops lie in front of their doors.
The chamber of commerce has asked for a fund of 900,000 crowns, which the council will discuss on 14 June.
The work costs 27 million crowns, of which the state pays 60 percent under a programme for older networks.
Engineers will also raise the platforms by 18 centimetres so that wheelchairs can board without a ramp.
Some 41,000 people use the line on a working day, according to the operator's count of last October.
Ostmere's trams began in 1903, and the harbour line is the last of the original five that still runs."""
LIBRARY = """Ostmere's central library lends seeds as well as books from this week on, head librarian Piotr Malik said.
Readers may take up to six packets of vegetables or flowers and bring back seeds from their harvest in autumn.
The first shelves hold 140 varieties, most of them given by allotment gardeners from the northern suburbs.
Malik expects beans and marigolds to go first, because they forgive nearly every mistake a beginner makes."""
HEARING = """Prosecutors asked a court in Ostmere on Thursday to fine the operator of the harbour crane 400,000 crowns.
They say that the company skipped two inspections before a cable snapped last autumn and dropped a container.
The defence argued that the inspector had fallen ill and that no replacement was offered by the authority.
Judge Simone Achterberg adjourned until 3 August and asked both sides for the maintenance book of the crane.
A dock worker who was hurt in the accident followed the session from the public benches without a comment.
The union has called for cameras on all four cranes, a demand that the port authority has so far turned down.
Outside the court a handful of colleagues held up helmets on which they had painted the date of the accident."""
JEMBATAN = """Jembatan gantung Desa Sukorame putus pada Ahad sore saat dilewati rombongan pengantin, 14 orang luka-luka.
Kepala kepolisian sektor Dwi Atmaja mengatakan dua korban dirawat karena patah tulang dan selebihnya boleh pulang.
Saksi mata menyebut kawat penahan di sisi barat lepas lebih dulu sebelum lantai kayu miring ke arah sungai.
Jembatan sepanjang 62 meter itu dibangun pada 1998 dan terakhir diperiksa empat tahun yang lalu oleh dinas.
Camat meminta warga memakai jalan memutar lewat Desa Ngrandu sambil menunggu jembatan darurat dari tentara.
Keluarga pengantin memastikan resepsi tetap digelar sederhana di balai desa pada Senin malam tanpa hiburan."""

OWN_LEAD = """Bagi warga sebelas pulau kecil di Muara Kencana, berobat tidak lagi harus menunggu ombak tenang.
Mulai pekan ini dokter yang datang menghampiri mereka, bukan sebaliknya, dan semuanya tanpa dipungut biaya."""
OWN_LEAD_EN = """For most of this summer, Ostmere will have to find another way down to the water.
The tram that carries half the city there is about to fall silent."""


def lines(text: str, first: int = 0, last: int | None = None) -> str:
    return "\n".join(text.split("\n")[first:last])


def interleave(text: str, *between: str) -> str:
    told = text.split("\n")
    for at, line in enumerate(between, start=1):
        told.insert(2 * at, line)
    return "\n".join(told)


def consider(*told: tuple[str, str, str, float]) -> Judgement:
    """Judge stories (id, outlet, text, hours) one after the other; the judgement of the last."""
    detector = NearDuplicates(DedupSettings())
    return [detector.consider(story(*given)).judgement for given in told][-1]


@dataclass(frozen=True, kw_only=True)
class Pair:
    name: str
    first: str
    second: str
    hours: float = 4


COPIES = [
    Pair(
        name="own lead, dateline, tail cut",
        first="MUARA KENCANA, Gema - " + KLINIK,
        second=OWN_LEAD + "\n" + lines(KLINIK, 1, 6),
    ),
    Pair(name="own lead in English, tail cut", first=TRAM, second=OWN_LEAD_EN + "\n" + lines(TRAM, 1, 7)),
    Pair(name="three sentences are left", first=TRAM, second="OSTMERE (Courier) - " + lines(TRAM, 0, 3)),
    Pair(name="the tail is left out after a page break", first=KLINIK, second=lines(KLINIK, 0, 4) + "\nHalaman 2"),
    Pair(
        name="a short story of one's own below",
        first=TRAM,
        second=TRAM + "\nElsewhere in the city\n" + LIBRARY,
    ),
    Pair(name="a cut story with another one below", first=KLINIK, second=lines(KLINIK, 0, 6) + "\n" + BENDUNGAN),
    Pair(
        name="two stories in one, both known",
        first=BENDUNGAN,
        second=BENDUNGAN + "\n" + lines(KLINIK, 0, 5),
    ),
    Pair(
        name="links, calls and captions between the lines",
        first=KLINIK,
        second=interleave(
            KLINIK,
            "Baca juga: Nelayan Muara Kencana Keluhkan Solar",
            "ADVERTISEMENT",
            "Foto: Kapal klinik bersandar di Pulau Tembikar. (Gema/Arsip)",
            "Ikuti kabar terbaru kami di Google News",
        ),
    ),
    Pair(name="reprinted after eighteen days", first=TRAM, second="OSTMERE: " + TRAM, hours=24 * 18),
    Pair(name="reprinted after eighteen days, cut", first=KLINIK, second=lines(KLINIK, 0, 7), hours=24 * 18),
    Pair(name="reprinted after a year", first=JEMBATAN, second=JEMBATAN, hours=24 * 366),
    Pair(
        name="sentences put into another order below the lead",
        first=TRAM,
        second="\n".join([lines(TRAM, 0, 3), lines(TRAM, 6, 9), lines(TRAM, 3, 6)]),
    ),
    Pair(
        name="synonyms here and there",
        first=JEMBATAN,
        second=JEMBATAN.replace("mengatakan", "menuturkan").replace("Camat meminta", "Pak Camat mengimbau"),
    ),
    Pair(
        name="numbers written in another way",
        first=TRAM,
        second=TRAM.replace("27 million", "27m").replace("60 percent", "60%").replace("18 centimetres", "18 cm"),
    ),
    Pair(
        name="all in capitals at the top",
        first=JEMBATAN,
        second=lines(JEMBATAN, 0, 1).upper() + "\n" + lines(JEMBATAN, 1),
    ),
    Pair(
        name="credited to the agency and cut",
        first=TRAM,
        second=lines(TRAM, 0, 5) + "\nThis article was originally published on ostmere-courier.test",
        hours=60,
    ),
]


@pytest.mark.parametrize("case", COPIES, ids=lambda case: case.name)
def test_the_desk_calls_it_a_copy(case: Pair):
    judgement = consider(("a", "gema", case.first, 0), ("b", "kabar", case.second, case.hours))
    assert (judgement.relation, judgement.of) == (Relation.COPY, "a"), judgement.why


@pytest.mark.parametrize("case", COPIES, ids=lambda case: case.name)
def test_the_desk_calls_it_a_copy_whichever_came_first(case: Pair):
    judgement = consider(("b", "kabar", case.second, case.hours), ("a", "gema", case.first, 0))
    assert (judgement.relation, judgement.of) == (Relation.COPY, "b"), judgement.why


def eruption(day: str, clock: str, height: str, amplitude: str, seconds: str) -> str:
    return f"""Gunung Wukir kembali meletus pada {day} pukul {clock} WIT, menurut pos pengamatan setempat.
Tinggi kolom abu teramati sekitar {height} meter di atas puncak dengan intensitas tebal ke arah barat daya.
Letusan terekam di seismogram dengan amplitudo maksimum {amplitude} milimeter dan durasi {seconds} detik.
Masyarakat dan pendaki diminta tidak beraktivitas di dalam radius tiga kilometer dari kawah aktif gunung tersebut.
Warga di sekitar lereng diimbau memakai masker untuk menghindari gangguan pernapasan akibat hujan abu."""


def dollar(day: str, opened: str, moved: str, closed: str, percent: str) -> str:
    return f"""Nilai tukar rupiah terhadap dolar pada pembukaan perdagangan {day} berada di level {opened} per dolar.
Posisi itu bergerak {moved} poin atau {percent} persen dari penutupan sebelumnya yang tercatat di {closed} per dolar.
Analis memperkirakan rupiah masih bergerak dalam rentang terbatas menunggu data tenaga kerja dari luar negeri.
Pelaku pasar juga mencermati langkah bank sentral dalam menjaga stabilitas nilai tukar di tengah arus modal keluar."""


def licence(day: str, *places: str) -> str:
    return f"""Kepolisian membuka layanan SIM keliling di lima lokasi wilayah Kota Menara pada {day}.
Lokasi pertama berada di {places[0]}, lokasi kedua di {places[1]} dan lokasi ketiga di {places[2]}.
Layanan dibuka mulai pukul 08.00 hingga 14.00 WIB untuk perpanjangan SIM A dan SIM C yang masih berlaku.
Pemohon membawa fotokopi KTP, SIM lama, bukti cek kesehatan dan bukti tes psikologi sebelum masa berlaku habis."""


def waves(day: str, low: str, high: str, strait: str, speed: str) -> str:
    return f"""Fishermen were told on {day} to expect waves of {low} to {high} metres in {strait} until the evening.
The weather office in Kalira said that winds from the south-east would reach {speed} knots over open water.
Boats of less than ten tonnes should stay in harbour, and larger ones should keep in touch with the coast guard.
The next bulletin is due at six in the morning, and harbour masters will display it at every landing place."""


def cases(day: str, new: str, total: str, wards: str, clear: str) -> str:
    return f"""The health office counted {new} new cases of dengue in Kalira on {day}, taking the total to {total}.
Of these, {wards} people are being treated in hospital and {clear} have been sent home since the season began.
Residents are asked to empty flower pots, cover water tanks and let fogging teams into their yards this week.
Children with a high fever should be taken to a clinic at once, and aspirin should not be given to them."""


def half_time(  # noqa: PLR0917 - the blanks of a form, in its order
    day: str, session: str, points: str, level: str, volume: str, worth: str
) -> str:
    return f"""Indeks bursa ditutup menguat {points} poin ke level {level} pada {session} perdagangan {day}.
Sebanyak {volume} miliar saham berpindah tangan dengan nilai transaksi mencapai {worth} triliun rupiah.
Saham perbankan dan tambang menjadi penopang, sementara sektor properti dan kesehatan masih tertekan.
Analis menyarankan pelaku pasar mencermati rilis data inflasi dan keputusan suku bunga pada akhir pekan."""


def bullion(maker: str, day: str, price: str, half: str, five: str) -> str:
    return f"""Harga emas batangan {maker} di gerai pegadaian pada {day} tercatat Rp {price} per gram.
Ukuran setengah gram dijual Rp {half}, sedangkan ukuran lima gram dilepas dengan harga Rp {five}.
Harga berlaku di seluruh gerai dan dapat berubah sewaktu-waktu mengikuti pergerakan pasar logam mulia.
Calon pembeli disarankan memeriksa ketersediaan ukuran lewat aplikasi sebelum datang ke gerai terdekat."""


def zodiac(sign: str, day: str, love: str, money: str, number: str) -> str:
    return f"""Ramalan zodiak {sign} hari ini, {day}, lengkap dengan asmara, keuangan dan angka keberuntungan.
Asmara: {love}.
Keuangan: {money}.
Angka keberuntungan {sign} hari ini adalah {number}.
Ramalan ini dibuat sebagai hiburan semata dan tidak perlu dijadikan pegangan dalam mengambil keputusan penting."""


def fixture(  # noqa: PLR0917 - the blanks of a form, in its order
    home: str, away: str, result: str, scorers: str, crowd: str, table: str
) -> str:
    return f"""{home} beat {away} {result} on Saturday in front of {crowd} spectators at a sold-out ground.
The goals came from {scorers}, all of them after the break, when the hosts pressed higher up the pitch.
{away} had the better chances in the first half but found the goalkeeper in fine form on a wet evening.
The result leaves {home} {table} in the table with a game in hand, while {away} stay in the lower half."""


def times(city: str, day: str, *clock: str) -> str:
    return f"""Jadwal salat untuk {city} dan sekitarnya pada {day} berdasarkan perhitungan kementerian agama.
Subuh pukul {clock[0]}, zuhur pukul {clock[1]}, asar pukul {clock[2]}, magrib pukul {clock[3]}, isya pukul {clock[4]}.
Umat Islam diimbau menunaikan salat tepat waktu dan memeriksa kembali arah kiblat bila sedang bepergian jauh."""


BULLETINS = {
    "eruptions of one day": (
        eruption("Senin (2/3/2026)", "06.14", "700", "22", "95"),
        eruption("Senin (2/3/2026)", "11.52", "1.100", "27", "143"),
    ),
    "eruptions of two days": (
        eruption("Senin (2/3/2026)", "06.14", "700", "22", "95"),
        eruption("Rabu (4/3/2026)", "21.03", "500", "19", "71"),
    ),
    "exchange rate": (
        dollar("Senin (2/3/2026)", "16.310", "12", "16.298", "0,07"),
        dollar("Selasa (3/3/2026)", "16.285", "25", "16.310", "0,15"),
    ),
    "licence bus": (
        licence("Senin (2/3/2026)", "Mal Randa", "Lapangan Banteng Timur", "Kantor Pos Seruni"),
        licence("Selasa (3/3/2026)", "Taman Kencana", "Pasar Induk Menara", "Terminal Karangluh"),
    ),
    "waves": (
        waves("Monday", "1.5", "2.5", "Seruni Strait", "18"),
        waves("Tuesday", "2.0", "3.5", "Lawe Strait", "24"),
    ),
    "case numbers": (
        cases("Monday", "41", "1,204", "188", "967"),
        cases("Tuesday", "37", "1,241", "193", "996"),
    ),
    "the exchange at noon and at night": (
        half_time("Senin (2/3/2026)", "sesi pertama", "21,40", "7.318,22", "9,1", "5,7"),
        half_time("Senin (2/3/2026)", "akhir", "34,85", "7.331,67", "17,6", "11,2"),
    ),
    "gold of two makers": (
        bullion("Cakra", "Senin (2/3/2026)", "1.541.000", "822.000", "7.540.000"),
        bullion("Mulia Jaya", "Senin (2/3/2026)", "1.528.000", "814.000", "7.471.000"),
    ),
    "gold of two days": (
        bullion("Cakra", "Senin (2/3/2026)", "1.541.000", "822.000", "7.540.000"),
        bullion("Cakra", "Rabu (4/3/2026)", "1.553.000", "828.000", "7.600.000"),
    ),
    "signs of one day": (
        zodiac("Leo", "Senin (2/3/2026)", "dengarkan pasangan lebih lama", "tunda belanja yang tidak perlu", "17"),
        zodiac("Virgo", "Senin (2/3/2026)", "kabar lama datang kembali", "ada rezeki dari teman lama", "8"),
    ),
    "one sign on two days": (
        zodiac("Leo", "Senin (2/3/2026)", "dengarkan pasangan lebih lama", "tunda belanja yang tidak perlu", "17"),
        zodiac("Leo", "Selasa (3/3/2026)", "jangan memulai pertengkaran kecil", "periksa lagi tagihan bulanan", "4"),
    ),
    "two matches of one day": (
        fixture("Kalira Rovers", "Benua Athletic", "3-1", "Osei, Lindqvist and Tamba", "8,412", "second"),
        fixture("Ostmere Town", "Harbour United", "2-0", "Marsh and Okonkwo", "11,950", "fifth"),
    ),
    "prayers of two days": (
        times("Kota Menara", "Senin (2/3/2026)", "04.46", "12.04", "15.18", "18.11", "19.21"),
        times("Kota Menara", "Selasa (3/3/2026)", "04.45", "12.03", "15.17", "18.10", "19.20"),
    ),
    "prayers of two cities": (
        times("Kota Menara", "Senin (2/3/2026)", "04.46", "12.04", "15.18", "18.11", "19.21"),
        times("Teluk Randa", "Senin (2/3/2026)", "04.31", "11.49", "15.02", "17.55", "19.05"),
    ),
}


@pytest.mark.parametrize("hours", [3, 30, 24 * 8])
@pytest.mark.parametrize("outlet", ["gema", "kabar"])
@pytest.mark.parametrize("name", BULLETINS)
def test_todays_bulletin_is_not_yesterdays(name: str, outlet: str, hours: float):
    one, other = BULLETINS[name]
    judgement = consider(("a", "gema", one, 0), ("b", outlet, other, hours))
    assert judgement.relation in {Relation.NEW, Relation.RELATED}, judgement.why


@pytest.mark.parametrize("name", BULLETINS)
def test_todays_bulletin_is_copied_under_another_name(name: str):
    one, other = BULLETINS[name]
    copied = "KOTA MENARA, Kabar - " + other + "\nBaca juga: Cuaca Hari Ini\nEditor: Meja Berita"
    judgement = consider(("a", "gema", one, 0), ("b", "gema", other, 2), ("c", "kabar", copied, 3))
    assert (judgement.relation, judgement.of) == (Relation.COPY, "b"), judgement.why


QUOTES = (
    '"We could have patched it for another winter, but patches are how you end up with a derailment," Farouk said.\n'
    '"Nobody likes a dusty summer, least of all I, and I live above the second stop," she told the meeting.'
)
OTHER_PAPER = """Residents of the old port filled the school hall on Tuesday night to hear how their summer would look.
Many had come to complain, and some left with a map of the bus route and a promise that bins would be emptied.
{quotes}
A pensioner asked why the rails could not be welded at night, and got laughter rather than an answer from the stage.
The baker at the corner said that she would bake less bread on weekdays and open a stall on the quay on Sundays.
By ten the caretaker switched off the lights, and the last questions were put to the director on the stairs."""


def test_two_papers_at_one_meeting_share_quotes_and_no_story():
    first = TRAM.replace(lines(TRAM, 3, 4), QUOTES)
    judgement = consider(("a", "gema", first, 0), ("b", "kabar", OTHER_PAPER.format(quotes=QUOTES), 2))
    assert judgement.relation in {Relation.NEW, Relation.RELATED}, judgement.why


LATER_ID = """Dua hari setelah jembatan gantung putus, penyidik memeriksa lima orang saksi dari pihak kontraktor lama.
Kepala kejaksaan Ratih Pramesti mengatakan dokumen pemeliharaan selama sepuluh tahun sudah disita dari kantor dinas.
Tim ahli dari perguruan tinggi mengambil contoh kawat untuk diuji di laboratorium dan hasilnya keluar dua pekan lagi.
Bupati menjanjikan jembatan permanen dengan anggaran tahun depan dan meminta dewan memberi persetujuan lebih awal.
Sementara itu tentara sudah memasang jembatan darurat yang hanya boleh dilewati pejalan kaki dan sepeda motor.
Anak sekolah dari seberang sungai kembali belajar seperti biasa sejak Rabu setelah dua hari tinggal di rumah.
Para pedagang pasar berharap truk kecil diizinkan lewat karena ongkos memutar memakan separuh keuntungan mereka."""


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (JEMBATAN, LATER_ID + "\n" + lines(JEMBATAN, 0, 3)),
        (JEMBATAN, LATER_ID + "\nSebelumnya diberitakan\n" + JEMBATAN),
        (TRAM, HEARING + "\n" + lines(TRAM, 6, 10)),
        (
            HEARING,
            HEARING.replace("Prosecutors asked", "On Monday they asked")[:0] + LIBRARY + "\n" + lines(HEARING, 5),
        ),
    ],
    ids=["with the lead of old", "with all of old", "with the history", "with a last line"],
)
@pytest.mark.parametrize("outlet", ["gema", "kabar"])
def test_what_came_of_it_is_a_story_of_its_own(first: str, later: str, outlet: str):
    judgement = consider(("a", "gema", first, 0), ("b", outlet, later, 48))
    assert judgement.relation in {Relation.NEW, Relation.RELATED}, judgement.why


def test_a_rising_toll_and_a_new_lead_are_an_update():
    later = "Korban putusnya jembatan gantung bertambah pada Ahad malam.\n" + JEMBATAN.replace("14 orang", "17 orang")
    judgement = consider(("a", "gema", JEMBATAN, 0), ("b", "gema", later, 5))
    assert (judgement.relation, judgement.of) == (Relation.UPDATE, "a"), judgement.why


def test_a_return_match_months_later_is_another_match():
    first = fixture("Kalira Rovers", "Benua Athletic", "3-1", "Osei, Lindqvist and Tamba", "8,412", "second")
    later = fixture("Kalira Rovers", "Benua Athletic", "1-0", "a late Tamba header", "9,077", "first")
    judgement = consider(("a", "gema", first, 0), ("b", "kabar", later, 24 * 20))
    assert judgement.relation in {Relation.NEW, Relation.RELATED}, judgement.why


def test_a_bulletin_that_two_desks_have_rewritten_is_still_another_bulletin():
    small = (
        "Gempa bumi berkekuatan magnitudo 4,2 mengguncang wilayah Teluk Randa, Senin (2/3/2026) siang.\n"
        "Badan meteorologi menyatakan gempa terjadi pada pukul 12.32 WIB dan dirasakan sebagian warga di pesisir.\n"
        "Lembaga itu menyebut pusat gempa berada di laut, tepatnya 85 kilometer timur laut Teluk Randa.\n"
        "Gempa tersebut berada pada kedalaman 43 kilometer dan tidak berpotensi menimbulkan gelombang tsunami.\n"
        "Hingga berita ini diturunkan, belum ada laporan mengenai kerusakan bangunan maupun korban jiwa akibat gempa.\n"
        "Petugas mengimbau masyarakat tetap tenang dan tidak terpengaruh oleh isu yang tidak dapat "
        "dipertanggungjawabkan kebenarannya.\n"
        "Informasi ini mengutamakan kecepatan, sehingga hasil pengolahan data belum stabil dan bisa berubah seiring "
        "kelengkapan data.\n"
        "Masyarakat pun diminta menghindari bangunan yang retak atau rusak dan memastikan rumah cukup tahan gempa "
        "sebelum kembali ke dalam.\n"
        "Warga yang tinggal di lereng diminta waspada terhadap longsoran yang dapat dipicu oleh gempa susulan."
    )
    changes = (
        ("4,2", "5,9"),
        ("12.32", "19.56"),
        ("85 kilo", "74 kilo"),
        ("timur laut", "tenggara"),
        ("43 kilo", "83 kilo"),
    )
    large = small.replace("Teluk Randa", "Pulau Seruni").replace("siang", "malam")
    for before, after in changes:
        large = large.replace(before, after)
    for outlet in ("gema", "kabar"):
        judgement = consider(("a", "gema", small, 0), ("b", outlet, large, 1))
        assert judgement.relation in {Relation.NEW, Relation.RELATED}, judgement.why


def test_a_price_that_stays_is_still_told_anew_each_day():
    monday = bullion("Cakra", "Senin (2/3/2026)", "1.541.000", "822.000", "7.540.000")
    friday = bullion("Cakra", "Jumat (6/3/2026)", "1.541.000", "822.000", "7.540.000")
    judgement = consider(("a", "gema", monday, 0), ("b", "gema", friday, 96))
    assert judgement.relation in {Relation.NEW, Relation.RELATED}, judgement.why


def test_a_story_merged_from_two_stays_with_the_one_it_begins_with():
    both = BENDUNGAN + "\n" + KLINIK
    judgement = consider(("a", "gema", KLINIK, 0), ("b", "gema", BENDUNGAN, 1), ("c", "kabar", both, 3))
    assert judgement.relation is Relation.COPY, judgement.why
    assert judgement.of in {"a", "b"}
