"""Month names and zone abbreviations, as news pages of many languages write them."""

_MONTHS_BY_NUMBER = (
    "jan january januari januar janvier enero gennaio janeiro janv ene gen jän jänner stycznia tammikuuta ocak января"
    " січня januara leden ledna ιανουαρίου januára ianuarie január tháng1 januarja siječnja",
    "feb february februari februar février febrero febbraio fevereiro févr fevr pebruari feber peb lutego helmikuuta"
    " şubat февраля лютого února februarie február veljače fev",
    "mar march maret maart märz mars marzo março mär mrz mrt marca maaliskuuta mart марта березня března martie"
    " március ožujka",
    "apr april avril abril aprile avr abr kwietnia huhtikuuta nisan апреля квітня dubna aprilie április travnja",
    "may mei mai mayo maggio maio maj mag maja toukokuuta mayıs мая травня května május svibnja kei",
    "jun june juni juin junio giugno junho giu czerwca kesäkuuta haziran июня червня června iunie június lipnja",
    "jul july juli juillet julio luglio julho juil lug lipca heinäkuuta temmuz июля липня července iulie július srpnja",
    "aug august agustus augustus août agosto agt ags agust ago agu augusti sierpnia elokuuta ağustos августа серпня"
    " srpna augusztus kolovoza aoû",
    "sep september septembre septiembre settembre setembro sept set sett września syyskuuta eylül сентября вересня"
    " září szeptember rujna septembrie",
    "oct october oktober octobre octubre ottobre outubro okt ott out października lokakuuta ekim октября жовтня"
    " října október octombrie",
    "nov november novembre noviembre novembro nop nopember marraskuuta kasım ноября листопада"
    " listopada listopadu studenoga noiembrie",
    "dec december desember dezember décembre diciembre dicembre dezembro des dez déc dic dis grudnia joulukuuta aralık"
    " декабря грудня prosince prosinca decembrie",
)

MONTHS = {word: number for number, words in enumerate(_MONTHS_BY_NUMBER, 1) for word in words.split()}
"""Month number by name or abbreviation in lower case, without a full stop.

`listopada` is November in Polish and October in Croatian; it is read as the Polish word.
"""

ZONES = {
    "Z": 0,
    "UTC": 0,
    "GMT": 0,
    "WET": 0,
    "WEST": 60,
    "BST": 60,
    "CET": 60,
    "MEZ": 60,
    "CEST": 120,
    "MESZ": 120,
    "EET": 120,
    "EEST": 180,
    "MSK": 180,
    "SAST": 120,
    "CAT": 120,
    "EAT": 180,
    "WAT": 60,
    "PKT": 300,
    "WIB": 420,
    "WITA": 480,
    "WIT": 540,
    "SGT": 480,
    "MYT": 480,
    "HKT": 480,
    "PHT": 480,
    "JST": 540,
    "KST": 540,
    "AEST": 600,
    "AEDT": 660,
    "NZST": 720,
    "NZDT": 780,
    "EST": -300,
    "EDT": -240,
    "CDT": -300,
    "MDT": -360,
    "PST": -480,
    "PDT": -420,
}
"""Minutes east of Greenwich by abbreviation; those with more than one meaning in the press (IST, CST, MST) are left
out.
"""
