"""The registry's entities."""

from services.registry.models.accompaniment import Accompaniment, Visit
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
from services.registry.models.enterprise import Enterprise, FormalStep, OfferedProduct, Owner, Tag, TradePartner
from services.registry.models.entity import Entity
from services.registry.models.entrepreneur import Consent, Entrepreneur
from services.registry.models.fair import Fair, Stand
from services.registry.models.institutions import Agreement, Centre, Covered, Institution
from services.registry.models.intake import ImportProblem, ImportRun, Submission
from services.registry.models.opportunity import FollowUp, Opportunity, OpportunityUnit
from services.registry.models.study import Study, StudyFile, StudyPlace, StudyRecord

__all__ = [
    "Accompaniment",
    "Agreement",
    "Campaign",
    "CampaignActivity",
    "CampaignCost",
    "CampaignFile",
    "CampaignPartner",
    "CampaignPlace",
    "CampaignRecord",
    "Centre",
    "Consent",
    "CopyLoan",
    "Covered",
    "Enterprise",
    "Entity",
    "Entrepreneur",
    "Fair",
    "FollowUp",
    "FormalStep",
    "ImportProblem",
    "ImportRun",
    "Institution",
    "OfferedProduct",
    "Opportunity",
    "OpportunityUnit",
    "Owner",
    "Stand",
    "Study",
    "StudyFile",
    "StudyPlace",
    "StudyRecord",
    "Submission",
    "Tag",
    "TradePartner",
    "Visit",
]
