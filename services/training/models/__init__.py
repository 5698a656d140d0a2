"""What training keeps: copies of what others have said, and all that its rooms record."""

from services.training.models.assistance import Assistance, AssistanceVisit
from services.training.models.attendance import AttendanceMark, AttendanceSheet, SheetRow
from services.training.models.copies import (
    COPY_TABLES,
    CopyEnterprise,
    CopyGap,
    CopyLevel,
    CopyLoan,
    CopyMerged,
    CopyNeed,
    CopyOwner,
)
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
from services.training.models.placements import (
    IMPROVING,
    READY,
    Invitation,
    Placement,
    PlacementGroup,
    PlacementMove,
    PlacementWoman,
)
from services.training.models.proposals import LeftOutWoman, Proposal, ProposalUnit, ProposedGroup, ProposedMember
from services.training.models.rounds import RoundUnit, RoundVenue, TrainingRound, WomanPair, WomanProfile
from services.training.models.sessions import CalendarLink, SessionRevision, TrainingSession

__all__ = [
    "COPY_TABLES",
    "IMPROVING",
    "READY",
    "Assistance",
    "AssistanceVisit",
    "AttendanceMark",
    "AttendanceSheet",
    "CalendarLink",
    "CopyEnterprise",
    "CopyGap",
    "CopyLevel",
    "CopyLoan",
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
    "Invitation",
    "LeftOutWoman",
    "Placement",
    "PlacementGroup",
    "PlacementMove",
    "PlacementWoman",
    "Proposal",
    "ProposalUnit",
    "ProposedGroup",
    "ProposedMember",
    "RoundUnit",
    "RoundVenue",
    "SessionRevision",
    "SheetRow",
    "TrainingGroup",
    "TrainingRound",
    "TrainingSession",
    "WomanPair",
    "WomanProfile",
]
