"""What the pages of the territory share: who reads, who writes, and what their templates are given."""

from typing import Any

from flask import Blueprint, g

from services.portal.frame import _, me
from services.portal.pages.credit.area import PURPOSES
from services.portal.pages.registry.codes import CHAINS, LINKS, NEEDS, choices, listed, said, telephone
from services.portal.pages.registry.place_names import place_choices
from shared import places
from shared.kernel import clock

blueprint = Blueprint("pages_territory", __name__, url_prefix="/territory")

LIVE = ("technician", "coordinator", "network_coordinator", "auditor", "leda_viewer", "credit_officer", "trainer")
POINTS = LIVE
TECHNICAL = ("technician", "coordinator", "network_coordinator")
READERS = (
    *LIVE,
    "planner",
    "organization",
    "committee_member",
    "trust_fund_member",
    "cashier",
    "csr_reviewer",
    "admin",
)
REPORT_KINDS = {
    "municipal": "Municipal report",
    "departmental": "Report of a department",
    "territorial": "Report of a territory",
    "chain": "Report of a value chain",
}
JUDGEMENTS = {"strength": "Strength", "weakness": "Weakness", "alike": "Much the same"}
KEEPERS = ("coordinator", "network_coordinator", "admin")
LAYER_KEEPERS = ("leda_viewer", "coordinator", "network_coordinator")
PUBLISHERS = ("coordinator", "network_coordinator")
PLANNERS = ("planner", "coordinator", "network_coordinator")
PLAN_KINDS = {
    "pdm_ot": "Municipal development and land use plan (PDM-OT)",
    "pdm": "Municipal development plan (PDM)",
    "pei": "Institutional strategic plan (PEI)",
    "pom": "Operational plan of several years (POM)",
    "poa": "Operational plan of a year (POA)",
    "pdd": "Departmental development plan (PDD)",
    "pimp": "Municipal investment plan of several years (PIMP)",
    "pima": "Municipal investment plan of a year (PIMA)",
    "pep": "Participatory strategic plan (PEP)",
    "participatory_budget": "Participatory budget",
    "other": "Other plan",
}
PLAN_STATES = {
    "in_force": ("In force", "good"),
    "to_come": ("To begin", ""),
    "over": ("No longer in force", ""),
    "withdrawn": ("Plan withdrawn", ""),
}
MEASURES = {
    "enterprises": "Enterprises",
    "women": "Women at work",
    "trained": "Enterprises in training",
    "loans": "Loans paid out",
}
FILE_STATES = {
    "reading": ("Being read", ""),
    "read": ("To be confirmed", "accent"),
    "unreadable": ("Cannot be read", "bad"),
    "adopting": ("Being put in force", ""),
    "adopted": ("In force", "good"),
}
TABLE_STATES = {**FILE_STATES, "adopting": ("Being taken in", ""), "adopted": ("In use", "good")}
PURPOSES_OF_TABLES = {
    "denominators": "What figures are compared with",
    "units": "Districts, aldeas and villages",
}
INDICATORS = {
    "population": "Population",
    "economically_active": "Economically active population",
    "establishments": "Establishments",
    "households": "Households",
    "poverty": "Poverty headcount",
    "multidimensional_poverty": "Multidimensional poverty index",
    "municipal_ranking": "Ranking of municipal management",
}
LAYER_KINDS = {
    "roads": "Roads",
    "markets": "Markets",
    "banks": "Banks",
    "schools": "Schools",
    "health": "Health centres",
    "other": "Other layer",
}
LAYER_STATES = {
    "reading": ("Being read", ""),
    "ready": ("Ready", "good"),
    "unreadable": ("Cannot be read", "bad"),
}
SHAPES = {"point": "Points", "line": "Lines", "polygon": "Areas"}
SEXES = {"all": "Everybody", "women": "Women", "men": "Men"}
SIZES = {
    "all": "All sizes",
    "micro": "Micro",
    "small": "Small",
    "medium": "Medium",
    "large": "Large",
    "unknown": "Not told",
}


def plan_state(plan: dict[str, Any]) -> str:
    """Whether a plan holds today, as the words know it."""
    today = clock.today().isoformat()
    if plan["state"] == "withdrawn":
        return "withdrawn"
    if plan["valid_from"] > today:
        return "to_come"
    return "over" if (plan["valid_until"] or today) < today else "in_force"


def unit_choices() -> list[tuple[str, Any]]:
    """Places to look at: the departments she works in, then the municipalities where they are few."""
    scope = me().scope
    departments = [(code, places.name_of(code)) for code in places.units_at(places.DEPARTMENT) if scope.covers(code)]
    countries = [(code, places.name_of(code)) for code in ("GT", "HN", "SV") if scope.covers(code)]
    groups: list[tuple[str, Any]] = [(_("Countries"), countries)] if countries else []
    groups += [(_("Departments"), departments)] if departments else []
    return groups + (place_choices() if not countries else [])


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this area say codes with."""
    person = g.get("me")
    return {
        "said": said,
        "in_full": places.in_full,
        "place_name": places.name_of,
        "CHAINS": CHAINS,
        "LINKS": LINKS,
        "NEEDS": NEEDS,
        "JUDGEMENTS": JUDGEMENTS,
        "REPORT_KINDS": REPORT_KINDS,
        "MEASURES": MEASURES,
        "choices": choices,
        "listed": listed,
        "telephone": telephone,
        "PLAN_KINDS": PLAN_KINDS,
        "PLAN_STATES": PLAN_STATES,
        "PURPOSES": PURPOSES,
        "plan_state": plan_state,
        "FILE_STATES": FILE_STATES,
        "TABLE_STATES": TABLE_STATES,
        "PURPOSES_OF_TABLES": PURPOSES_OF_TABLES,
        "INDICATORS": INDICATORS,
        "LAYER_KINDS": LAYER_KINDS,
        "LAYER_STATES": LAYER_STATES,
        "SHAPES": SHAPES,
        "SEXES": SEXES,
        "unit_choices": unit_choices,
        "place_choices": place_choices,
        "may_see_points": bool(person and person.has(*POINTS)),
        "may_open_records": bool(person and person.has(*LIVE)),
        "may_share_maps": bool(person and person.has(*PUBLISHERS)),
        "may_keep_layers": bool(person and person.has(*LAYER_KEEPERS)),
        "may_introduce": bool(person and person.has(*TECHNICAL)),
        "may_keep": bool(person and person.has(*KEEPERS)),
    }
