"""What training keeps: copies of what others have said, proposals, groups."""

from services.training.models.copies import COPY_TABLES, CopyEnterprise, CopyMerged, CopyNeed, CopyOwner
from services.training.models.diplomas import (
    Diploma,
    DiplomaBatch,
    DiplomaKey,
    DiplomaLeftOut,
    DiplomaLink,
    DiplomaNumber,
)
from services.training.models.entity import Entity
from services.training.models.groups import GroupMember, GroupNumber, TrainingGroup
from services.training.models.proposals import LeftOutWoman, Proposal, ProposalUnit, ProposedGroup, ProposedMember

__all__ = [
    "COPY_TABLES",
    "CopyEnterprise",
    "CopyMerged",
    "CopyNeed",
    "CopyOwner",
    "Diploma",
    "DiplomaBatch",
    "DiplomaKey",
    "DiplomaLeftOut",
    "DiplomaLink",
    "DiplomaNumber",
    "Entity",
    "GroupMember",
    "GroupNumber",
    "LeftOutWoman",
    "Proposal",
    "ProposalUnit",
    "ProposedGroup",
    "ProposedMember",
    "TrainingGroup",
]
