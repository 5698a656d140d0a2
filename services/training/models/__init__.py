"""What training keeps: copies of what others have said, proposals, groups."""

from services.training.models.copies import COPY_TABLES, CopyEnterprise, CopyMerged, CopyNeed, CopyOwner
from services.training.models.entity import Entity
from services.training.models.groups import GroupMember, GroupNumber, TrainingGroup
from services.training.models.learning import AnswerSheet, LearnerCode, LearningInstrument, Measurement
from services.training.models.proposals import LeftOutWoman, Proposal, ProposalUnit, ProposedGroup, ProposedMember

__all__ = [
    "COPY_TABLES",
    "AnswerSheet",
    "CopyEnterprise",
    "CopyMerged",
    "CopyNeed",
    "CopyOwner",
    "Entity",
    "GroupMember",
    "GroupNumber",
    "LearnerCode",
    "LearningInstrument",
    "LeftOutWoman",
    "Measurement",
    "Proposal",
    "ProposalUnit",
    "ProposedGroup",
    "ProposedMember",
    "TrainingGroup",
]
