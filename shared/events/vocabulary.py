"""Codes that events carry and more than one service reads."""

LINKS = ("inputs", "production", "processing", "marketing", "support_services")
"""The links of a value chain, from the supply of inputs to the market."""

NEEDS = ("credit", "market", "quality", "training", "formalization")
"""What an entrepreneur says she needs: the five dimensions of the centres' model."""

CHAINS = (
    "coffee",
    "textiles",
    "vegetables",
    "basic_grains",
    "dairy",
    "honey",
    "fishing",
    "cashew",
    "crafts",
    "tourism",
    "food_processing",
    "personal_care",
    "retail",
    "services",
    "other",
)
"""Territorial value chains."""

PLACE_STATES = ("pending", "consistent", "contradicted", "missing")
VALIDATION_STATES = ("captured", "verified", "validated", "rejected", "stale")

TIERS = ("strategic", "emerging")
"""`strategic`: larger scaling potential, financial and business services; `emerging`: minimal conditions first."""

SUBJECTS = ("credit", "certifications", "market", "quality", "training", "innovation", "scaling")
"""In which a profile says how an enterprise stands, each by a level from 0 to 4: the five dimensions of the centres'
model, then the two potentials.
"""

MARKETS = ("own_community", "municipality", "department", "country", "export")
"""Where an enterprise sells."""

TRADE_SIDES = ("supplier", "buyer")
TRADE_PARTNERS = ("enterprise", "cooperative", "intermediary", "shop", "institution", "consumers", "other")
"""What somebody is whom an enterprise buys from or sells to."""

PURPOSES = ("working_capital", "inputs", "equipment", "premises", "marketing", "formalization", "other")
"""What a credit is for, and what a plan of the territory may put first."""

PLAN_KINDS = (
    *("pdm_ot", "pdm", "pei", "pom", "poa", "pdd", "other"),
    *("pimp", "pima", "pep", "participatory_budget"),
)
"""Plans of municipalities and departments: PDM-OT (development with land use), PDM, PEI (strategic), POM (of several
years), POA (of a year), PDD (of a department); in Honduras PIMP (municipal investment of several years) and PIMA (of a
year); in El Salvador PEP (participatory strategic plan) and the participatory budget.
"""
