"""News agencies and much-quoted media under one name each, however a page spells them."""

import re

_NAMES = {
    "Reuters": "reuters rtr",
    "AP": "ap|associated press|the associated press|ap news",
    "AFP": "afp|agence france-presse|agence france presse",
    "dpa": "dpa|deutsche presse-agentur|dpa-infocom",
    "APA": "apa|austria presse agentur",
    "SDA": "keystone-sda|sda",
    "SID": "sid|sport-informations-dienst",
    "epd": "epd|evangelischer pressedienst",
    "KNA": "kna|katholische nachrichten-agentur",
    "ANTARA": "antara|antara news|antaranews|antaranews.com|lkbn antara|kantor berita antara",
    "KCNA": "kcna|korean central news agency",
    "Yonhap": "yonhap|yonhap news agency|yonhap news",
    "Kyodo": "kyodo|kyodo news",
    "Jiji": "jiji|jiji press",
    "Xinhua": "xinhua|xinhua news agency",
    "Bernama": "bernama",
    "Anadolu": "anadolu|anadolu agency|anadolu ajansı|anadolu agentur",
    "TASS": "tass|itar-tass",
    "RIA Novosti": "ria novosti|ria",
    "Interfax": "interfax",
    "Sputnik": "sputnik|sputnik news",
    "EFE": "efe|agencia efe",
    "Europa Press": "europa press",
    "ANSA": "ansa",
    "Belga": "belga",
    "ANP": "anp",
    "TT": "tt nyhetsbyrån|tt",
    "NTB": "ntb",
    "Ritzau": "ritzau",
    "STT": "stt",
    "PAP": "pap",
    "UPI": "upi|united press international",
    "PTI": "pti|press trust of india",
    "ANI": "ani",
    "IANS": "ians",
    "IRNA": "irna",
    "WAFA": "wafa",
    "SANA": "sana",
    "PA Media": "pa media|press association",
    "The Canadian Press": "the canadian press|canadian press",
    "AAP": "aap|australian associated press",
    "VOA": "voa|voice of america|voa indonesia",
    "Deutsche Welle": "dw|deutsche welle",
    "BBC": "bbc|bbc news|bbc indonesia|bbc sport",
    "CNN": "cnn|cnn international|cnn internasional",
    "CNN Indonesia": "cnn indonesia|cnnindonesia.com",
    "CNBC": "cnbc|cnbc international",
    "CNBC Indonesia": "cnbc indonesia|cnbcindonesia.com",
    "Channel News Asia": "channel news asia|channelnewsasia|cna|channelnewsasia.com",
    "Al Jazeera": "al jazeera|aljazeera|aljazeera.com",
    "Bloomberg": "bloomberg|bloomberg news",
    "The New York Times": "the new york times|new york times|nytimes",
    "The Washington Post": "the washington post|washington post",
    "The Wall Street Journal": "the wall street journal|wall street journal|wsj",
    "The Guardian": "the guardian|guardian",
    "Financial Times": "financial times|ft",
    "The Straits Times": "the straits times|straits times",
    "South China Morning Post": "south china morning post|scmp",
    "Nikkei": "nikkei|nikkei asia",
    "NHK": "nhk|nhk world",
    "The Korea Herald": "the korea herald|korea herald",
    "The Korea Times": "the korea times|korea times",
    "Global Times": "global times",
    "The Times of Israel": "the times of israel|times of israel",
    "The Jerusalem Post": "the jerusalem post|jerusalem post",
    "Middle East Eye": "middle east eye",
    "Press TV": "press tv",
    "Fox News": "fox news",
    "NBC News": "nbc news|nbc",
    "CBS News": "cbs news|cbs",
    "ABC News": "abc news",
    "Sky News": "sky news",
    "Sky Sports": "sky sports",
    "ESPN": "espn",
    "Marca": "marca",
    "Daily Mail": "daily mail|dailymail|daily mail online",
    "The Sun": "the sun",
    "The Independent": "the independent|independent",
    "The Telegraph": "the telegraph|telegraph",
    "Kompas": "kompas|kompas.com",
    "Tempo": "tempo|tempo.co",
    "detik": "detik|detikcom|detik.com",
    "Liputan6": "liputan6|liputan6.com",
    "Tribunnews": "tribunnews|tribunnews.com",
    "Tribun": "tribun",
    "Der Spiegel": "der spiegel|spiegel",
    "Le Monde": "le monde",
    "El País": "el país|el pais",
    "El Mundo": "el mundo",
}

AGENCIES = frozenset({
    "Reuters", "AP", "AFP", "dpa", "APA", "SDA", "SID", "epd", "KNA", "ANTARA", "KCNA", "Yonhap", "Kyodo", "Jiji",
    "Xinhua", "Bernama", "Anadolu", "TASS", "RIA Novosti", "Interfax", "EFE", "Europa Press", "ANSA", "Belga", "ANP",
    "TT", "NTB", "Ritzau", "STT", "PAP", "UPI", "PTI", "ANI", "IANS", "IRNA", "WAFA", "SANA", "PA Media",
    "The Canadian Press", "AAP",
})  # fmt: skip
"""Those that supply copy to other publishers, by the name used here."""

_BY_SPELLING = {spelling: name for name, spellings in _NAMES.items() for spelling in spellings.split("|") if spelling}
_BY_SPELLING["reuters"] = _BY_SPELLING["rtr"] = "Reuters"
del _BY_SPELLING["reuters rtr"]

_LEAD = re.compile(
    r"^(?:kantor berita|media pemerintah|nachrichtenagentur|news agency|agence(?= \w)|agencia(?= \w)|the agency)\s{1,3}",
    re.IGNORECASE,
)


def agency_named(text: str) -> str | None:
    """The one name of the agency or medium that the text spells, or None when it spells no known one."""
    spelled = " ".join(text.split()).strip(" .,;:()[]\"'“”„‘’").casefold()
    return _BY_SPELLING.get(spelled) or _BY_SPELLING.get(_LEAD.sub("", spelled))


def spellings() -> tuple[str, ...]:
    """Every known spelling in lower case, the longest first."""
    return tuple(sorted(_BY_SPELLING, key=len, reverse=True))
