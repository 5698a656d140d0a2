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
    CopyMerged,
    CopyNeed,
    CopyWithdrawn,
)
from services.territory.models.councils import Alliance, Commitment, Council, CouncilSeat, CouncilSession, Dialogue
from services.territory.models.entity import Entity
from services.territory.models.issued import IssuedReport
from services.territory.models.plans import DevelopmentPlan, PlanLine, PlanProject
from services.territory.models.proposals import FrozenAnalysis, Proposal, ProposalStep
from services.territory.models.publication import Publication

__all__ = [
    "COPY_TABLES",
    "Alliance",
    "BoundaryFile",
    "BoundarySet",
    "BoundaryShape",
    "Commitment",
    "CopyAccompaniment",
    "CopyApplication",
    "CopyAsOf",
    "CopyEnterprise",
    "CopyGroup",
    "CopyGroupMember",
    "CopyLink",
    "CopyLoan",
    "CopyMerged",
    "CopyNeed",
    "CopyWithdrawn",
    "Council",
    "CouncilSeat",
    "CouncilSession",
    "DevelopmentPlan",
    "Dialogue",
    "Entity",
    "FrozenAnalysis",
    "IssuedReport",
    "PlanLine",
    "PlanProject",
    "Proposal",
    "ProposalStep",
    "Publication",
]
