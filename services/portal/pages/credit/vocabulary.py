"""What the templates of credit say codes with, and the tabs each reader has."""

from datetime import datetime
from typing import Any

from flask import g

from services.portal.pages.credit import area, bodies, compliance_words
from services.portal.pages.credit.area import (
    COLLECTION_READERS,
    COLLECTORS,
    FUND_READERS,
    READERS,
    amount_of,
    blueprint,
    cents,
    fund_choices,
)
from services.portal.pages.registry.codes import CHAINS, NEEDS, TIERS, VALIDATION, choices, listed, said
from services.portal.pages.registry.place_names import place_choices
from shared import places
from shared.kernel import LOCAL_TIME, clock

_TABS = (
    ("Applications", "/credit", READERS),
    ("Sessions of the committee", "/credit/sessions", READERS),
    ("Loans", "/credit/loans", READERS),
    ("Groups", "/credit/groups", READERS),
    ("Portfolio", "/credit/portfolio", READERS),
    ("Collection agenda", "/credit/collection", COLLECTION_READERS),
    ("Trust funds", "/credit/funds", FUND_READERS),
    ("Seed capital", "/credit/seed", READERS),
    ("What a credit costs", "/credit/quote", READERS),
    ("Cash desk", "/credit/drawer", COLLECTORS),
)


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this area say codes with."""
    person = g.get("me")
    may = person.has if person is not None else lambda *_: False
    return {
        "said": said,
        "listed": listed,
        "choices": choices,
        "full_name": places.full_name,
        "place_choices": place_choices,
        "today": clock.today().isoformat(),
        "tabs": [(label, href) for label, href, roles in _TABS if may(*roles)],
        "may": may,
        "cents": cents,
        "amount_of": amount_of,
        "fund_pairs": fund_choices,
        "hour_of": lambda moment: datetime.fromisoformat(moment).astimezone(LOCAL_TIME).strftime("%H:%M"),
        "reason_of": lambda row: (g.language == "en" and row["reason_english"]) or row["reason"],
        "signed_by": lambda rows: "; ".join(f"{row['name']}, {row['office']}" for row in rows),
        **_VOCABULARY,
    }


_VOCABULARY = {
    name: value
    for name, value in {
        **vars(area),
        **vars(bodies),
        **vars(compliance_words),
        "CHAINS": CHAINS,
        "NEEDS": NEEDS,
        "TIERS": TIERS,
        "VALIDATION": VALIDATION,
    }.items()
    if name.isupper() and not name.startswith("_")
}
