"""Diplomas: earned by hours, issued once, taken back, replaced, fetched by a personal link, forgotten with their holder."""

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.documents.diploma import hash_of, printed
from services.training.models import Diploma, DiplomaBatch, DiplomaKey, DiplomaLeftOut, DiplomaLink, TrainingGroup
from services.training.queries import diplomas as queries
from services.training.rules.diplomas import payload
from services.training.use_cases.award_groups import Taught, award_groups
from services.training.use_cases.issue_diplomas import PRINT_JOB, ensure_key
from services.training.use_cases.print_diplomas import print_again, print_batch
from services.training.use_cases.revoke_diploma import reissue_diploma, revoke_diploma
from services.training.use_cases.share_diploma import revoke_diploma_link, share_diploma
from shared import files, history
from shared.database import Database
from shared.events.registry import EntrepreneurMerged
from shared.job_runner import Runner
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, clock
from shared.tokens import Keyring, rotate_key
from tests.training.forming import form
from tests.training.house import STRANGER, TRAINER, number, register_many, tell, withdraw, woman_of
from tests.training.test_completions import complete, formed
from tests.training.test_groups import events

__all__ = ["formed"]
HOURS = 240
ADDRESS = "https://csem.example"


@pytest.fixture
def keyring(keys: dict[str, Keyring]) -> Keyring:
    return keys["training"]


@pytest.fixture
def ended(session: Session, formed: TrainingGroup) -> TrainingGroup:
    """A group of eight whose first three women completed the training."""
    return complete(session, formed, 1, 2, 3)


def names(count: int = 8) -> dict[UUID, str | None]:
    return {woman_of(woman): f"Marta {woman} Inventada" for woman in range(1, count + 1)}


def award(session: Session, keyring: Keyring, *groups: TrainingGroup, **told: Any) -> DiplomaBatch:
    """A batch for these groups; `attended`: tenths of an hour by enterprise."""
    attended: Mapping[int, int] | None = told.pop("attended", None)
    hers = {woman_of(woman): tenths for woman, tenths in attended.items()} if attended is not None else None
    taught = [Taught(group.id, "Costos y precios", HOURS, hers) for group in groups]
    known = told.pop("names", names())
    by = told.pop("by", TRAINER)
    return award_groups(
        session, by, keyring, known, **{"kind": "attendance", "language": "es", "groups": taught} | told
    )


def issued(session: Session, batch: DiplomaBatch) -> list[Diploma]:
    found = select(Diploma).where(Diploma.batch_id == batch.id).order_by(Diploma.number)
    return list(session.scalars(found))


def reasons(session: Session, batch: DiplomaBatch) -> dict[UUID, str]:
    found = select(DiplomaLeftOut.holder_id, DiplomaLeftOut.reason).where(DiplomaLeftOut.batch_id == batch.id)
    return {row.holder_id: row.reason for row in session.execute(found)}


def test_who_was_there_for_eighty_percent_gets_a_diploma_and_the_others_a_reason(
    session: Session, keyring: Keyring, ended: TrainingGroup
) -> None:
    batch = award(session, keyring, ended, attended={1: 240, 2: 192, 4: 191})
    diplomas = issued(session, batch)
    assert [(one.number, one.name) for one in diplomas] == [
        ("D-2026-000001", "Marta 1 Inventada"),
        ("D-2026-000002", "Marta 2 Inventada"),
    ]
    assert reasons(session, batch) == {woman_of(woman): "too_few_hours" for woman in range(3, 9)}
    assert [row["diploma_id"] for row in events(session, "diploma-issued")] == [str(one.id) for one in diplomas]
    assert [row["holder_id"] for row in events(session, "diploma-issued")] == [str(woman_of(1)), str(woman_of(2))]
    assert [entry["action"] for entry in history.of(session, diplomas[0].id)] == ["issue"]
    assert "Marta" not in json.dumps([dict(entry) for entry in history.of(session, diplomas[0].id)], default=str)
    known = queries.keys_of(session, keyring)
    said = payload.read(str(diplomas[1].payload), known)
    assert (said.name, said.attended, said.hours, said.ended_on) == ("Marta 2 Inventada", "19.2", "24", "2026-03-05")


def test_achievement_asks_that_the_training_was_completed(
    session: Session, keyring: Keyring, ended: TrainingGroup
) -> None:
    batch = award(session, keyring, ended, kind="achievement", attended={1: 240, 4: 240})
    assert [one.holder_id for one in issued(session, batch)] == [woman_of(1)]
    assert reasons(session, batch)[woman_of(4)] == "not_completed"


def test_where_hours_are_not_said_whoever_completed_it_was_there(
    session: Session, keyring: Keyring, ended: TrainingGroup
) -> None:
    batch = award(session, keyring, ended)
    assert {one.holder_id for one in issued(session, batch)} == {woman_of(woman) for woman in (1, 2, 3)}


def test_a_diploma_is_issued_once_until_it_is_revoked(session: Session, keyring: Keyring, ended: TrainingGroup) -> None:
    first = award(session, keyring, ended)
    again = award(session, keyring, ended)
    assert again.issued == 0
    assert again.job_id is None
    assert reasons(session, again)[woman_of(1)] == "has_one"
    revoke_diploma(session, TRAINER, issued(session, first)[0].id, version=None, reason="wrong_facts")
    assert [one.holder_id for one in issued(session, award(session, keyring, ended))] == [woman_of(1)]


def test_a_woman_who_was_registered_twice_gets_one(session: Session, keyring: Keyring, ended: TrainingGroup) -> None:
    award(session, keyring, ended, attended={1: 240})
    tell(session, EntrepreneurMerged(survivor_id=number(555), absorbed_id=woman_of(1)), number(555))
    again = award(session, keyring, ended, attended={1: 240})
    assert (again.issued, reasons(session, again)[number(555)]) == (0, "has_one")


def test_what_cannot_be_is_refused(session: Session, keyring: Keyring, formed: TrainingGroup) -> None:
    with pytest.raises(Refused, match=r"diploma\.training_not_ended"):
        award(session, keyring, formed)
    complete(session, formed, 1, 2)
    with pytest.raises(Invalid, match=r"diploma\.group_twice"):
        award(session, keyring, formed, formed)
    with pytest.raises(Invalid, match=r"diploma\.not_a_member"):
        award(session, keyring, formed, attended={99: 240})
    with pytest.raises(Invalid, match=r"diploma\.more_hours"):
        award(session, keyring, formed, attended={1: 241})
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        award(session, keyring, formed, by=STRANGER)
    with pytest.raises(Refused, match=r"diploma\.no_names"):
        award(session, keyring, formed, names={})
    assert events(session, "diploma-issued") == []


def test_a_diploma_is_taken_back_by_whom_it_concerns_and_once(
    session: Session, keyring: Keyring, ended: TrainingGroup
) -> None:
    diploma = issued(session, award(session, keyring, ended))[0]
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        revoke_diploma(session, STRANGER, diploma.id, version=None, reason="lost")
    with pytest.raises(Stale):
        revoke_diploma(session, TRAINER, diploma.id, version=diploma.version + 1, reason="lost")
    with pytest.raises(NotFound, match=r"diploma\.unknown"):
        revoke_diploma(session, TRAINER, number(9), version=None, reason="lost")
    link = share_diploma(session, TRAINER, diploma.id)
    revoke_diploma(session, TRAINER, diploma.id, version=diploma.version, reason="not_earned")
    assert session.get_one(DiplomaLink, link.id, populate_existing=True).state == "revoked"
    assert events(session, "diploma-revoked") == [
        {"diploma_id": str(diploma.id), "reason": "not_earned", "revoked_on": clock.today().isoformat()}
    ]
    assert queries.verification(session, diploma.hash)["standing"] == "revoked"
    with pytest.raises(Refused, match=r"diploma\.revoked_already"):
        revoke_diploma(session, TRAINER, diploma.id, version=None, reason="lost")
    with pytest.raises(Refused, match=r"diploma\.revoked_already"):
        share_diploma(session, TRAINER, diploma.id)


def test_a_new_diploma_replaces_the_old_one_and_each_leads_to_the_other(
    session: Session, keyring: Keyring, ended: TrainingGroup
) -> None:
    old = issued(session, award(session, keyring, ended))[0]
    told = {"version": None, "reason": "wrong_name", "name": "Marta Corregida"}
    new = reissue_diploma(session, TRAINER, keyring, old.id, **told)
    assert (new.number, new.name, new.title, new.attended) == ("D-2026-000004", "Marta Corregida", old.title, 240)
    verified = queries.verification(session, old.hash[:16])
    assert verified["standing"] == "replaced"
    assert verified["standing_by"] == {"number": new.number, "hash": new.hash}
    assert queries.show_diploma(session, TRAINER, old.id, b"x")["replaced_by"] == new.id
    assert queries.show_diploma(session, TRAINER, new.id, b"x")["replaces_id"] == old.id
    assert events(session, "diploma-issued")[-1]["replaces_id"] == str(old.id)
    assert queries.verification(session, new.hash)["standing"] == "in_force"
    with pytest.raises(Refused, match=r"diploma\.revoked_already"):
        reissue_diploma(session, TRAINER, keyring, old.id, **told)


def test_what_the_register_verifies_tells_nothing_personal(
    session: Session, keyring: Keyring, ended: TrainingGroup
) -> None:
    diploma = issued(session, award(session, keyring, ended))[0]
    told = json.dumps(queries.verification(session, diploma.hash), default=str)
    assert "Marta" not in told
    assert str(diploma.holder_id) not in told
    assert queries.verification(session, "0" * 64) is None
    assert queries.verification(session, diploma.hash[:15]) is None


def test_old_keys_keep_verifying_when_another_signs(
    session: Session, keyring: Keyring, ended: TrainingGroup, tmp_path: Path
) -> None:
    first = issued(session, award(session, keyring, ended, attended={1: 240}))[0]
    file = printed(first, keyring, ADDRESS)
    rotate_key(tmp_path / "keys", "training").unlink()
    turned = Keyring(tmp_path / "keys", "training")
    second = issued(session, award(session, turned, ended, attended={2: 240}))[0]
    assert first.key_id != second.key_id
    known = queries.keys_of(session, turned)
    for diploma in (first, second):
        assert payload.read(str(diploma.payload), known).name == diploma.name
    assert payload.read_file(file, known).number == first.number
    assert payload.read_file(printed(first, turned, ADDRESS), known).number == first.number


def test_the_hash_that_is_verified_is_that_of_what_is_printed(
    session: Session, keyring: Keyring, ended: TrainingGroup
) -> None:
    diploma = issued(session, award(session, keyring, ended))[0]
    assert diploma.hash == hash_of(diploma, str(diploma.payload))
    assert printed(diploma, keyring, ADDRESS) == printed(diploma, keyring, ADDRESS)


def test_a_personal_link_leads_to_her_diploma_until_its_last_day(
    session: Session, keyring: Keyring, ended: TrainingGroup
) -> None:
    key = b"k" * 32
    diploma = issued(session, award(session, keyring, ended))[0]
    longest = clock.today() + timedelta(days=365)
    for day in (clock.today() - timedelta(days=1), longest + timedelta(days=1)):
        with pytest.raises(Invalid, match=r"diploma\.link_last_day"):
            share_diploma(session, TRAINER, diploma.id, expires_on=day)
    link = share_diploma(session, TRAINER, diploma.id)
    assert link.expires_on == longest
    token = queries.link_row(link, key)["token"]
    assert queries.opened(session, token, key).id == diploma.id
    for other in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", queries.link_row(link, b"o" * 32)["token"]):
        with pytest.raises(NotFound, match=r"diploma\.link_not_open"):
            queries.opened(session, other, key)
    with clock.frozen(clock.now() + timedelta(days=366)), pytest.raises(NotFound, match=r"diploma\.link_not_open"):
        queries.opened(session, token, key)
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        revoke_diploma_link(session, STRANGER, link.id, version=None)
    revoke_diploma_link(session, TRAINER, link.id, version=link.version)
    with pytest.raises(NotFound, match=r"diploma\.link_not_open"):
        queries.opened(session, token, key)
    with pytest.raises(Refused, match=r"diploma\.link_revoked_already"):
        revoke_diploma_link(session, TRAINER, link.id, version=None)


@pytest.fixture
def folder(database: Database, tmp_path: Path) -> Path:
    files.keep_in(database, tmp_path / "files")
    return tmp_path / "files"


def committed(database: Database, keyring: Keyring) -> UUID:
    """A batch of three diplomas."""
    with database.transaction() as opened:
        register_many(opened, 1, 8)
        group = form(opened)
        complete(opened, group, 1, 2, 3)
        return award(opened, keyring, group).id


def printed_in(database: Database, batch_id: UUID) -> dict[str, bytes]:
    with database.reading() as session:
        batch = session.get_one(DiplomaBatch, batch_id)
        assert batch.file_id is not None
        with zipfile.ZipFile(io.BytesIO(files.read(session, batch.file_id))) as archive:
            return {entry: archive.read(entry) for entry in archive.namelist()}


def work(database: Database, keyring: Keyring) -> None:
    runner = Runner(database, {PRINT_JOB: lambda job: print_batch(database, keyring, ADDRESS, job)})
    assert runner.run_due() == 1


def test_the_worker_prints_all_that_holds_into_one_file(database: Database, keyring: Keyring, folder: Path) -> None:
    assert not folder.exists()
    batch_id = committed(database, keyring)
    work(database, keyring)
    found = printed_in(database, batch_id)
    assert list(found) == [f"D-2026-00000{one}.pdf" for one in (1, 2, 3)]
    with database.transaction() as session:
        known = queries.keys_of(session, keyring)
        assert {payload.read_file(pdf, known).name for pdf in found.values()} == {
            f"Marta {woman} Inventada" for woman in (1, 2, 3)
        }
        first = issued(session, session.get_one(DiplomaBatch, batch_id))[0]
        revoke_diploma(session, TRAINER, first.id, version=None, reason="lost")
        assert session.get_one(DiplomaBatch, batch_id).file_id is None
        print_again(session, TRAINER, batch_id)
    work(database, keyring)
    assert list(printed_in(database, batch_id)) == ["D-2026-000002.pdf", "D-2026-000003.pdf"]


def test_a_woman_who_withdraws_leaves_a_number_without_a_name(
    database: Database, keyring: Keyring, folder: Path
) -> None:
    batch_id = committed(database, keyring)
    work(database, keyring)
    key = b"k" * 32
    with database.transaction() as session:
        hers = issued(session, session.get_one(DiplomaBatch, batch_id))[0]
        paper = str(hers.payload)
        token = queries.link_row(share_diploma(session, TRAINER, hers.id), key)["token"]
        withdraw(session, 1)
        withdraw(session, 8)
    with database.reading() as session:
        kept = session.get_one(Diploma, hers.id)
        assert (kept.holder_id, kept.name, kept.payload, kept.number) == (None, None, None, "D-2026-000001")
        assert session.get_one(DiplomaBatch, batch_id).file_id is None
        assert woman_of(8) not in reasons(session, session.get_one(DiplomaBatch, batch_id))
        assert queries.verification(session, kept.hash)["standing"] == "in_force"
        said = payload.read(paper, queries.keys_of(session, keyring))
        assert queries.standing_of(session, said)["standing"] == "in_force"
        with pytest.raises(NotFound, match=r"diploma\.link_not_open"):
            queries.opened(session, token, key)
        with pytest.raises(NotFound, match=r"diploma\.erased"):
            queries.readable(session, TRAINER, hers.id)
        told = events(session, "erasure-completed")
        assert told[0]["erased"]["diplomas"] == 1
        assert told[1]["erased"]["diplomas_refused"] == 1
        assert "diplomas_without_name" in told[0]["kept"]
    assert "Marta 1" not in "".join(path.read_bytes().decode(errors="ignore") for path in folder.rglob("*.zip"))
    with database.transaction() as session, pytest.raises(NotFound, match=r"diploma\.erased"):
        reissue_diploma(session, TRAINER, keyring, hers.id, version=None, reason="lost", name=None)


def test_a_key_is_remembered_before_it_signs_a_file(database: Database, keyring: Keyring) -> None:
    ensure_key(database, keyring)
    ensure_key(database, keyring)
    with database.reading() as session:
        assert [row.id for row in session.scalars(select(DiplomaKey))] == [keyring.sealing_key()[0]]
