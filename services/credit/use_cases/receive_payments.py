"""A file of payments comes in from a bank or an operator of mobile money: its columns are confirmed, its lines kept."""

import hashlib
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import PaymentFile, PaymentLayout, PaymentLine
from services.credit.rules import payment_lines
from services.credit.rules.payment_lines import Layout
from services.credit.use_cases import find
from services.credit.use_cases.receive_statement import Opened, opened
from shared import files, history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock


def receive_payments(
    session: Session,
    caller: Caller,
    *,
    fund_id: UUID,
    source: str,
    name: str,
    content: bytes,
    media_type: str,
    rows_of: Opened = opened,
) -> PaymentFile:
    """The file with what its columns are taken for: as they were last confirmed for files of this source with the same
    titles, else by their words. Refuses a file that cannot be read, and the same one twice.
    """
    find.fund(session, caller, fund_id).require_whole(caller)
    rows = rows_of(content)
    digest = hashlib.sha256(content).hexdigest()
    fund = find.fund_to_govern(session, caller, fund_id)
    known = select(PaymentFile).where(
        PaymentFile.fund_id == fund.id, PaymentFile.source == source, PaymentFile.sha256 == digest
    )
    if twin := session.scalar(known):
        raise Refused("payments.twice", name=twin.name, day=twin.uploaded_at)
    stored = files.store(session, content, name=name, media_type=media_type, kind="payment_file", caller=caller)
    received = PaymentFile(
        fund_id=fund.id,
        source=source,
        file_id=stored.id,
        sha256=digest,
        name=stored.name,
        state="guessed",
        layout=_guessed(session, fund.id, source, rows),
        uploaded_at=clock.now(),
        uploaded_by=caller.subject,
        uploaded_by_name=caller.name,
    )
    session.add(received)
    session.flush()
    facts = {"file": received.name, "source": source, "sha256": digest}
    history.record(session, caller, subject=fund.id, kind="fund", action="receive_payments", after=facts)
    return received


def read_payments(
    session: Session, caller: Caller, *, fund_id: UUID, file_id: UUID, layout: Layout, rows_of: Opened = opened
) -> PaymentFile:
    """The file with its lines, none of them posted; of a transaction that the source told before only that it was
    repeated. The layout is kept for the next file, the file itself is erased. Nobody waits while it is opened.
    """
    fund = find.fund(session, caller, fund_id)
    fund.require_whole(caller)
    found = find.payment_file(session, fund, file_id)
    found.require_guessed()
    assert found.file_id is not None
    rows = rows_of(files.read(session, found.file_id))
    lines = payment_lines.read(rows, layout)
    fund = find.fund_to_govern(session, caller, fund_id)
    received = find.payment_file(session, fund, file_id)
    received.require_guessed()
    stored, shown = received.file_id, payment_lines.samples(rows, layout)
    received.take(lines, _claimed(session, fund.id, received.source), {**shown, "samples": []})
    if stored is not None:
        files.erase(session, stored)
    _keep_layout(session, fund.id, received.source, shown["titles"], asdict(layout))
    session.flush()
    facts = {"file": received.name, "lines": len(lines)}
    history.record(session, caller, subject=fund.id, kind="fund", action="read_payments", after=facts)
    return received


def take_payments_back(session: Session, caller: Caller, *, fund_id: UUID, file_id: UUID) -> None:
    """The file and its lines are gone; refuses one of which a line was posted or dismissed, and one whose payments a
    later file told again: there they count as repeated.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    received = find.payment_file(session, fund, file_id)
    received.require_unposted()
    _require_told_once(session, received)
    if received.file_id is not None:
        files.erase(session, received.file_id)
    session.delete(received)
    session.flush()
    before = {"file": received.name, "sha256": received.sha256}
    history.record(session, caller, subject=fund.id, kind="fund", action="take_payments_back", before=before)


def _require_told_once(session: Session, received: PaymentFile) -> None:
    mine = [line.transaction for line in received.lines if line.claimed is not None]
    again = (
        select(PaymentFile.name)
        .join(PaymentLine, PaymentLine.file_id == PaymentFile.id)
        .where(
            PaymentFile.id != received.id,
            PaymentFile.fund_id == received.fund_id,
            PaymentFile.source == received.source,
            PaymentLine.state == "repeated",
            PaymentLine.transaction.in_(mine),
        )
    )
    if name := session.scalar(again.limit(1)):
        raise Refused("payments.told_again", name=name)


def dismiss_line(session: Session, caller: Caller, *, fund_id: UUID, line_id: UUID, reason: str) -> PaymentLine:
    """The line, which pays no loan of the fund, with why; refuses one that is settled, and no reason."""
    if not reason.strip():
        raise Invalid("payments.reason_missing", pointer="/reason")
    fund = find.fund_to_govern(session, caller, fund_id)
    line = find.payment_line(session, fund, line_id)
    line.dismiss(reason.strip(), caller.subject, caller.name)
    session.flush()
    facts = {"transaction": line.transaction, "reason": line.reason}
    history.record(session, caller, subject=fund.id, kind="fund", action="dismiss_payment", after=facts)
    return line


def _guessed(session: Session, fund_id: UUID, source: str, rows: Any) -> dict[str, Any]:
    guessed = payment_lines.samples(rows, payment_lines.guess(rows))
    kept = session.get(PaymentLayout, (fund_id, source))
    if kept is not None:
        layout = Layout(**kept.layout)
        again = payment_lines.samples(rows, layout)
        if again["titles"] == kept.titles:
            return again
    return guessed


def _claimed(session: Session, fund_id: UUID, source: str) -> set[str]:
    """The transactions that files of this source told the fund so far."""
    query = select(PaymentLine.claimed).where(PaymentLine.fund_id == fund_id, PaymentLine.source == source)
    return {one for one in session.scalars(query) if one is not None}


def _keep_layout(session: Session, fund_id: UUID, source: str, titles: list[str], layout: dict[str, Any]) -> None:
    kept = session.get(PaymentLayout, (fund_id, source), populate_existing=True)
    if kept is None:
        kept = PaymentLayout(fund_id=fund_id, source=source, titles=[], layout={})
        session.add(kept)
    kept.keep(titles, layout)
