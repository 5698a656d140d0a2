"""What territory keeps: boundaries, plans, copies of what the others have said, and the figures it has published."""

from services.territory.models.boundaries import BoundaryFile, BoundarySet, BoundaryShape
from services.territory.models.copies import (
    COPY_TABLES,
    CopyAccompaniment,
    CopyApplication,
    CopyAsOf,
    CopyEnterprise,
    CopyGroup,
    CopyGroupMember,
    CopyLink,
    CopyLoan,
    CopyMarket,
    CopyMerged,
    CopyNeed,
    CopyProfile,
    CopyTrade,
    CopyWithdrawn,
)
from services.territory.models.criteria import CriteriaEdition
from services.territory.models.entity import Entity
from services.territory.models.gaps import AnnouncedGap
from services.territory.models.introductions import Introduction
from services.territory.models.issued import IssuedReport
from services.territory.models.plans import DevelopmentPlan
from services.territory.models.publication import Publication

__all__ = [
    "COPY_TABLES",
    "AnnouncedGap",
    "BoundaryFile",
    "BoundarySet",
    "BoundaryShape",
    "CopyAccompaniment",
    "CopyApplication",
    "CopyAsOf",
    "CopyEnterprise",
    "CopyGroup",
    "CopyGroupMember",
    "CopyLink",
    "CopyLoan",
    "CopyMarket",
    "CopyMerged",
    "CopyNeed",
    "CopyProfile",
    "CopyTrade",
    "CopyWithdrawn",
    "CriteriaEdition",
    "DevelopmentPlan",
    "Entity",
    "Introduction",
    "IssuedReport",
    "Publication",
]
