"""What training keeps: copies of what others have said, and all that its rooms record."""

from services.training.models.action_plans import ActionPlan, CheckIn, PlanReview
from services.training.models.activities import Activity, ActivityDates, Material
from services.training.models.assistance import Assistance, AssistanceVisit
from services.training.models.attendance import AttendanceMark, AttendanceSheet, SheetRow
from services.training.models.case_stories import (
    CaseStory,
    StoryConsent,
    StoryLink,
    StoryMaterial,
    StoryPicture,
    StoryReview,
    StoryWoman,
)
from services.training.models.community import (
    CommunityContribution,
    CommunityEdit,
    CommunityFile,
    CommunityPost,
    CommunityReading,
    CommunityReport,
    CommunityResource,
    CommunityTopic,
)
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
from services.training.models.csr_commitments import CommitmentNote, CsrCommitment, IssuedCsrReport
from services.training.models.curricula import Curriculum, CurriculumModule, CurriculumVersion
from services.training.models.curriculum_materials import CurriculumMaterial
from services.training.models.curriculum_voices import (
    CurriculumAcceptance,
    CurriculumContribution,
    CurriculumLink,
    GroupCurriculum,
)
from services.training.models.diagnoses import Diagnosis, SmeLink
from services.training.models.diplomas import (
    Diploma,
    DiplomaBatch,
    DiplomaKey,
    DiplomaLeftOut,
    DiplomaLink,
    DiplomaNumber,
)
from services.training.models.entity import Entity
from services.training.models.evidence import Evidence
from services.training.models.fairs import FAIR_TABLES, CopyFair, CopyFairStand, FairPreparation, FairReadiness
from services.training.models.groups import GroupMember, GroupNumber, TrainingGroup
from services.training.models.learning import AnswerAttempts, AnswerSheet, LearnerCode, LearningInstrument, Measurement
from services.training.models.library import LibraryFile, LibraryMaterial, LibraryTerm
from services.training.models.licences import TrainerCandidate, TrainerEdition, TrainerLicence, TrainerProof
from services.training.models.participants import Participant
from services.training.models.partners import Agreement, Partner
from services.training.models.placements import (
    IMPROVING,
    READY,
    Invitation,
    Placement,
    PlacementGroup,
    PlacementMove,
    PlacementWoman,
)
from services.training.models.results import RESULT_TABLES, CopyCreditDay, CopyStanding, IssuedDonorReport
from services.training.models.rounds import RoundUnit, RoundVenue, TrainingRound, WomanPair, WomanProfile
from services.training.models.sessions import CalendarLink, SessionRevision, TrainingSession
from services.training.models.smes import Sme
from services.training.models.strategies import AskedSubject, TrainingStrategy
from services.training.models.trainers import Trainer, TrainerUnit

__all__ = [
    "COPY_TABLES",
    "FAIR_TABLES",
    "IMPROVING",
    "READY",
    "RESULT_TABLES",
    "ActionPlan",
    "Activity",
    "ActivityDates",
    "Agreement",
    "AnswerAttempts",
    "AnswerSheet",
    "AskedSubject",
    "Assistance",
    "AssistanceVisit",
    "AttendanceMark",
    "AttendanceSheet",
    "CalendarLink",
    "CaseStory",
    "CheckIn",
    "CommitmentNote",
    "CommunityContribution",
    "CommunityEdit",
    "CommunityFile",
    "CommunityPost",
    "CommunityReading",
    "CommunityReport",
    "CommunityResource",
    "CommunityTopic",
    "CopyCreditDay",
    "CopyEnterprise",
    "CopyFair",
    "CopyFairStand",
    "CopyGap",
    "CopyLevel",
    "CopyLoan",
    "CopyMerged",
    "CopyNeed",
    "CopyOwner",
    "CopyStanding",
    "CsrCommitment",
    "Curriculum",
    "CurriculumAcceptance",
    "CurriculumContribution",
    "CurriculumLink",
    "CurriculumMaterial",
    "CurriculumModule",
    "CurriculumVersion",
    "Diagnosis",
    "Diploma",
    "DiplomaBatch",
    "DiplomaKey",
    "DiplomaLeftOut",
    "DiplomaLink",
    "DiplomaNumber",
    "Entity",
    "Evidence",
    "FairPreparation",
    "FairReadiness",
    "GroupCurriculum",
    "GroupMember",
    "GroupNumber",
    "Invitation",
    "IssuedCsrReport",
    "IssuedDonorReport",
    "LearnerCode",
    "LearningInstrument",
    "LeftOutWoman",
    "LibraryFile",
    "LibraryMaterial",
    "LibraryTerm",
    "Material",
    "Measurement",
    "Participant",
    "Partner",
    "Placement",
    "PlacementGroup",
    "PlacementMove",
    "PlacementWoman",
    "PlanReview",
    "RoundUnit",
    "RoundVenue",
    "SessionRevision",
    "SheetRow",
    "Sme",
    "SmeLink",
    "StoryConsent",
    "StoryLink",
    "StoryMaterial",
    "StoryPicture",
    "StoryReview",
    "StoryWoman",
    "Trainer",
    "TrainerCandidate",
    "TrainerEdition",
    "TrainerLicence",
    "TrainerProof",
    "TrainerUnit",
    "TrainingGroup",
    "TrainingRound",
    "TrainingSession",
    "TrainingStrategy",
    "WomanPair",
    "WomanProfile",
]
