"""What training keeps: copies of what others have said, proposals, groups, sessions, assistance."""

from services.training.models.assistance import Assistance, AssistanceVisit
from services.training.models.attendance import AttendanceMark, AttendanceSheet, SheetRow
from services.training.models.copies import COPY_TABLES, CopyEnterprise, CopyLoan, CopyMerged, CopyNeed, CopyOwner
from services.training.models.entity import Entity
from services.training.models.groups import GroupMember, GroupNumber, TrainingGroup
from services.training.models.learning import AnswerSheet, LearnerCode, LearningInstrument, Measurement
from services.training.models.proposals import LeftOutWoman, Proposal, ProposalUnit, ProposedGroup, ProposedMember
from services.training.models.results import RESULT_TABLES, CopyCreditDay, CopyStanding, IssuedDonorReport
from services.training.models.sessions import CalendarLink, SessionRevision, TrainingSession

__all__ = [
    "COPY_TABLES",
    "RESULT_TABLES",
    "AnswerSheet",
    "Assistance",
    "AssistanceVisit",
    "AttendanceMark",
    "AttendanceSheet",
    "CalendarLink",
    "CopyCreditDay",
    "CopyEnterprise",
    "CopyLoan",
    "CopyMerged",
    "CopyNeed",
    "CopyOwner",
    "CopyStanding",
    "Entity",
    "GroupMember",
    "GroupNumber",
    "IssuedDonorReport",
    "LearnerCode",
    "LearningInstrument",
    "LeftOutWoman",
    "Measurement",
    "Proposal",
    "ProposalUnit",
    "ProposedGroup",
    "ProposedMember",
    "SessionRevision",
    "SheetRow",
    "TrainingGroup",
    "TrainingSession",
]
