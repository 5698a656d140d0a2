"""Sets of records in which it is known who is who: the public ones, variants of them, and an invented inventory."""

import csv
import random
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from math import exp, log
from pathlib import Path

from services.registry.rules.linkage.blocking import candidate_pairs
from services.registry.rules.linkage.candidate import Candidate
from services.registry.rules.linkage.comparison import what_a_household_shares, who_she_is
from services.registry.rules.linkage.duplicates import Found, duplicates_among
from services.registry.rules.linkage.policy import Policy
from services.registry.rules.linkage.scoring import Decision
from services.registry.rules.linkage.traits import traits_of
from services.registry.rules.national_ids import dui_digit
from shared import places

Row = dict[str, str]


@dataclass(frozen=True)
class Known:
    """Records, and which positions are one person."""

    candidates: list[Candidate]
    same: set[tuple[int, int]]

    @classmethod
    def of(cls, candidates: Sequence[Candidate], person: Callable[[Candidate], str]) -> "Known":
        together = defaultdict(list)
        for position, candidate in enumerate(candidates):
            together[person(candidate)].append(position)
        return cls(list(candidates), {pair for one in together.values() for pair in combinations(one, 2)})


@dataclass(frozen=True)
class Figures:
    """What was found of what is known: all that is proposed (the same, or to be looked at), and what is merged
    without asking.
    """

    precision: float
    recall: float
    automatic: int
    automatic_precision: float
    automatic_recall: float
    found: Found

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def measure(known: Known, policy: Policy) -> Figures:
    position = {candidate.id: number for number, candidate in enumerate(known.candidates)}
    found = duplicates_among(known.candidates, policy)
    pairs = {(position[pair.one], position[pair.other]): pair.verdict.decision for pair in found.pairs}
    automatic = {pair for pair, decision in pairs.items() if decision is Decision.SAME}
    return Figures(
        precision=len(pairs.keys() & known.same) / len(pairs),
        recall=len(pairs.keys() & known.same) / len(known.same),
        automatic=len(automatic),
        automatic_precision=len(automatic & known.same) / len(automatic),
        automatic_recall=len(automatic & known.same) / len(known.same),
        found=found,
    )


# -- FEBRL ----------------------------------------------------------------------------------------------------------


def febrl_rows(folder: Path, number: int) -> list[Row]:
    with (folder / "linkage" / f"febrl_dataset{number}.csv").open(newline="") as lines:
        return list(csv.DictReader(lines, skipinitialspace=True))


def febrl(folder: Path, number: int) -> Known:
    return known_rows(febrl_rows(folder, number))


def known_rows(rows: Iterable[Row]) -> Known:
    """`rec-7-org` and `rec-7-dup-0` are one person."""
    return Known.of([febrl_candidate(row) for row in rows], lambda one: str(one.id).split("-")[1])


def febrl_candidate(row: Row) -> Candidate:
    """The columns of FEBRL as the registry would hold them; a day that cannot be is not known."""
    lines = (row["street_number"], row["address_1"], row["address_2"])
    return Candidate(
        id=row["rec_id"],
        given_names=row["given_name"],
        surnames=row["surname"],
        id_kind="soc_sec",
        id_number=row["soc_sec_id"],
        born_on=_day(row["date_of_birth"]),
        municipality=row["postcode"],
        place=row["suburb"],
        address=" ".join(line for line in lines if line),
    )


def _day(written: str) -> date | None:
    try:
        return datetime.strptime(written, "%Y%m%d").date()
    except ValueError:
        return None


def variant(folder: Path, seed: int, *, people: int = 2000, most_duplicates: int = 5, slips: int = 5) -> Known:
    """A set of the same kind with people who are in none of the three: each column drawn anew from the originals, and
    each duplicate with up to `slips` mistakes, at most two of them in one field.
    """
    chance = random.Random(seed)
    originals = [row for row in febrl_rows(folder, 2) if row["rec_id"].endswith("-org")]
    rows: list[Row] = []
    for number in range(people):
        person = {column: chance.choice(originals)[column] for column in originals[0]}
        person["soc_sec_id"] = _number(chance)
        rows.append(person | {"rec_id": f"rec-{number}-org"})
        for copy in range(chance.choice([0, 0, *range(1, most_duplicates + 1)])):
            slipped = _slipped(person, originals, chance, chance.randint(1, slips))
            rows.append(slipped | {"rec_id": f"rec-{number}-dup-{copy}"})
    chance.shuffle(rows)
    return known_rows(rows)


_COLUMNS = (
    *("given_name", "surname", "street_number", "address_1", "address_2"),
    *("suburb", "postcode", "date_of_birth", "soc_sec_id"),
)


def _slipped(person: Row, originals: Sequence[Row], chance: random.Random, slips: int) -> Row:
    row = dict(person)
    touched: list[str] = []
    for _ in range(slips):
        column = chance.choice([column for column in _COLUMNS if touched.count(column) < 2])
        touched.append(column)
        kind = chance.random()
        if kind < 0.08 and column in ("given_name", "surname"):
            row["given_name"], row["surname"] = row["surname"], row["given_name"]
        elif kind < 0.08 and column in ("address_1", "address_2"):
            row["address_1"], row["address_2"] = row["address_2"], row["address_1"]
        elif kind < 0.16 and column not in ("postcode", "soc_sec_id"):
            row[column] = ""
        elif kind < 0.26:
            row[column] = _number(chance) if column == "soc_sec_id" else chance.choice(originals)[column]
        else:
            row[column] = typed_wrongly(row[column], chance)
    return row


def _number(chance: random.Random) -> str:
    return f"{chance.randrange(10**6, 10**7)}"


def typed_wrongly(text: str, chance: random.Random) -> str:
    """One letter or digit too many, too few, another, or exchanged with its neighbour; or a space too many or too few."""
    if len(text) < 2:
        return text
    alphabet = string.digits if text.isdigit() else string.ascii_lowercase
    at = chance.randrange(len(text) - 1)
    kind = chance.choice(
        ["another", "exchanged"] if text.isdigit() else ["another", "exchanged", "more", "less", "space"]
    )
    if kind == "another":
        return text[:at] + chance.choice(alphabet) + text[at + 1 :]
    if kind == "exchanged":
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == "more":
        return text[:at] + chance.choice(alphabet) + text[at:]
    if kind == "less":
        return text[:at] + text[at + 1 :]
    return text.replace(" ", "", 1) if " " in text else text[:at] + " " + text[at:]


# -- An invented inventory ------------------------------------------------------------------------------------------


def _listed(names: str) -> list[str]:
    return names.split()


# The most common first; a name at rank r is borne by a share that falls with 1 / r, as names do.
GIVEN = _listed("""
    María Ana Rosa Marta Carmen Juana Sandra Karla Claudia Blanca Gloria Yesenia Wendy Silvia Patricia Norma Reina Glenda
    Lorena Elena Dora Sonia Mirna Vilma Delmy Xiomara Brenda Iris Flor Karen Jessica Cecilia Evelyn Griselda Berta Ingrid
    Nohemí Roxana Yolanda Irma Teresa Jacqueline Verónica Santos Digna Zoila Elvira Guadalupe Fátima Keila Heydi Sofía
    Daniela Gabriela Marleny Estela Lidia Francisca Consuelo Hilda Maritza Catalina Tomasa Petrona Candelaria Micaela
    Josefina Dominga Ester Rebeca Raquel Abigail Noelia Nidia Suyapa Olga Miriam Esperanza Luz Alba Aura Mayra Nancy
    Floridalma Odilia Amparo Ofelia Vicenta Adela Araceli Bessy Yadira Zulma Idalia Azucena Celia Eulalia
""")
SURNAMES = _listed("""
    Hernández López García Martínez Rodríguez Pérez González Ramírez Flores Cruz Rivera Gómez Mejía Reyes Vásquez Díaz
    Morales Ramos Castillo Pineda Aguilar Alvarado Chávez Portillo Orellana Guevara Romero Ayala Méndez Castro Zelaya
    Amaya Cáceres Bonilla Sánchez Lemus Escobar Henríquez Quintanilla Argueta Benítez Núñez Figueroa Funes Urbina
    Velásquez Membreño Zavala Ventura Chicas Umaña Landaverde Trejo Murillo Ordóñez Barahona Interiano Lara Caal Choc Coc
    Tzoc Xol Ixcoy Ajú Batz Tecún Quiej Sical Chub Pop Maquín Cuc Yat Ical Tiul Sub Xitumul Calel Vicente Domingo
    Baltazar Juárez Guzmán Molina Sosa Paz Turcios Banegas Oseguera Matute Sabillón Cálix Euceda Handal Claros Izaguirre
""")
COMMUNITIES = (
    *("El Centro", "La Esperanza", "San Antonio", "El Rosario", "Las Flores", "Santa Lucía", "El Carmen", "La Ceiba"),
    *("Buena Vista", "San Isidro", "El Progreso", "La Loma", "Agua Fría", "El Zapote", "Las Delicias", "Río Abajo"),
    *("Los Laureles", "El Tablón", "Monte Verde", "La Joya"),
)
KINDS = ("Tienda", "Comedor", "Pupusería", "Panadería", "Artesanías", "Tejidos", "Granja", "Sala de belleza", "Lácteos")
BUSINESS = ("La Bendición", "Doña Mary", "El Buen Precio", "Las Hermanas", "La Esperanza", "El Milagro", "Mi Sueño")


def invented(people: int, seed: int, *, again: float = 0.05, relatives: float = 0.05) -> Known:
    """An inventory of women who do not exist. Some are registered again by somebody else; some have a sister, a twin or
    a daughter in it, who shares surnames, telephone and home with them.
    """
    chance = random.Random(seed)
    codes = sorted(places.municipalities())
    sizes = [1 / (rank + 10) for rank in range(len(codes))]
    women: list[Candidate] = []
    for number in range(people):
        one = _woman(f"{number}-0", chance.choices(codes, sizes)[0], chance)
        women.append(one)
        if chance.random() < again:
            women.append(_again(one, f"{number}-1", chance))
        if chance.random() < relatives:
            women.append(_relative(one, f"{number}r-0", chance))
    chance.shuffle(women)
    return Known.of(women, lambda one: str(one.id).split("-")[0])


def _woman(identity: str, municipality: str, chance: random.Random) -> Candidate:
    surnames = _ranked(SURNAMES, chance)
    if chance.random() < 0.85:
        surnames += chance.choice([" ", " ", " ", " de "]) + _ranked(SURNAMES, chance)
    number = _dui(chance) if chance.random() < 0.8 else None
    community = chance.choice(COMMUNITIES)
    return Candidate(
        id=identity,
        given_names=_given(chance),
        surnames=surnames,
        id_kind="dui" if number else None,
        id_number=number,
        id_fingerprint=f"seal of {number}" if number else None,
        born_on=date(1950, 1, 1) + timedelta(days=chance.randrange(20_000)) if chance.random() < 0.85 else None,
        phone=f"{chance.choice('267')}{chance.randrange(10**7):07d}" if chance.random() < 0.7 else None,
        municipality=municipality,
        place=community if chance.random() < 0.8 else None,
        address=f"Barrio {community}, casa {chance.randrange(1, 300)}" if chance.random() < 0.6 else None,
        point=_point(municipality, chance) if chance.random() < 0.9 else None,
        enterprise_name=f"{chance.choice(KINDS)} {chance.choice(BUSINESS)}" if chance.random() < 0.8 else None,
    )


def _relative(one: Candidate, identity: str, chance: random.Random) -> Candidate:
    """Her sister, her twin (of the same day) or her daughter (of the same first name)."""
    number = _dui(chance) if one.id_number else None
    kind = chance.choices(["sister", "daughter", "twin"], [6, 3, 1])[0]
    years = {"sister": chance.randint(1, 9), "twin": 0, "daughter": chance.randint(17, 35)}[kind]
    other_name = next(name for name in iter(lambda: _given(chance), None) if name != one.given_names)
    return replace(
        one,
        id=identity,
        given_names=one.given_names.split()[0] if kind == "daughter" else other_name,
        id_number=number,
        id_fingerprint=f"seal of {number}" if number else None,
        born_on=one.born_on and one.born_on + timedelta(days=years * 365 + (chance.randrange(300) if years else 0)),
        enterprise_name=f"{chance.choice(KINDS)} {chance.choice(BUSINESS)}",
    )


def _again(one: Candidate, identity: str, chance: random.Random) -> Candidate:
    """The same woman as somebody else wrote her down."""
    two = replace(one, id=identity)
    if chance.random() < 0.3:
        two = replace(two, given_names=two.given_names.split()[0])
    if chance.random() < 0.3:
        two = replace(two, surnames=two.surnames.replace("z", "s").replace("v", "b").replace("ll", "y"))
    if chance.random() < 0.15:
        two = replace(two, surnames=typed_wrongly(two.surnames, chance))
    if chance.random() < 0.25:
        two = replace(two, id_kind=None, id_number=None, id_fingerprint=None)
    elif two.id_number and chance.random() < 0.08:
        number = typed_wrongly(two.id_number, chance)
        two = replace(two, id_number=number, id_fingerprint=f"seal of {number}")
    if two.born_on and chance.random() < 0.1:
        two = replace(two, born_on=two.born_on + timedelta(days=chance.choice([-9, -1, 1, 10, 365])))
    if chance.random() < 0.35:
        two = replace(two, phone=None)
    if chance.random() < 0.4:
        two = replace(two, address=None)
    if two.point:
        lon, lat = two.point
        two = replace(two, point=(lon + chance.gauss(0, 0.0003), lat + chance.gauss(0, 0.0003)))
    return two


def _given(chance: random.Random) -> str:
    name = _ranked(GIVEN, chance)
    return name + chance.choice([" ", " ", " del "]) + _ranked(GIVEN, chance) if chance.random() < 0.7 else name


def _ranked(names: Sequence[str], chance: random.Random) -> str:
    return chance.choices(names, [1 / (rank + 2) for rank in range(len(names))])[0]


def _dui(chance: random.Random) -> str:
    body = f"{chance.randrange(10**7, 7 * 10**7):08d}"
    return f"{body}{dui_digit(body)}"


def _point(municipality: str, chance: random.Random) -> tuple[float, float]:
    """Somewhere within some ten kilometres of where this municipality is taken to lie."""
    centre = random.Random(municipality)
    return centre.uniform(-92, -83) + chance.gauss(0, 0.05), centre.uniform(13, 17) + chance.gauss(0, 0.05)


# -- What the sets say of themselves --------------------------------------------------------------------------------

Outcome = tuple[str, str]


def estimated(sets: Iterable[Known], policy: Policy) -> dict[Outcome, float]:
    """m of each outcome by expectation and maximisation over the pairs that share a key, without knowing who is who.

    Source: Winkler, Using the EM Algorithm for Weight Computation in the Fellegi-Sunter Model, ASA (1988).
    """
    pairs = [outcomes for known in sets for outcomes in _outcomes(known, policy)]
    probable = [0.9 if _most_agree(outcomes) else 0.1 for outcomes in pairs]
    m: dict[Outcome, float] = {}
    for _ in range(12):
        m, u = _shares(pairs, probable), _shares(pairs, [1 - chance for chance in probable])
        prior = log(sum(probable) / (len(pairs) - sum(probable)))
        scores = (prior + sum(log(m[outcome] / u[outcome]) for outcome in outcomes) for outcomes in pairs)
        probable = [1 / (1 + exp(-max(min(score, 500), -500))) for score in scores]
    return m


def _outcomes(known: Known, policy: Policy) -> Iterable[list[Outcome]]:
    records = [traits_of(candidate) for candidate in known.candidates]
    for i, j in candidate_pairs(records, policy.limits.block_cap):
        seen = [
            *who_she_is(records[i], records[j], policy.limits),
            *what_a_household_shares(records[i], records[j], policy.limits),
        ]
        yield [(one.field, one.outcome) for one in seen]


def _most_agree(outcomes: Sequence[Outcome]) -> bool:
    """Where the estimation begins; it ends in the same place from other beginnings."""
    return sum(outcome == "equal" for _, outcome in outcomes) * 2 >= len(outcomes)


def _shares(pairs: Sequence[list[Outcome]], weights: Sequence[float]) -> dict[Outcome, float]:
    """Each outcome's share of its field, half a pair added to each so that none is impossible."""
    outcomes, fields = Counter[Outcome](), Counter[str]()
    for seen, weight in zip(pairs, weights, strict=True):
        for outcome in seen:
            outcomes[outcome] += weight
            fields[outcome[0]] += weight
    return {outcome: (count + 0.5) / (fields[outcome[0]] + 5) for outcome, count in outcomes.items()}
