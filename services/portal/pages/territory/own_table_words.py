"""The words of what an own table is made of."""

from collections.abc import Mapping
from typing import Any

from services.portal.pages.registry.codes import CHAINS, LINKS, NEEDS, VALIDATION

OWN_MEASURES = {
    "enterprises": "Enterprises",
    "women": "Women at work",
    "men": "Men at work",
    "applications": "Credit applications",
    "loans": "Loans paid out",
    "paid_out": "Amount paid out",
    "owed": "Amount still owed",
    "accompaniments": "Projects accompanied",
    "groups": "Training groups",
}
OWN_AXES = {
    "place": "Places",
    "month": "Months of publication",
    "year": "Years of publication",
    "chain": "Value chains",
    "link": "Links",
    "need": "Needs",
    "validation": "States of validation",
    "formal": "Formalized or not",
    "home": "At home or elsewhere",
    "training": "In training or not",
    "outcome": "Outcomes of applications",
    "loan_state": "States of loans",
}
OWN_PER = {
    "count": "As it is",
    "share": "As % of the whole of the place",
    "women": "Per 1,000 women",
    "households": "Per 1,000 households",
    "establishments": "Per 1,000 establishments",
}
OWN_CHARTS = {
    "table": "Only the table",
    "bars": "Bars",
    "stacked": "Stacked bars",
    "dots": "Dots",
    "lines": "Lines over time",
}
OWN_CURRENCIES = {"GTQ": "Quetzals (GTQ)", "USD": "Dollars (USD)", "HNL": "Honduran lempiras (HNL)"}
ONLY_LABELS = {
    "chain": "Only this value chain",
    "link": "Only this link",
    "need": "Only this need",
    "validation": "Only this state of validation",
    "formal": "Only formalized or not",
    "home": "Only at home or elsewhere",
    "training": "Only in training or not",
    "outcome": "Only this outcome",
    "loan_state": "Only this state of loans",
}
ONLY_WORDS: Mapping[str, Mapping[str, Any]] = {
    "chain": CHAINS,
    "link": LINKS,
    "need": NEEDS,
    "validation": VALIDATION,
    "formal": {"yes": "Formalized", "no": "Not formalized"},
    "home": {"yes": "At home", "no": "Elsewhere"},
    "training": {"in": "In a training group", "out": "In no training group"},
    "outcome": {
        "waiting": "Being decided",
        "approved": "Approved",
        "refused": "Refused",
        "deferred": "Deferred",
        "withdrawn": "Withdrawn",
    },
    "loan_state": {"open": "Under way", "settled": "Paid back"},
}
ENTRIES = tuple(ONLY_WORDS)
WHICH = ("measure", "rows", "columns", "level", "per", "currency", "chart", *ENTRIES)
"""What a definition holds besides its places, as the API calls it."""
EVERY = {
    "OWN_MEASURES": OWN_MEASURES,
    "OWN_AXES": OWN_AXES,
    "OWN_PER": OWN_PER,
    "OWN_CHARTS": OWN_CHARTS,
    "OWN_CURRENCIES": OWN_CURRENCIES,
    "ONLY_LABELS": ONLY_LABELS,
    "ONLY_WORDS": ONLY_WORDS,
}
