"""Pages and stories written for these tests."""

PARAGRAPHS = (
    (
        "Pemerintah Kota Bandung mulai menata ulang jalur pedestrian di kawasan Braga pada awal pekan ini "
        "agar pejalan kaki lebih leluasa."
    ),
    (
        "Pekerjaan dilakukan bertahap dari ujung utara dan ditargetkan rampung sebelum musim liburan akhir tahun, "
        "kata kepala dinas setempat."
    ),
    (
        "Sejumlah pedagang mengaku mendukung penataan itu asalkan lapak mereka mendapat tempat pengganti "
        "yang layak dan mudah dijangkau pembeli."
    ),
    (
        "Warga sekitar berharap trotoar baru dilengkapi lampu penerangan serta bangku agar kawasan tersebut "
        "tetap ramai pada malam hari."
    ),
)


def article(title: str = "Trotoar Braga Ditata Ulang", paragraphs: tuple[str, ...] = PARAGRAPHS) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html lang='id'><head><title>{title} - Koran Kota</title><meta property='og:title' content='{title}'>"
        "<meta property='og:site_name' content='Koran Kota'>"
        "<meta property='article:published_time' content='2026-03-01T08:30:00+07:00'></head>"
        f"<body><article><h1>{title}</h1><p>Baca Juga</p>{body}</article></body></html>"
    )
