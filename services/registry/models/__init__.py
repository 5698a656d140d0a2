"""The registry's entities."""

from services.registry.models.accompaniment import Accompaniment, CaseStep, Visit
from services.registry.models.business_plan import BusinessPlan, IssuedPlan
from services.registry.models.campaign import (
    Campaign,
    CampaignActivity,
    CampaignCost,
    CampaignFile,
    CampaignPartner,
    CampaignPlace,
    CampaignRecord,
)
from services.registry.models.copies import CopyLoan
from services.registry.models.drafts import Draft, FormToken, HookAttempts
from services.registry.models.duplicates import DuplicateMerge, DuplicatePair, DuplicateRecord, DuplicateScan
from services.registry.models.enterprise import Enterprise
from services.registry.models.enterprise_parts import FormalStep, OfferedProduct, Owner, Tag, TradePartner
from services.registry.models.entity import Entity
from services.registry.models.entrepreneur import Consent, Entrepreneur
from services.registry.models.fair import Fair, Stand
from services.registry.models.institutions import Agreement, Centre, Covered, Institution
from services.registry.models.intake import ImportProblem, ImportRun, Submission
from services.registry.models.opportunity import FollowUp, Opportunity, OpportunityUnit
from services.registry.models.profiles import EnterpriseProfile, ProfileLevel, RubricEdition, ValidationStep
from services.registry.models.saved_views import SavedView
from services.registry.models.searching import SearchTerm, SearchWord
from services.registry.models.study import Study, StudyFile, StudyPlace, StudyRecord

__all__ = [
    "Accompaniment",
    "Agreement",
    "BusinessPlan",
    "Campaign",
    "CampaignActivity",
    "CampaignCost",
    "CampaignFile",
    "CampaignPartner",
    "CampaignPlace",
    "CampaignRecord",
    "CaseStep",
    "Centre",
    "Consent",
    "CopyLoan",
    "Covered",
    "Draft",
    "DuplicateMerge",
    "DuplicatePair",
    "DuplicateRecord",
    "DuplicateScan",
    "Enterprise",
    "EnterpriseProfile",
    "Entity",
    "Entrepreneur",
    "Fair",
    "FollowUp",
    "FormToken",
    "FormalStep",
    "HookAttempts",
    "ImportProblem",
    "ImportRun",
    "Institution",
    "IssuedPlan",
    "OfferedProduct",
    "Opportunity",
    "OpportunityUnit",
    "Owner",
    "ProfileLevel",
    "RubricEdition",
    "SavedView",
    "SearchTerm",
    "SearchWord",
    "Stand",
    "Study",
    "StudyFile",
    "StudyPlace",
    "StudyRecord",
    "Submission",
    "Tag",
    "TradePartner",
    "ValidationStep",
    "Visit",
]
