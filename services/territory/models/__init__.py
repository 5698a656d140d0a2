"""What territory keeps: boundaries, layers, tables, plans, copies of what others have said, what it has published."""

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
from services.territory.models.entity import Entity
from services.territory.models.issued import IssuedReport
from services.territory.models.layers import LayerFeature, LayerUnit, ReferenceLayer
from services.territory.models.plans import DevelopmentPlan
from services.territory.models.publication import Publication
from services.territory.models.tables import Denominator, DenominatorSet, TableFile, UnitEdition

__all__ = [
    "COPY_TABLES",
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
    "CopyMerged",
    "CopyNeed",
    "CopyWithdrawn",
    "Denominator",
    "DenominatorSet",
    "DevelopmentPlan",
    "Entity",
    "IssuedReport",
    "LayerFeature",
    "LayerUnit",
    "Publication",
    "ReferenceLayer",
    "TableFile",
    "UnitEdition",
]
