"""The data the registry's bench needs: an inventory of invented women, and Honduras' directory as records."""

import csv
import gzip
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from services.registry.intake import form
from services.registry.intake.template import HEADERS
from services.registry.rules.national_ids import cui_digit, dui_digit
from services.territory.reference import Municipality, municipalities

DIRECTORY = Path("establishments_hn") / "hnd_dee_2024_counts_muni_ciiu4_size.csv.gz"
"""The same 288,724 establishments as the parquet file beside it, counted by municipality, class and size."""

_GIVEN = [f"{one} {two}" for one in ("Rosa", "María", "Ana", "Juana", "Marta", "Elena") for two in
          ("Ficticia", "Inventada", "Supuesta", "Imaginaria", "Fingida", "De Prueba")]  # fmt: skip
_SURNAMES = ("Ejemplar", "Muestra", "Ensayo", "Modelo", "Prueba", "Banco", "Medida", "Cifra", "Tabla", "Figura")
_TRADES = (
    ("Tortillería", "C", (("tortillas", "docena", 15), ("tamales", "unidad", 12))),
    ("Quesería", "C", (("queso fresco", "libra", 60), ("crema", "litro", 45), ("requesón", "libra", 40))),
    ("Café", "A", (("café molido", "libra", 80),)),
    ("Hortalizas", "A", (("tomate", "caja", 300), ("chile dulce", "caja", 280))),
    ("Pulpería", "G", ()),
    ("Comedor", "I", (("almuerzo", "plato", 70),)),
    ("Sastrería", "C", (("uniformes", "pieza", 350), ("bordados", "pieza", 120))),
    ("Salón de belleza", "S", (("corte", "servicio", 60),)),
)
_EPOCH = date(2026, 3, 1)


def write_inventory(path: Path, rows: int, seed: int = 20261122) -> None:
    """The template filled in with `rows` invented women, the same ones each time; what is wrong with them is what is
    wrong in the real export, as often: 8 % without a point, 8 % in another municipality, 33 % inaccurate, 2 % with a
    wrong check digit.
    """
    dice = random.Random(seed)
    known = [one for code, one in sorted(municipalities().items()) if code[:2] in {"GT", "SV", "HN"}]
    with path.open("w", encoding="utf-8-sig", newline="") as lines:
        out = csv.writer(lines, delimiter=";", lineterminator="\r\n")
        out.writerow(HEADERS)
        out.writerows(_row(dice, number, known) for number in range(rows))


def _row(dice: random.Random, number: int, known: list[Municipality]) -> list[object]:
    place = dice.choice(known)
    trade, sector, products = dice.choice(_TRADES)
    kind, document = _document(dice, place)
    born = date(1950, 1, 1) + timedelta(days=dice.randrange(20_000))
    given, surnames = dice.choice(_GIVEN), f"{dice.choice(_SURNAMES)} {dice.choice(_SURNAMES)}"
    point = _point(dice, place, known)
    answers = [
        f"uuid:{UUID(int=dice.getrandbits(128), version=4)}",
        (_EPOCH - timedelta(days=dice.randrange(200))).isoformat(),
        "Sí", dice.choice(("Sí", "No")), dice.choice(("Sí", "No")),
        given, surnames, kind, document, born.isoformat(), _phone(dice, place.country),
        dice.choice(("", "maya", "lenca", "mestiza")),
        f"{trade} {given.split()[0]} {number}", place.country, place.code[:4], place.code, *point,
        dice.choice(("vivienda", "local", "ambulante", "parcela")), sector,
        " ".join(dice.sample(form.LINKS.codes, dice.randint(1, 3))), dice.randint(1980, 2025),
        dice.randint(1, 6), dice.randint(0, 3), dice.choice(("", dice.randint(500, 60_000))),
        dice.choice(("Sí", "No")), " ".join(dice.sample(form.NEEDS.codes, dice.randint(1, 3))),
    ]  # fmt: skip
    offered = [cell for product in products for cell in product]
    return answers + offered + [""] * (len(HEADERS) - len(answers) - len(offered))


def _point(dice: random.Random, place: Municipality, known: list[Municipality]) -> list[object]:
    fate = dice.random()
    if fate < 0.08:
        return ["", "", ""]
    where = dice.choice(known) if fate < 0.16 else place
    near = 0.15 * (where.area_km2**0.5) / 111
    lat = round(where.lat + dice.uniform(-near, near), 6)
    lon = round(where.lon + dice.uniform(-near, near), 6)
    return [lat, lon, round(dice.uniform(26, 120) if dice.random() < 0.33 else dice.uniform(2, 24), 1)]


def _document(dice: random.Random, place: Municipality) -> tuple[str, str]:
    """A number that is right in its country; of fifty one has another check digit."""
    wrong = dice.random() < 0.02
    eight = f"{dice.randrange(10**8):08d}"
    if place.country == "SV":
        return "dui", eight + str((dui_digit(eight + "0") + wrong) % 10)
    if place.country == "GT":
        while cui_digit(eight) > 8:
            eight = f"{dice.randrange(10**8):08d}"
        return "dpi", f"{eight}{cui_digit(eight) + wrong}{place.code[2:]}"
    return "dni", f"{place.code[2:]}{dice.randint(1940, 2007)}{dice.randrange(10**5):05d}"


def _phone(dice: random.Random, country: str) -> str:
    return {"GT": "5", "SV": "7", "HN": "9"}[country] + f"{dice.randrange(10**7):07d}"


def establishments(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Municipality, class of CIIU Rev. 4 and size of each establishment of Honduras' directory of 2024."""
    with gzip.open(folder / DIRECTORY, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            one = (f"HN{row['cod_muni_4'].zfill(4)}", row["ciiu4"].zfill(4), row["tipo_de_empresa"].strip())
            yield from [one] * int(row["n"])
