"""What training keeps: copies of what others have said, proposals, groups."""

from services.training.models.copies import COPY_TABLES, CopyEnterprise, CopyMerged, CopyNeed, CopyOwner
from services.training.models.entity import Entity
from services.training.models.groups import GroupMember, GroupNumber, TrainingGroup
from services.training.models.learning import AnswerSheet, LearnerCode, LearningInstrument, Measurement
from services.training.models.proposals import LeftOutWoman, Proposal, ProposalUnit, ProposedGroup, ProposedMember
from services.training.models.results import RESULT_TABLES, CopyCreditDay, CopyStanding

__all__ = [
    "COPY_TABLES",
    "RESULT_TABLES",
    "AnswerSheet",
    "CopyCreditDay",
    "CopyEnterprise",
    "CopyMerged",
    "CopyNeed",
    "CopyOwner",
    "CopyStanding",
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
