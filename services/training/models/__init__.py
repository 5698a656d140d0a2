"""What training keeps: copies of what others have said, proposals, groups."""

from services.training.models.action_plans import ActionPlan, CheckIn, PlanReview
from services.training.models.activities import Activity, ActivityDates, Material
from services.training.models.copies import COPY_TABLES, CopyEnterprise, CopyMerged, CopyNeed, CopyOwner
from services.training.models.csr_commitments import CommitmentNote, CsrCommitment, IssuedCsrReport
from services.training.models.diagnoses import Diagnosis, SmeLink
from services.training.models.entity import Entity
from services.training.models.groups import GroupMember, GroupNumber, TrainingGroup
from services.training.models.participants import Participant
from services.training.models.partners import Agreement, Partner
from services.training.models.proposals import LeftOutWoman, Proposal, ProposalUnit, ProposedGroup, ProposedMember
from services.training.models.smes import Sme

__all__ = [
    "COPY_TABLES",
    "ActionPlan",
    "Activity",
    "ActivityDates",
    "Agreement",
    "CheckIn",
    "CommitmentNote",
    "CopyEnterprise",
    "CopyMerged",
    "CopyNeed",
    "CopyOwner",
    "CsrCommitment",
    "Diagnosis",
    "Entity",
    "GroupMember",
    "GroupNumber",
    "IssuedCsrReport",
    "LeftOutWoman",
    "Material",
    "Participant",
    "Partner",
    "PlanReview",
    "Proposal",
    "ProposalUnit",
    "ProposedGroup",
    "ProposedMember",
    "Sme",
    "SmeLink",
    "TrainingGroup",
]
