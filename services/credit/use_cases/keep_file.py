"""Papers are put into the file of an application, taken out again, and erased with her who withdraws."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.directory import BusinessPlans
from services.credit.models import Application, Attachment, CopyMerged
from services.credit.use_cases import find
from services.credit.use_cases.lapse_approvals import lapse
from shared import files, history, merged
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock
from shared.papers import kept_of

BUSINESS_PLAN = "business_plan"


def attach_paper(
    session: Session, caller: Caller, *, application_id: UUID, kind: str, name: str, content: bytes
) -> Attachment:
    """The paper in the file, a PDF or a picture; refuses anything else, and while a committee deals with it."""
    application = _file(session, caller, application_id)
    kept = kept_of(content)
    if kept is None:
        raise Invalid("file.neither_pdf_nor_picture", pointer="/file")
    stored = files.store(session, kept[1], name=name, media_type=kept[0], kind="application_paper", caller=caller)
    return _added(session, caller, application, Attachment(kind=kind, file_id=stored.id))


def attach_plan(
    session: Session, caller: Caller, *, application_id: UUID, plan_id: UUID, plans: BusinessPlans
) -> Attachment:
    """A business plan of the registry as evidence; asked of the registry before anything is locked.

    Refuses one that the registry does not show to lenders (a draft, or of who does not share her record for credit), of
    another enterprise, and one that is in the file already.
    """
    asked = find.application(session, caller, application_id)
    plan = plans(plan_id)
    if plan is None:
        raise NotFound("attachment.plan_unknown")
    if plan.enterprise_id not in merged.family(session, CopyMerged, asked.enterprise_id):
        raise Invalid("attachment.plan_of_another", pointer="/plan_id", number=asked.number)
    application = _file(session, caller, application_id)
    if any(attachment.plan_id == plan_id for attachment in application.attachments):
        raise Invalid("attachment.there_already", pointer="/plan_id", number=application.number)
    linked = Attachment(kind=BUSINESS_PLAN, plan_id=plan_id, plan_label=plan.label)
    return _added(session, caller, application, linked)


def detach_paper(session: Session, caller: Caller, *, application_id: UUID, attachment_id: UUID) -> Application:
    """The application without a paper, which is erased; refuses one that has been on an agenda."""
    application = _file(session, caller, application_id)
    attachment = application.detach(attachment_id)
    if attachment.file_id is not None:
        files.erase(session, attachment.file_id)
    session.flush()
    _remember(session, caller, application, "detach", attachment)
    return application


def paper_of(application: Application, attachment_id: UUID) -> UUID:
    """The stored file of a paper; refuses one that is a plan of the registry, which shows it itself."""
    attachment = application.attachment(attachment_id)
    if attachment.file_id is None:
        raise NotFound("attachment.unknown", number=application.number)
    return attachment.file_id


def forget_papers(session: Session, application: Application, *, lent: bool) -> int:
    """Empty the file of an application; comes back with how many papers went. In the file of what was `lent` they stay,
    but for what the registry called her business plan.
    """
    papers = list(application.attachments)
    for attachment in papers:
        attachment.forget_label()
    for attachment in () if lent else papers:
        if attachment.file_id is not None:
            files.erase(session, attachment.file_id)
        application.attachments.remove(attachment)
    return 0 if lent else len(papers)


def _file(session: Session, caller: Caller, application_id: UUID) -> Application:
    """The application, locked; one whose approval expired may be dealt with anew."""
    application = find.application(session, caller, application_id, lock=True)
    if application.expired(clock.today()):
        lapse(session, caller, application)
    return application


def _added(session: Session, caller: Caller, application: Application, attachment: Attachment) -> Attachment:
    attachment.added_at, attachment.added_by, attachment.added_by_name = clock.now(), caller.subject, caller.name
    application.attach(attachment)
    session.flush()
    _remember(session, caller, application, "attach", attachment)
    return attachment


def _remember(session: Session, caller: Caller, application: Application, action: str, attachment: Attachment) -> None:
    facts = {"attachment": attachment.id, "kind": attachment.kind}
    history.record(session, caller, subject=application.id, kind="application", action=action, after=facts)
