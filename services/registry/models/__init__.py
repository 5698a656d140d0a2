"""The registry's entities."""

from services.registry.models.accompaniment import Accompaniment, Visit
from services.registry.models.copies import CopyLoan
from services.registry.models.enterprise import Enterprise, FormalStep, OfferedProduct, Owner, Tag, TradePartner
from services.registry.models.entity import Entity
from services.registry.models.entrepreneur import Consent, Entrepreneur
from services.registry.models.institutions import Agreement, Centre, Covered, Institution
from services.registry.models.intake import ImportProblem, ImportRun, Submission
from services.registry.models.saved_views import SavedView
from services.registry.models.searching import SearchTerm, SearchWord

__all__ = [
    "Accompaniment",
    "Agreement",
    "Centre",
    "Consent",
    "CopyLoan",
    "Covered",
    "Enterprise",
    "Entity",
    "Entrepreneur",
    "FormalStep",
    "ImportProblem",
    "ImportRun",
    "Institution",
    "OfferedProduct",
    "Owner",
    "SavedView",
    "SearchTerm",
    "SearchWord",
    "Submission",
    "Tag",
    "TradePartner",
    "Visit",
]
