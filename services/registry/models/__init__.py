"""The registry's entities."""

from services.registry.models.accompaniment import Accompaniment, CaseStep, Visit
from services.registry.models.business_plan import BusinessPlan, IssuedPlan
from services.registry.models.copies import CopyLoan
from services.registry.models.enterprise import Enterprise, FormalStep, OfferedProduct, Owner, Tag, TradePartner
from services.registry.models.entity import Entity
from services.registry.models.entrepreneur import Consent, Entrepreneur
from services.registry.models.institutions import Agreement, Centre, Covered, Institution
from services.registry.models.intake import ImportProblem, ImportRun, Submission
from services.registry.models.profiles import EnterpriseProfile, ProfileLevel, RubricEdition, ValidationStep

__all__ = [
    "Accompaniment",
    "Agreement",
    "BusinessPlan",
    "CaseStep",
    "Centre",
    "Consent",
    "CopyLoan",
    "Covered",
    "Enterprise",
    "EnterpriseProfile",
    "Entity",
    "Entrepreneur",
    "FormalStep",
    "ImportProblem",
    "ImportRun",
    "Institution",
    "IssuedPlan",
    "OfferedProduct",
    "Owner",
    "ProfileLevel",
    "RubricEdition",
    "Submission",
    "Tag",
    "TradePartner",
    "ValidationStep",
    "Visit",
]
