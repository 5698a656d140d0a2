"""Amounts as people read them: with their decimals, and in words on what is signed."""

CURRENCIES = {
    "es": {"GTQ": ("quetzal", "quetzales"), "USD": ("dólar", "dólares"), "HNL": ("lempira", "lempiras")},
    "en": {"GTQ": ("quetzal", "quetzales"), "USD": ("dollar", "dollars"), "HNL": ("lempira", "lempiras")},
}
_ES_TO_29 = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
]
_ES_TENS = ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
_ES_HUNDREDS = [
    "-",
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
]
_EN_TO_19 = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def shown(cents: int) -> str:
    """125000 -> "1250.00"."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def in_words(cents: int, currency: str, language: str = "es") -> str:
    """The amount as a contract writes it: "mil doscientos cincuenta lempiras con 00/100"; up to 999,999,999,999."""
    whole, rest = divmod(cents, 100)
    one, many = CURRENCIES[language][currency]
    name = one if whole == 1 else many
    if language == "en":
        return f"{_english(whole)} {name} and {rest:02d}/100"
    of = "de " if whole >= 10**6 and whole % 10**6 == 0 else ""
    return f"{_shortened(_spanish(whole))} {of}{name} con {rest:02d}/100"


def _spanish(number: int) -> str:
    if number >= 10**6:
        millions, rest = divmod(number, 10**6)
        head = "un millón" if millions == 1 else f"{_shortened(_spanish(millions))} millones"
        return f"{head} {_spanish(rest)}" if rest else head
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        head = "mil" if thousands == 1 else f"{_shortened(_spanish(thousands))} mil"
        return f"{head} {_spanish(rest)}" if rest else head
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        if number == 100:
            return "cien"
        return f"{_ES_HUNDREDS[hundreds]} {_spanish(rest)}" if rest else _ES_HUNDREDS[hundreds]
    if number < 30:
        return _ES_TO_29[number]
    tens, ones = divmod(number, 10)
    return f"{_ES_TENS[tens]} y {_ES_TO_29[ones]}" if ones else _ES_TENS[tens]


def _shortened(words: str) -> str:
    """Before a noun "uno" loses its ending: veintiún mil, treinta y un quetzales."""
    if words.endswith("veintiuno"):
        return f"{words.removesuffix('veintiuno')}veintiún"
    return f"{words.removesuffix('uno')}un" if words.endswith("uno") else words


def _english(number: int) -> str:
    for size, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            count, rest = divmod(number, size)
            head = f"{_english(count)} {name}"
            return f"{head} {_english(rest)}" if rest else head
    if number < 20:
        return _EN_TO_19[number]
    tens, ones = divmod(number, 10)
    return f"{_EN_TENS[tens]}-{_EN_TO_19[ones]}" if ones else _EN_TENS[tens]
