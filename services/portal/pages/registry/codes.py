"""The words of the registry's codes, as catalogue texts in English, and how codes stand on a page."""

from collections.abc import Iterable, Mapping
from typing import Any

from babel.dates import get_month_names
from flask import g

from services.portal.frame import _

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
