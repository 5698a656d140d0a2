"""What territory keeps: boundaries, layers, tables, plans, copies of what others have said, what it has published."""

from services.territory.models.boundaries import BoundaryFile, BoundarySet, BoundaryShape
from services.territory.models.copies import (
    COPY_TABLES,
    CopyAccompaniment,
    CopyApplication,
    CopyAsOf,
    CopyCell,
    CopyEnterprise,
    CopyFeature,
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
    EnterpriseChange,
)
from services.territory.models.councils import Alliance, Commitment, Council, CouncilSeat, CouncilSession, Dialogue
from services.territory.models.criteria import CriteriaEdition
from services.territory.models.entity import Entity
from services.territory.models.establishments import EstablishmentCell, EstablishmentTable
from services.territory.models.gaps import AnnouncedGap
from services.territory.models.introductions import Introduction
from services.territory.models.issued import IssuedReport
from services.territory.models.layers import LayerFeature, LayerUnit, ReferenceLayer
from services.territory.models.map_links import MapLink
from services.territory.models.own_tables import OwnTable
from services.territory.models.packs import ReportPack
from services.territory.models.plans import DevelopmentPlan, PlanLine, PlanProject
from services.territory.models.proposals import FrozenAnalysis, Proposal, ProposalStep
from services.territory.models.publication import Publication
from services.territory.models.selecting import ChainScore
from services.territory.models.tables import Denominator, DenominatorSet, TableFile, UnitEdition

__all__ = [
    "COPY_TABLES",
    "Alliance",
    "AnnouncedGap",
    "BoundaryFile",
    "BoundarySet",
    "BoundaryShape",
    "ChainScore",
    "Commitment",
    "CopyAccompaniment",
    "CopyApplication",
    "CopyAsOf",
    "CopyCell",
    "CopyEnterprise",
    "CopyFeature",
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
    "Council",
    "CouncilSeat",
    "CouncilSession",
    "CriteriaEdition",
    "Denominator",
    "DenominatorSet",
    "DevelopmentPlan",
    "Dialogue",
    "EnterpriseChange",
    "Entity",
    "EstablishmentCell",
    "EstablishmentTable",
    "FrozenAnalysis",
    "Introduction",
    "IssuedReport",
    "LayerFeature",
    "LayerUnit",
    "MapLink",
    "OwnTable",
    "PlanLine",
    "PlanProject",
    "Proposal",
    "ProposalStep",
    "Publication",
    "ReferenceLayer",
    "ReportPack",
    "TableFile",
    "UnitEdition",
]
