"""Cases as an editor would decide them, in Indonesian and English. All texts, people and places are made up."""

from dataclasses import dataclass, replace

import pytest

from scraper.dedup import NearDuplicates
from scraper.model.verdict import Relation
from scraper.settings import DedupSettings
from tests.dedup.stories import story

DERMAGA = """Pemerintah Kabupaten Teluk Randa menutup sementara dermaga penyeberangan Sungai Lawe mulai Kamis pagi.
Penutupan dilakukan setelah petugas menemukan tiga tiang penyangga yang retak pada pemeriksaan rutin awal pekan ini.
Kepala Dinas Perhubungan Bagus Wiratama mengatakan perbaikan membutuhkan waktu paling lama 14 hari kerja.
"Kami tidak mau mengambil risiko. Setiap hari ada sekitar 1.200 penumpang yang melintas di dermaga itu," kata Bagus.
Selama perbaikan, penumpang dialihkan ke dermaga darurat di Desa Panti yang berjarak empat kilometer ke arah hulu.
Pemerintah menyiapkan enam bus gratis yang berangkat setiap dua puluh menit sejak pukul lima pagi hingga malam hari.
Pedagang di sekitar dermaga berharap perbaikan selesai sebelum libur sekolah karena pembeli sudah mulai berkurang.
Ketua paguyuban pedagang, Sri Handayani, meminta pemerintah membebaskan retribusi selama dermaga tidak beroperasi.
Bagus berjanji akan membawa usulan itu ke rapat bersama bupati dan dinas pendapatan daerah pada Senin mendatang."""
PASAR = """Harga cabai rawit di Pasar Induk Kota Menara turun hampir separuh dalam dua pekan terakhir menjelang panen.
Pedagang bernama Untung Prasetya menjual cabai rawit seharga tiga puluh delapan ribu rupiah per kilogram Rabu siang.
Dinas perdagangan setempat memperkirakan pasokan dari tiga kecamatan di lereng utara akan terus naik hingga akhir bulan.
Petani meminta pemerintah membeli sebagian hasil panen agar harga di tingkat kebun tidak jatuh di bawah biaya tanam."""
FERRY = """The harbour office in Kalira said on Monday that the ferry Putri Samudra will stay in dock until Friday.
Engineers found two cracks in the left propeller shaft during a routine check, harbour master Ratna Wibowo said.
About 340 passengers who hold tickets for the evening crossing can change them free of charge at any counter.
A replacement vessel from the neighbouring island is expected to take over the route from Wednesday morning.
The shipping line has promised to publish the report of the inspection before the end of the month.
Fishermen complained that the closure came in the busiest week of the year, when 18 tonnes of tuna leave daily.
The regional council will debate on Thursday whether a second ferry should be bought, a plan first raised in 2019.
Council leader Jonas Mbeki said the island could not depend on one ship that is older than most of its passengers."""
MARKET = """Traders at the old fish market of Benua Timur will move into a new hall next year, mayor Hadi Kusno said.
The hall offers room for 212 stalls, cold storage for forty tonnes and a quay where small boats can unload.
Rents stay unchanged for three years, a promise that the traders' association had asked for in writing.
Work on the foundation begins in April, once the rainy season is over and the ground has dried out."""

NEW_TOP = """Antrean pejalan kaki mengular di tepi Sungai Lawe sejak matahari belum tinggi pada hari pertama penutupan.
Sebagian warga memilih berjalan memutar lewat jembatan lama, meski harus menempuh jarak dua kali lebih jauh dari biasa.
Anak-anak sekolah yang biasanya tiba pukul tujuh baru sampai di kelas menjelang jam pelajaran kedua, kata seorang guru.
Beberapa pemilik perahu kecil menawarkan jasa menyeberang, namun petugas melarang karena arus sungai sedang deras.
Seorang pedagang sayur mengaku dagangannya layu sebelum sempat dijajakan di pasar seberang pada hari yang panas itu.
Di warung kopi dekat tangga dermaga, obrolan warga hanya tentang satu hal, yaitu kapan penyeberangan dibuka kembali."""


def lines(text: str, first: int = 0, last: int | None = None) -> str:
    return "\n".join(text.split("\n")[first:last])


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What another outlet made of a story; an editor calls it the same story."""

    name: str
    original: str
    text: str
    hours: float = 3


COPIES = [
    Copy(name="verbatim", original=DERMAGA, text=DERMAGA),
    Copy(name="brand and place first", original=DERMAGA, text="HarianTeluk.com, Teluk Randa - " + DERMAGA),
    Copy(name="place and agency", original=FERRY, text="KALIRA (Island News) — " + FERRY),
    Copy(name="place with a colon", original=FERRY, text="KALIRA: " + FERRY),
    Copy(
        name="dropped dateline and added sign-off",
        original="TELUK RANDA, HarianTeluk.com - " + DERMAGA,
        text=DERMAGA + "\n(abc/def)\nEditor: Wulan Sari",
    ),
    Copy(
        name="attribution line",
        original=DERMAGA,
        text=DERMAGA + '\nArtikel ini telah tayang di outlet-satu.test dengan judul "Dermaga Sungai Lawe Ditutup"',
    ),
    Copy(
        name="new first sentence",
        original=DERMAGA,
        text="Warga yang biasa menyeberang Sungai Lawe harus bersabar mulai akhir pekan ini.\n" + lines(DERMAGA, 1),
    ),
    Copy(
        name="new lead of two sentences",
        original=FERRY,
        text="Islanders face days of queues.\nTheir only ferry has been taken out of service.\n" + lines(FERRY, 1),
    ),
    Copy(name="cut to the first third", original=DERMAGA, text=lines(DERMAGA, 0, 3)),
    Copy(name="cut tail", original=FERRY, text=lines(FERRY, 0, 4)),
    Copy(name="the long version after the short one", original=lines(FERRY, 0, 3), text=FERRY),
    Copy(name="merged with another story", original=DERMAGA, text=DERMAGA + "\n" + PASAR),
    Copy(name="merged in English", original=FERRY, text=FERRY + "\n" + MARKET),
    Copy(
        name="boilerplate between all lines",
        original=DERMAGA,
        text="\nADVERTISEMENT\n".join(DERMAGA.split("\n")) + "\nBaca juga: Panen Cabai di Lereng Utara",
    ),
    Copy(
        name="words changed by a copy editor",
        original=FERRY,
        text=FERRY.replace("said on Monday that", "announced that").replace("free of charge", "at no cost"),
    ),
    Copy(
        name="typographic quotes and spaces",
        original=DERMAGA,
        text=DERMAGA.replace(' "', " “").replace('," ', ",” ").replace("1.200 penumpang", "1.200\u00a0penumpang"),
    ),
    Copy(
        name="a long story under a top of another's own",
        original=DERMAGA + "\n" + PASAR + "\n" + MARKET + "\n" + FERRY,
        text=NEW_TOP + "\n" + lines(DERMAGA, 3) + "\n" + PASAR + "\n" + MARKET + "\n" + FERRY,
    ),
    Copy(name="late reprint, word for word", original=FERRY, text=FERRY, hours=24 * 200),
    Copy(name="late reprint, cut", original=DERMAGA, text=lines(DERMAGA, 0, 7), hours=24 * 12),
    Copy(name="published first, found last", original=FERRY, text=FERRY, hours=-5),
    Copy(
        name="one figure corrected",
        original=FERRY,
        text=FERRY.replace("340", "430"),
    ),
]


@pytest.mark.parametrize("case", COPIES, ids=lambda case: case.name)
def test_the_same_story(case: Copy):
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("stranger", "zero", MARKET if case.original is DERMAGA else PASAR))
    detector.consider(story("original", "one", case.original))
    judgement = detector.consider(story("copy", "two", case.text, case.hours)).judgement
    assert judgement.relation is Relation.COPY, judgement.why
    assert (judgement.cluster, judgement.of) == ("original", "original")
    assert "original (one)" in judgement.why


@pytest.mark.parametrize("case", COPIES, ids=lambda case: case.name)
def test_the_same_story_in_the_same_outlet_is_its_update_or_repeat(case: Copy):
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("original", "one", case.original))
    judgement = detector.consider(story("copy", "one", case.text, case.hours)).judgement
    assert judgement.relation in {Relation.UPDATE, Relation.COPY}, judgement.why
    assert judgement.cluster == "original"


@pytest.mark.parametrize("text", [DERMAGA, FERRY], ids=["id", "en"])
def test_a_toll_that_rises_is_an_update(text: str):
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("first", "one", text))
    later = "Keterangan baru datang pada sore hari.\n" + text.replace("1.200", "1.350").replace("340", "355")
    assert detector.consider(story("later", "one", later, 5)).judgement.relation is Relation.UPDATE


def quake(  # noqa: PLR0917 - the blanks of a form, in its order
    size: str, day: str, clock: str, place: str, at: str, deep: str
) -> str:
    return f"""Gempa bumi berkekuatan magnitudo {size} mengguncang wilayah {place} pada {day}.
Badan meteorologi menyatakan gempa terjadi pukul {clock} WIB dengan pusat pada koordinat {at}.
Gempa tersebut berada pada kedalaman {deep} kilometer dan tidak berpotensi menimbulkan gelombang tsunami.
Hingga berita ini ditulis belum ada laporan mengenai kerusakan bangunan maupun korban jiwa akibat gempa tersebut.
Masyarakat diimbau tetap tenang dan tidak terpengaruh oleh kabar yang tidak jelas sumber dan kebenarannya."""


def weather(day: str, *degrees: str) -> str:
    parts = [
        f"Wilayah {part} diprakirakan {sky} dengan suhu {low} hingga {high} derajat dan kelembapan {wet} persen."
        for part, sky, (low, high, wet) in zip(
            ("Menara Barat", "Menara Timur", "Menara Utara"),
            ("berawan", "hujan ringan", "hujan petir"),
            (part.split() for part in degrees),
            strict=True,
        )
    ]
    head = f"Badan meteorologi merilis prakiraan cuaca wilayah Kota Menara dan sekitarnya untuk hari {day}."
    return "\n".join([head, *parts, "Warga diminta waspada terhadap hujan disertai petir dan angin kencang."])


def gold(day: str, change: str, price: str, half: str, ten: str) -> str:
    return f"""Harga emas batangan keluaran pabrik negara {change} per gram pada perdagangan {day}.
Berdasarkan situs resmi perusahaan, harga emas satu gram kini dibanderol Rp {price} sebelum pajak.
Untuk ukuran setengah gram harganya Rp {half}, sedangkan sepuluh gram dijual seharga Rp {ten}.
Setiap pembelian dikenakan pajak penghasilan sebesar 0,45 persen bagi pemilik nomor pokok wajib pajak."""


def wrap(  # noqa: PLR0917 - the blanks of a form, in its order
    day: str, way: str, points: str, level: str, volume: str, up: str, down: str
) -> str:
    return f"""Shares on the Kalira exchange closed {way} on {day} as investors weighed the latest data on trade.
The main index moved {points} points to {level}, its third session in a row in the same direction.
Volume on the exchange was {volume} million shares, compared with the average of the last twenty trading days.
Gainers numbered {up} against {down} decliners, while the currency was little changed against its neighbours."""


def prayers(city: str, day: str, *clock: str) -> str:
    return f"""Berikut jadwal imsakiyah dan waktu berbuka puasa untuk wilayah {city} dan sekitarnya pada {day}.
Imsak pukul {clock[0]}, subuh pukul {clock[1]}, zuhur pukul {clock[2]}, asar pukul {clock[3]}, magrib pukul {clock[4]}.
Umat Islam dianjurkan menyegerakan berbuka ketika waktu magrib tiba dan mengakhirkan sahur menjelang imsak."""


def horoscope(day: str, *fates: str) -> str:
    signs = ("Aries", "Taurus", "Gemini", "Cancer")
    told = [f"{sign}: {fate}." for sign, fate in zip(signs, fates, strict=True)]
    return "\n".join([f"Here is what the stars have in store for every sign of the zodiac this {day}.", *told])


def match(  # noqa: PLR0917 - the blanks of a form, in its order
    home: str, away: str, score: str, minute: str, scorer: str, place: str, points: str
) -> str:
    return f"""{home} bermain melawan {away} dengan skor akhir {score} di stadion pada pekan ini, Sabtu malam WIB.
Tuan rumah {home} langsung menekan sejak menit awal dan mendapatkan peluang pertama lewat sepak pojok.
Gol pembuka baru tercipta pada menit ke-{minute} lewat {scorer} setelah menerima umpan dari sisi kanan.
Dengan hasil ini {home} berada di posisi ke-{place} klasemen sementara dengan {points} poin dari sepuluh laga."""


def earnings(company: str, profit: str, before: str, sales: str, share: str) -> str:
    return f"""{company} reported quarterly net profit of {profit} million, against {before} million a year earlier.
Sales of {company} rose to {sales} million in the three months to the end of March, the company said in a statement.
Earnings a share came to {share} cents. The board of {company} will propose an unchanged dividend to shareholders."""


TEMPLATES = {
    "earthquake": (
        quake("4,2", "Selasa (3/3/2026)", "12.32", "Teluk Randa", "8,97 LS dan 102,62 BT", "43"),
        quake("5,1", "Rabu (4/3/2026)", "03.10", "Pulau Seruni", "2,15 LU dan 126,40 BT", "10"),
    ),
    "two earthquakes of one day": (
        quake("4,2", "Selasa (3/3/2026)", "12.32", "Teluk Randa", "8,97 LS dan 102,62 BT", "43"),
        quake("3,8", "Selasa (3/3/2026)", "15.47", "Teluk Randa", "8,90 LS dan 102,55 BT", "21"),
    ),
    "weather": (
        weather("Senin (2/3/2026)", "24 31 85", "23 30 90", "25 32 77"),
        weather("Selasa (3/3/2026)", "23 30 88", "24 31 79", "22 29 93"),
    ),
    "gold": (
        gold("Senin (2/3/2026)", "turun Rp 4.000", "1.506.000", "783.120", "14.758.800"),
        gold("Selasa (3/3/2026)", "naik Rp 11.000", "1.517.000", "788.840", "14.866.600"),
    ),
    "exchange": (
        wrap("Monday", "higher", "78.26", "5,417.31", "212.6", "193", "141"),
        wrap("Tuesday", "lower", "36.96", "5,380.35", "187.4", "102", "238"),
    ),
    "prayer times": (
        prayers("Kota Menara", "Senin, 2 Maret 2026", "04:39", "04:49", "11:41", "15:13", "17:56"),
        prayers("Kota Menara", "Selasa, 3 Maret 2026", "04:38", "04:48", "11:40", "15:12", "17:55"),
    ),
    "prayer times of two cities": (
        prayers("Kota Menara", "Senin, 2 Maret 2026", "04:39", "04:49", "11:41", "15:13", "17:56"),
        prayers("Teluk Randa", "Senin, 2 Maret 2026", "04:21", "04:31", "11:25", "14:58", "17:40"),
    ),
    "horoscope": (
        horoscope(
            "Monday",
            "say less and listen more at work today, lucky number 20",
            "love asks for honesty from you, lucky number 89",
            "money matters need a second look, lucky number 88",
            "rest before you take the next step, lucky number 57",
        ),
        horoscope(
            "Tuesday",
            "an old friend calls with good news, lucky number 7",
            "money matters need a second look, lucky number 31",
            "avoid signing anything in haste, lucky number 64",
            "someone senior notices your effort, lucky number 12",
        ),
    ),
    "match": (
        match("Garuda Utara", "Persada Menara", "4-2", "39", "Bima Saktiawan", "9", "49"),
        match("Laskar Seruni", "Mutiara Timur", "1-0", "77", "Joko Laksono", "3", "61"),
    ),
    "earnings": (
        earnings("Kalira Steel", "41.2", "37.9", "880", "12.4"),
        earnings("Benua Foods", "9.6", "11.3", "214", "3.1"),
    ),
}


@pytest.mark.parametrize("hours", [2, 26, 24 * 9])
@pytest.mark.parametrize("outlet", ["one", "two"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_with_other_figures_is_another_story(name: str, outlet: str, hours: float):
    one, other = TEMPLATES[name]
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", one))
    judgement = detector.consider(story("b", outlet, other, hours)).judgement
    assert judgement.relation in {Relation.NEW, Relation.RELATED}, judgement.why
    assert judgement.cluster == "b"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_copied_bulletin_is_a_copy(name: str):
    one, other = TEMPLATES[name]
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", one))
    detector.consider(story("b", "one", other, 1))
    judgement = detector.consider(story("c", "two", "KOTA MENARA, Dua.test - " + other, 2)).judgement
    assert (judgement.relation, judgement.of) == (Relation.COPY, "b"), judgement.why


FOLLOW_UP_ID = """Rapat antara pemerintah daerah dan perwakilan pedagang berlangsung hampir empat jam tanpa keputusan.
Sejumlah anggota dewan yang hadir meminta laporan keuangan lengkap sebelum menyetujui keringanan apa pun tahun ini.
Wakil bupati Rendra Saputra mengatakan keringanan dapat diberikan paling cepat mulai awal bulan depan bila disetujui.
Ia menolak menyebut besaran potongan karena hitungannya masih disusun oleh tim kecil yang dibentuk pekan lalu.
Pedagang yang menunggu di luar gedung sempat berorasi dan membentangkan spanduk berisi tiga tuntutan utama mereka.
Perwakilan mahasiswa ikut hadir dan menyerahkan hasil survei terhadap pendapatan harian para pemilik kios kecil.
Menurut survei itu, pendapatan rata-rata turun lebih dari separuh sejak akses jalan dialihkan ke arah hulu sungai.
Dewan berjanji menggelar rapat lanjutan dengan menghadirkan dinas teknis dan kontraktor yang memenangi lelang."""
FOLLOW_UP_EN = """Lawmakers on the island voted twelve to nine on Thursday evening to buy a second ship in two years.
The decision ends a dispute that had divided the coalition since the spring and cost a minister her post in August.
Money will come from a bond that the state bank places in the autumn, finance chief Amina Dlamini told reporters.
Opponents warned that running costs were not covered and announced that they would take the matter to the auditors.
The shipyard at Benua Timur is seen as the favourite for the order, although two foreign yards have shown interest.
A spokesman for the yard said that its docks had room from next March and that local welders would be hired first.
Supporters of the purchase celebrated outside the assembly with drums, and small boats in the bay sounded their horns.
The vote came after weeks in which the only ship on the route was under repair and tourists stayed away in numbers."""


@pytest.mark.parametrize(
    ("original", "follow_up"),
    [
        (DERMAGA, FOLLOW_UP_ID + "\n" + lines(DERMAGA, 0, 4)),
        (DERMAGA, FOLLOW_UP_ID + "\n" + lines(DERMAGA, 2)),
        (FERRY, FOLLOW_UP_EN + "\n" + lines(FERRY, 0, 3)),
        (FERRY, FOLLOW_UP_EN + "\n" + lines(FERRY, 1, 6)),
    ],
    ids=["id with the old lead", "id with most of it", "en with the old lead", "en with the middle"],
)
@pytest.mark.parametrize("outlet", ["one", "two"])
@pytest.mark.parametrize("published", [30, -30], ids=["after", "before"])
def test_a_follow_up_with_background_is_its_own_story(original: str, follow_up: str, outlet: str, published: float):
    detector = NearDuplicates(DedupSettings())
    earlier, later = story("a", "one", original), story("b", outlet, follow_up, 30)
    for given in (earlier, later) if published > 0 else (later, earlier):
        judgement = detector.consider(given).judgement
    assert judgement.relation in {Relation.NEW, Relation.RELATED}, judgement.why


def test_a_shared_quotation_makes_no_copy():
    quotation = lines(DERMAGA, 3, 4)
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", DERMAGA))
    other = "\n".join([lines(FOLLOW_UP_ID, 0, 3), quotation, lines(FOLLOW_UP_ID, 3)])
    assert detector.consider(story("b", "two", other, 2)).judgement.relation in {Relation.NEW, Relation.RELATED}


def test_an_equal_title_alone_makes_no_copy():
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("same title", "one", DERMAGA))
    assert detector.consider(story("same title!", "two", PASAR, 1)).judgement.relation is Relation.NEW


def test_furniture_of_an_outlet_ties_no_stories_together():
    teaser = lines(FERRY, 0, 6)
    detector = NearDuplicates(DedupSettings())
    for name, text in (("a", DERMAGA), ("b", FOLLOW_UP_ID), ("c", PASAR), ("d", MARKET)):
        judgement = detector.consider(story(name, "one", f"{text}\n{teaser}")).judgement
        assert judgement.relation in {Relation.NEW, Relation.RELATED}, judgement.why
    assert detector.consider(story("e", "two", PASAR, 2)).judgement.of == "c"


def test_languages_without_spaces_are_read_by_characters():
    body = "市政府周一表示位于河口的渡轮码头将关闭两周以便更换三根开裂的支柱每天约有一千二百名乘客受到影响"
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", body))
    assert detector.consider(story("b", "two", body[:32] + "他说", 1)).judgement.relation is Relation.COPY
    other = "气象部门预计本周末沿海地区将出现大风和强降雨并提醒渔民及时返港做好防范准备以免造成损失"
    assert detector.consider(story("c", "two", other, 1)).judgement.relation is Relation.NEW


def test_an_attribution_makes_a_late_copy_believable():
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "harianteluk", DERMAGA))
    cut = "Warga masih menunggu dermaga dibuka.\n" + lines(DERMAGA, 1, 4) + "\n" + lines(PASAR, 0, 4)
    days = 24 * 6
    assert detector.consider(story("b", "two", cut, days)).judgement.relation is not Relation.COPY
    credited = cut + "\nArtikel ini telah tayang di HarianTeluk.com dengan judul Dermaga Ditutup"
    assert detector.consider(story("c", "three", credited, days)).judgement.relation is Relation.COPY
    agency = replace(story("d", "four", cut, days), agencies=("Harianteluk",))
    assert detector.consider(agency).judgement.relation is Relation.COPY


def test_papers_of_one_group_reprint_within_the_week():
    detector = NearDuplicates(DedupSettings())
    detector.consider(replace(story("a", "one", DERMAGA), group="Teluk"))
    cut = "Warga masih menunggu dermaga dibuka.\n" + lines(DERMAGA, 1, 4) + "\n" + lines(PASAR, 0, 4)
    sister, stranger = story("b", "two", cut, 24 * 5), story("c", "three", cut, 24 * 5)
    assert detector.consider(stranger).judgement.relation is not Relation.COPY
    assert detector.consider(replace(sister, group="Teluk")).judgement.relation is Relation.COPY
