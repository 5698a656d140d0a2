"""What the pages of the inventory share: who reads, who writes, and the words of its codes."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from babel.dates import get_month_names
from flask import Blueprint, g, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, me
from shared import places

blueprint = Blueprint("pages_registry", __name__, url_prefix="/registry")

READERS = ("technician", "coordinator", "network_coordinator", "auditor", "credit_officer", "leda_viewer", "trainer")
EDITORS = ("technician", "coordinator")
IMPORTERS = (*EDITORS, "network_coordinator")
CHANGED_MEANWHILE = 412
OVERSEERS = (*EDITORS, "network_coordinator", "auditor")

CHAINS = {
    "coffee": "Coffee",
    "textiles": "Textiles and clothing",
    "vegetables": "Vegetables and fruit",
    "basic_grains": "Basic grains",
    "dairy": "Dairy",
    "honey": "Honey and beekeeping",
    "fishing": "Fishing and aquaculture",
    "cashew": "Cashew",
    "crafts": "Crafts",
    "tourism": "Tourism",
    "food_processing": "Food processing",
    "personal_care": "Beauty and personal care",
    "retail": "Retail",
    "services": "Services",
    "other": "Other activities",
}
LINKS = {
    "inputs": "Inputs",
    "production": "Production",
    "processing": "Processing",
    "marketing": "Marketing",
    "support_services": "Support services",
}
NEEDS = {
    "credit": "Credit",
    "market": "Access to markets",
    "quality": "Quality and certification",
    "training": "Skills training",
    "formalization": "Formalization",
}
PLACES = {
    "consistent": ("Place confirmed", "good"),
    "contradicted": ("Place contradicted", "bad"),
    "missing": ("Without point", "warn"),
    "pending": ("Place being checked", ""),
}
TIERS = {"strategic": ("Strategic", "good"), "emerging": ("Emerging", "accent")}
VALIDATION = {
    "captured": ("Captured", ""),
    "verified": ("Verified", "accent"),
    "validated": ("Validated", "good"),
    "rejected": ("Rejected", "bad"),
    "stale": ("To be renewed", "warn"),
}
SITES = {"home": "At home", "shop": "Shop", "mobile": "Itinerant", "farm": "Plot of land"}
ACTIVITIES = {
    "A": "A Agriculture, fishing",
    "C": "C Manufacture",
    "G": "G Trade",
    "H": "H Transport",
    "I": "I Lodging and food",
    "N": "N Support services",
    "P": "P Education",
    "Q": "Q Health and care",
    "R": "R Arts and recreation",
    "S": "S Other services",
}
PEOPLES = {
    "maya": "Maya",
    "garifuna": "Garífuna",
    "xinka": "Xinka",
    "lenca": "Lenca",
    "miskito": "Miskito",
    "tawahka": "Tawahka",
    "pech": "Pech",
    "tolupan": "Tolupán",
    "chorti": "Maya Chorti",
    "nahua": "Nahua or Pipil",
    "kakawira": "Kakawira",
    "afro": "Afro-descendant",
    "mestiza": "Mestiza or ladina",
    "otro": "Another people",
}
DOCUMENTS = {"dui": "DUI (El Salvador)", "dpi": "DPI (Guatemala)", "dni": "DNI (Honduras)"}
CONSENTS = {
    "registry": "To be in the inventory",
    "credit": "To share her record for credit",
    "map": "To appear in public maps, added up with others",
    "photos": "To use photographs",
}
CHANNELS = {"field_form": "Field form", "office": "At the centre", "phone": "By telephone", "letter": "By letter"}
SCHOOLING = {
    "none": "No schooling",
    "primary_begun": "Primary school, not finished",
    "primary": "Primary school",
    "basic": "Basic cycle",
    "secondary": "Secondary school",
    "technical": "Technical training",
    "university": "University",
}
DIFFICULTIES = {
    "seeing": "Seeing, even with glasses",
    "hearing": "Hearing, even with a hearing aid",
    "walking": "Walking or climbing steps",
    "remembering": "Remembering or concentrating",
    "self_care": "Washing or dressing herself",
    "communicating": "Understanding or being understood",
}
DEGREES = {
    "none": "No difficulty",
    "some": "Some difficulty",
    "a_lot": "A lot of difficulty",
    "cannot": "She cannot do it",
}
OWNERSHIPS = {"individual": "Individual", "group": "Group", "cooperative": "Cooperative"}
PERIODS = {"month": "A month", "year": "A year"}
MARKETS = {
    "own_community": "Her own community",
    "municipality": "The municipality",
    "department": "The department",
    "country": "The country",
    "export": "Abroad",
}
ASSETS = {
    "land": "Land",
    "building": "Building or premises",
    "vehicle": "Vehicle",
    "machinery": "Machinery",
    "tools": "Tools",
    "animals": "Animals",
    "stock": "Stock",
    "other": "Something else",
}
SIDES = {"supplier": "Supplier", "buyer": "Buyer"}
PARTNERS = {
    "enterprise": "Another enterprise",
    "cooperative": "Cooperative",
    "intermediary": "Middleman",
    "shop": "A shop",
    "institution": "Institution",
    "consumers": "Consumers",
    "other": "Somebody else",
}
STEPS = {
    "tax_id": "Tax number",
    "municipal_licence": "Municipal licence",
    "sanitary_registration": "Sanitary registration",
    "trademark": "Trademark",
}
STEP_STATES = {
    "none": ("Not begun", ""),
    "under_way": ("Under way", "accent"),
    "done": ("Done", "good"),
    "not_needed": ("Not needed", ""),
}
PHASES = {
    "idea": "Idea",
    "planning": "Planning",
    "financing": "Financing",
    "implementation": "Implementation",
    "consolidation": "Consolidation",
}
PURPOSES = {
    "check_investment": "See the investment made",
    "first_month": "First month of the loan",
    "mid_term": "Half of the way",
    "progress": "Progress of the project",
    "closing": "Close and look ahead",
    "market_contacts": "Contacts with buyers",
    "fair_preparation": "Prepare a fair",
    "quality_diagnosis": "Look at quality",
    "quality_follow_up": "Quality, second look",
    "training_link": "Bring her to a training group",
    "formalization_steps": "Steps to formalize",
    "formalization_follow_up": "Formalization, second look",
    "accounts_review": "Go through the accounts",
    "arrears": "An instalment is overdue",
    "other": "Another matter",
}
ACTIONS = {
    "register": "Written into the inventory",
    "change": "Record changed",
    "import": "Changed by an import",
    "undo-import": "An import was undone",
    "settle-place": "Place checked",
    "consent": "Consent",
    "withdraw": "Withdrawn",
    "confirm-document": "Document confirmed",
    "add-owner": "One more owner",
    "remove-owner": "One owner less",
    "formalization": "Step of formalization",
    "merge": "Merged with another record",
    "unmerge": "A merge was undone",
    "profile": "Profiled",
    "profile-file": "Evidence of the profile",
    "validation": "Checked",
    "grow-stale": "Its check grew too old",
}
CASE_STEPS = {
    "opened": "Opened",
    "moved": "Moved to this phase",
    "assigned": "Given to",
    "closed": "Closed",
}
_NATIONAL = 8
_FEW = 120


def said(words: Mapping[str, Any], code: str | None) -> str:
    """The word of a code in the reader's language."""
    if not code:
        return ""
    word = words.get(code, code)
    return _(word[0] if isinstance(word, tuple) else word)


def choices(words: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Codes with their words, for a select."""
    return [(code, said(words, code)) for code in words]


def listed(words: Mapping[str, Any], codes: Iterable[str]) -> str:
    return ", ".join(said(words, code) for code in codes)


def telephone(number: str | None) -> str:
    """A number of the three countries as people read it out: +504 9876-5432."""
    if not number or not number.startswith(("+502", "+503", "+504")) or len(number) != len("+504") + _NATIONAL:
        return number or ""
    return f"{number[:4]} {number[4:8]}-{number[8:]}"


def months() -> list[tuple[str, str]]:
    """The months with their names in the reader's language."""
    names = get_month_names("abbreviated", locale=g.language)
    return [(str(month), names[month]) for month in range(1, 13)]


def month_names(numbers: Iterable[int]) -> str:
    return ", ".join(dict(months())[str(month)] for month in numbers)


def my_municipalities() -> list[str]:
    """The codes of the municipalities she works in, when they are few enough for a list."""
    scope = me().scope
    mine = sorted(code for code in places.municipalities() if scope.covers(code))
    return mine if len(mine) <= _FEW else []


def place_choices() -> list[tuple[str, Any]]:
    """Places to filter by: the municipalities of her territory by department, or the departments where it is wide."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code in my_municipalities():
        groups.setdefault(places.full_name(code).partition(", ")[2], []).append((code, places.name_of(code)))
    if not groups:
        scope = me().scope
        departments = sorted(code for code in places.names() if len(code) == 4)
        for code in departments:
            if scope.covers(code) or any(unit.startswith(code) for unit in scope.units):
                groups.setdefault(places.name_of(code[:2]), []).append((code, places.name_of(code)))
    return list(groups.items())


def division_choices() -> list[tuple[str, str]]:
    """El Salvador's municipalities since 2024 in which she works."""
    mine = {of.code: of.name for district, of in places.divisions_2024().items() if me().scope.covers(district)}
    return sorted(mine.items(), key=lambda item: item[1])


def municipality_named(text: str) -> str:
    """The code of what she typed: a code, or a name with its department; the text itself when it is neither."""
    written = text.strip()
    if written.upper() in places.municipalities():
        return written.upper()
    wanted = _plain(written)
    found = [
        code
        for code in places.municipalities()
        if wanted in {_plain(places.full_name(code)), _plain(places.name_of(code))}
    ]
    mine = [code for code in found if me().scope.covers(code)] or found
    return mine[0] if len(mine) == 1 else written


def unit_named(text: str) -> str:
    """The code of a country, department or municipality that she typed by name."""
    same = [code for code, name in places.names().items() if len(code) < 6 and name.casefold() == text.casefold()]
    return text.upper() if text.upper() in places.names() else (same or [municipality_named(text)])[0]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).replace(",", " ").split())


def records_named(q: str) -> list[dict[str, Any]] | None:
    """The first records that a name finds; None while nothing is asked."""
    return api("registry").get("/enterprises", {"q": q[:100], "limit": 20}).rows if q else None


def of_its_lines(problem: Problem) -> dict[str, str]:
    """What is wrong with one municipality belongs to the field they are all written in."""
    names = [str(error.get("pointer", "")).strip("/").replace("/", "-") for error in problem.errors]
    return {name: "municipalities" for name in names if name.startswith("municipalities")}


def over(found: Mapping[str, Any], form: Form) -> Form:
    """What she typed, over the record as it is now: sent again, it replaces what she was shown."""
    shown = Form(request.form.to_dict(flat=False) | {"version": found["version"]})
    shown.errors.update(form.errors)
    return shown


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this area say codes with."""
    person = g.get("me")
    return {
        "said": said,
        "listed": listed,
        "full_name": places.full_name,
        "CHAINS": CHAINS,
        "LINKS": LINKS,
        "NEEDS": NEEDS,
        "PLACES": PLACES,
        "VALIDATION": VALIDATION,
        "SITES": SITES,
        "ACTIVITIES": ACTIVITIES,
        "PEOPLES": PEOPLES,
        "DOCUMENTS": DOCUMENTS,
        "CONSENTS": CONSENTS,
        "CHANNELS": CHANNELS,
        "SCHOOLING": SCHOOLING,
        "DIFFICULTIES": DIFFICULTIES,
        "DEGREES": DEGREES,
        "telephone": telephone,
        "months": months,
        "month_names": month_names,
        "OWNERSHIPS": OWNERSHIPS,
        "PERIODS": PERIODS,
        "MARKETS": MARKETS,
        "ASSETS": ASSETS,
        "SIDES": SIDES,
        "PARTNERS": PARTNERS,
        "STEPS": STEPS,
        "STEP_STATES": STEP_STATES,
        "PHASES": PHASES,
        "PURPOSES": PURPOSES,
        "CASE_STEPS": CASE_STEPS,
        "ACTIONS": ACTIONS,
        "may_read": person is not None and person.has(*READERS),
        "may_edit": person is not None and person.has(*EDITORS),
        "may_import": person is not None and person.has(*IMPORTERS),
        "may_oversee": person is not None and person.has(*OVERSEERS),
    }
