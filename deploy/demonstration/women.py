"""Evidently invented women and enterprises around the Gulf of Fonseca; nobody here exists."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path(__file__).parents[2] / "services" / "territory" / "reference" / "municipalities.csv"

GIVEN = (
    "Azucena", "Begonia", "Camelia", "Dalia", "Estrella", "Flor", "Gardenia", "Hortensia", "Iris", "Jazmín",
    "Lluvia", "Margarita", "Nieves", "Orquídea", "Perla", "Rocío", "Sol", "Turquesa", "Violeta", "Zafiro",
)  # fmt: skip
SURNAMES = ("Ejemplo", "Ficticia", "Imaginaria", "Inventada", "Modelo", "Muestra", "Prueba", "Supuesta")

# Valle, part of Choluteca, and La Unión: the three shores of the Gulf.
PLACES = (
    *("HN1701", "HN1702", "HN1703", "HN1706", "HN1707", "HN1709", "HN0601", "HN0607", "HN0609"),
    *("SV0704", "SV0708", "SV0712", "SV0716"),
)


@dataclass(frozen=True)
class Trade:
    """One kind of enterprise: its chain, what it is called, its activity and products with their prices."""

    chain: str
    told: str
    activity: str
    links: tuple[str, ...]
    products: tuple[tuple[str, str, int], ...]
    weight: int


TRADES = (
    Trade("fishing", "Mariscos", "A", ("production", "marketing"),
          (("curiles", "docena", 60), ("camarón", "libra", 95)), 5),
    Trade("cashew", "Marañón", "C", ("processing",), (("semilla de marañón", "libra", 140),), 4),
    Trade("food_processing", "Tamales", "I", ("processing", "marketing"),
          (("tamales", "unidad", 20), ("pan dulce", "unidad", 8)), 6),
    Trade("dairy", "Quesos", "C", ("processing", "marketing"),
          (("queso", "libra", 70), ("quesillo", "libra", 85)), 4),
    Trade("basic_grains", "Granos", "A", ("production",), (("maíz", "quintal", 520), ("frijol", "libra", 22)), 3),
    Trade("honey", "Miel", "A", ("production", "processing"), (("miel", "botella", 150),), 2),
    Trade("textiles", "Costura", "C", ("processing", "marketing"), (("uniformes", "unidad", 380),), 3),
    Trade("crafts", "Artesanías", "C", ("production", "marketing"),
          (("hamacas", "unidad", 650), ("loza", "unidad", 120)), 3),
    Trade("personal_care", "Jabones", "C", ("processing",), (("jabón", "unidad", 25),), 2),
    Trade("retail", "Pulpería", "G", ("marketing",), (("abarrotes", "unidad", 30),), 3),
    Trade("tourism", "Comedor", "I", ("support_services", "marketing"), (("almuerzos", "unidad", 110),), 2),
)  # fmt: skip

NEEDS = (("credit", 6), ("market", 7), ("quality", 4), ("training", 5), ("formalization", 4))


@dataclass(frozen=True)
class Invented:
    """One invented enterprise and its owner."""

    number: int
    given_names: str
    surnames: str
    born: int
    phone: str
    business: str
    municipality: str
    lon: float | None
    lat: float | None
    accuracy_m: float
    trade: Trade
    needs: tuple[str, ...]
    women: int
    men: int
    home_based: bool
    formal: bool
    started: int
    sales_minor: int
    shares_with_committee: bool
    on_public_map: bool

    @property
    def country(self) -> str:
        return self.municipality[:2]


def invent(count: int, seed: int = 17) -> Iterator[Invented]:
    """`count` enterprises, always the same ones."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    centroids = _centroids()
    for number in range(1, count + 1):
        trade = chance.choices(TRADES, [trade.weight for trade in TRADES])[0]
        municipality = chance.choices(PLACES, [9 - index % 5 for index in range(len(PLACES))])[0]
        lon, lat, radius = centroids[municipality]
        located = chance.random() > 0.06
        name = chance.choice(GIVEN)
        yield Invented(
            number=number,
            given_names=name,
            surnames=" ".join(chance.sample(SURNAMES, 2)),
            born=chance.randint(1956, 2004),
            phone=str(chance.randint(20000000, 79999999)),
            business=f"{trade.told} {name} N.º {number}",
            municipality=municipality,
            lon=round(lon + chance.uniform(-0.4, 0.4) * radius, 6) if located else None,
            lat=round(lat + chance.uniform(-0.4, 0.4) * radius, 6) if located else None,
            accuracy_m=round(chance.choice((4.0, 6.5, 9.0, 14.0, 32.0)), 1),
            trade=trade,
            needs=tuple(need for need, weight in NEEDS if chance.random() < weight / 12) or ("training",),
            women=chance.choice((1, 1, 1, 2, 2, 3, 5)),
            men=chance.choice((0, 0, 0, 1, 1, 2)),
            home_based=chance.random() < 0.55,
            formal=chance.random() < 0.3,
            started=chance.randint(1998, 2025),
            sales_minor=chance.randint(1_500, 24_000) * 100,
            shares_with_committee=chance.random() < 0.85,
            on_public_map=chance.random() < 0.7,
        )


def _centroids() -> dict[str, tuple[float, float, float]]:
    """Longitude, latitude and equivalent radius in degrees of each municipality of the demonstration."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    return {
        code: (
            float(rows[code]["lon"]),
            float(rows[code]["lat"]),
            (float(rows[code]["area_km2"]) / 3.14159) ** 0.5 / 111,
        )
        for code in PLACES
    }
