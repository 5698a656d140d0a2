"""The filters of the inventory as they are asked for."""

from services.registry.queries.enterprises import SORTS
from services.registry.rules import inventory
from services.registry.rules.sales import BANDS
from shared.events import vocabulary
from shared.web import Query, fields

_PLACE = r"[A-Z]{2}([0-9]{2}([0-9]{2})?)?"
_DIVISION = r"SV[0-9]{2}-[A-Z]{3,6}"
_ACTIVITY = r"[A-U]|[0-9]{4}"
_STANDINGS = ("none", "open")
_MOST = 40


def _any(field: object) -> fields.List:
    """Several values with commas between them; any of them is meant."""
    return fields.List(field, maximum=_MOST, minimum=1)


class FilterQuery(Query):
    """Filters of the inventory. A list is written with commas, and any of its values is meant: `chain=dairy,honey`;
    different filters have to be met together. `municipality` may name countries and departments too, `division_2024`
    those of El Salvador's 44 municipalities since 2024, whose districts those of before are; `activity` sections or
    classes of CIIU Rev. 4; `technician` is `me`, `nobody`, or the subject of an account, whose open accompaniments are
    meant. `taken_back` are, for the technical team, those whose owner does not agree any more and who wait to be
    erased, instead of all the others. `q` finds by words of names and products as they are written or sound, by the
    name of a place at its end, by a telephone or its last digits, and by the whole number of a document.
    """

    municipality = _any(fields.String(maximum=6, pattern=_PLACE))
    division_2024 = _any(fields.String(maximum=12, pattern=_DIVISION))
    centre = _any(fields.Id())
    chain = _any(fields.Code(vocabulary.CHAINS))
    activity = _any(fields.String(maximum=4, pattern=_ACTIVITY))
    link = _any(fields.Code(vocabulary.LINKS))
    need = _any(fields.Code(vocabulary.NEEDS))
    market = _any(fields.Code(inventory.MARKETS))
    place_state = _any(fields.Code(vocabulary.PLACE_STATES))
    validation = _any(fields.Code(vocabulary.VALIDATION_STATES))
    tier = _any(fields.Code(vocabulary.TIERS))
    ownership = _any(fields.Code(inventory.OWNERSHIPS))
    site = _any(fields.Code(inventory.SITES))
    formal = fields.Boolean()
    located = fields.Boolean()
    consent_map = fields.Boolean()
    consent_credit = fields.Boolean()
    people = _any(fields.Code(inventory.PEOPLES))
    language = _any(fields.String(minimum=3, maximum=3, pattern="[a-z]{3}"))
    started_from = fields.Integer(minimum=1900, maximum=2200)
    started_to = fields.Integer(minimum=1900, maximum=2200)
    jobs_from = fields.Integer(maximum=19_998)
    jobs_to = fields.Integer(maximum=19_998)
    sales_band = _any(fields.Code(BANDS))
    loan = _any(fields.Code((*_STANDINGS, "settled")))
    accompaniment = _any(fields.Code((*_STANDINGS, "closed")))
    technician = fields.String(maximum=120)
    recorded_from = fields.Day()
    recorded_to = fields.Day()
    changed_since = fields.Day()
    taken_back = fields.Boolean()
    ids = fields.List(fields.Id(), maximum=200)
    q = fields.String(maximum=100)


class CountQuery(FilterQuery):
    """With `at_most` no more than one beyond it are counted: that many mean more."""

    at_most = fields.Integer(minimum=1, maximum=1_000_000)


class EnterpriseQuery(FilterQuery):
    """Filters of the inventory and its order, which a minus turns round; `ids` are at most 200."""

    sort = fields.Code(SORTS)


class ContactsQuery(Query):
    ids = fields.List(fields.Id(), maximum=200, minimum=1, required=True)


class HistoryQuery(Query):
    latest_first = fields.Boolean()
