"""An Agreement Letter is adopted, and the signed files of letters and regulations are kept."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import AgreementLetter, CreditRegulations, TakenBackEdition, TrustFund
from services.credit.rules.agreement import read_clauses
from services.credit.use_cases import find
from shared import files, history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock
from shared.papers import kept_of


def adopt_agreement(
    session: Session,
    caller: Caller,
    *,
    fund_id: UUID,
    title: str,
    source: str,
    valid_from: date,
    trustee: str,
    trustee_account: str,
    parties: Sequence[Mapping[str, str]],
    signatories: Sequence[Mapping[str, str]],
    parameters: Mapping[str, Any],
    valid_until: date | None = None,
) -> AgreementLetter:
    """The next version of the letter. From its day on the trustee and the account it names are the fund's.

    Refuses clauses that cannot be, a letter that would begin before another or (but for the first) before today, and
    one that would end before it begins.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    read_clauses(parameters)
    latest = fund.letters[-1].valid_from if fund.letters else None
    if latest is not None and valid_from <= latest:
        raise Invalid("agreement.not_newer", pointer="/valid_from", latest=latest)
    if latest is not None and valid_from < clock.today():
        raise Invalid("agreement.retroactive", pointer="/valid_from", today=clock.today())
    if valid_until is not None and valid_until <= valid_from:
        raise Invalid("agreement.term_empty", pointer="/valid_until")
    letter = AgreementLetter(
        edition=len(fund.letters) + 1,
        title=title,
        source=source,
        valid_from=valid_from,
        valid_until=valid_until,
        trustee=trustee,
        trustee_account=trustee_account,
        parties=[dict(party) for party in parties],
        signatories=[dict(signatory) for signatory in signatories],
        parameters=dict(parameters),
        recorded_at=clock.now(),
        recorded_by=caller.subject,
    )
    fund.letters.append(letter)
    session.flush()
    facts = {"edition": letter.edition, "valid_from": valid_from, "trustee": trustee}
    history.record(session, caller, subject=fund.id, kind="fund", action="adopt_agreement", after=facts)
    return letter


def keep_regulations_file(
    session: Session, caller: Caller, *, fund_id: UUID, regulations_id: UUID, name: str, content: bytes
) -> CreditRegulations:
    """The edition with its signed file, a PDF; refuses another one once the edition has begun."""
    fund = find.fund_to_govern(session, caller, fund_id)
    edition = find.regulations(session, fund, regulations_id)
    _keep(session, caller, fund, edition, "signed_regulations", name, content)
    return edition


def keep_agreement_file(
    session: Session, caller: Caller, *, fund_id: UUID, agreement_id: UUID, name: str, content: bytes
) -> AgreementLetter:
    """The letter with its signed file, a PDF; refuses another one once the letter has begun."""
    fund = find.fund_to_govern(session, caller, fund_id)
    letter = find.agreement(session, fund, agreement_id)
    _keep(session, caller, fund, letter, "signed_agreement", name, content)
    return letter


def take_back_regulations(
    session: Session, caller: Caller, *, fund_id: UUID, regulations_id: UUID, reason: str
) -> TakenBackEdition:
    """The edition as it is kept once it was taken back; refuses one that has begun: decisions may cite it."""
    fund = find.fund_to_govern(session, caller, fund_id)
    kept = TakenBackEdition.of(session, find.regulations(session, fund, regulations_id), reason, caller)
    facts = {"edition": kept.edition, "valid_from": kept.valid_from, "reason": reason}
    history.record(session, caller, subject=fund.id, kind="fund", action="take_back_regulations", after=facts)
    return kept


def signed_file(instrument: CreditRegulations | AgreementLetter) -> UUID:
    """The signed file of an instrument; refuses one of which none is kept."""
    if instrument.file_id is None:
        raise NotFound("instrument.no_file", edition=instrument.edition)
    return instrument.file_id


def _keep(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    instrument: CreditRegulations | AgreementLetter,
    kind: str,
    name: str,
    content: bytes,
) -> None:
    kept = kept_of(content)
    if kept is None or kept[0] != "application/pdf":
        raise Invalid("instrument.not_a_pdf", pointer="/file")
    stored = files.store(session, content, name=name, media_type="application/pdf", kind=kind, caller=caller)
    instrument.keep_file(stored.id)
    session.flush()
    facts = {"edition": instrument.edition, "sha256": stored.sha256}
    history.record(session, caller, subject=fund.id, kind="fund", action=f"keep_{kind}", after=facts)
