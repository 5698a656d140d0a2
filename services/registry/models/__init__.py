"""The registry's entities."""

from services.registry.models.accompaniment import Accompaniment, Visit
from services.registry.models.copies import CopyLoan
from services.registry.models.drafts import Draft, FormToken
from services.registry.models.enterprise import Enterprise, FormalStep, OfferedProduct, Owner, Tag, TradePartner
from services.registry.models.entity import Entity
from services.registry.models.entrepreneur import Consent, Entrepreneur
from services.registry.models.institutions import Agreement, Centre, Covered, Institution
from services.registry.models.intake import ImportProblem, ImportRun, Submission

__all__ = [
    "Accompaniment",
    "Agreement",
    "Centre",
    "Consent",
    "CopyLoan",
    "Covered",
    "Draft",
    "Enterprise",
    "Entity",
    "Entrepreneur",
    "FormToken",
    "FormalStep",
    "ImportProblem",
    "ImportRun",
    "Institution",
    "OfferedProduct",
    "Owner",
    "Submission",
    "Tag",
    "TradePartner",
    "Visit",
]
