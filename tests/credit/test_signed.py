"""Minutes are signed with their committee's key: whoever holds the file checks it without us."""

import hashlib
import io
from pathlib import Path
from typing import Any

import pypdf
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from services.credit import sealing
from services.credit.cli import group
from services.credit.models import Acta, CommitteeKey
from services.credit.queries.documents import verification
from services.credit.rules import signatures
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.hold_session import correct_acta, record_attendance
from services.credit.use_cases.print_paper import print_notice
from shared import files
from shared.kernel import NotFound, Refused
from tests.credit.house import CHAIR, COORDINATOR, SECRETARY, URL, House, names
from tests.credit.test_printed import closed, code_of, text_of


def content(house: House, acta: Acta) -> bytes:
    return files.read(house.session, acta.file_id)


def test_the_file_alone_shows_what_it_says_and_who_signed_it(house: House):
    acta = closed(house, "1000.00")
    read = signatures.read(content(house, acta))
    assert (read.number, read.hash, read.previous, read.problems) == (acta.number, acta.hash, None, ())
    assert read.public_key == acta.public_key
    assert acta.public_key in text_of(content(house, acta)).replace(" ", "")


def test_what_the_minutes_say_is_attached_to_them_as_it_is_hashed(house: House):
    acta = closed(house, "1000.00")
    reader = pypdf.PdfReader(io.BytesIO(content(house, acta)))
    attached = reader.attachments["acta.txt"][0]
    assert hashlib.sha256(attached).hexdigest() == acta.hash


def test_it_is_still_an_accessible_document(house: House):
    reader = pypdf.PdfReader(io.BytesIO(content(house, closed(house, "1000.00"))))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert reader.trailer["/Root"]["/Lang"] == "es"


def test_one_byte_more_or_less_anywhere_is_seen(house: House):
    genuine = content(house, closed(house, "1000.00"))
    signed = genuine.rindex(b"%CSEM")
    for at in (len(genuine) // 3, len(genuine) // 2, signed - 40, signed + 30):
        altered = genuine[:at] + bytes([genuine[at] ^ 1]) + genuine[at + 1 :]
        assert signatures.read(altered).problems, at
    assert signatures.read(genuine[:signed]).problems == ("not_signed",)
    assert signatures.read(b"%PDF-1.7 nothing").problems == ("no_minutes",)
    assert signatures.read(b"").problems == ("no_minutes",)


def test_a_signature_with_another_key_is_seen(house: House):
    acta = closed(house, "1000.00")
    genuine = content(house, acta)
    _, stranger = signatures.new_key()
    forged, _ = signatures.signed(genuine[: genuine.rindex(b"\n%CSEM")], acta.hash, stranger)
    assert signatures.read(forged).problems == ("bad_signature",)


def test_one_committee_has_one_key_and_its_secret_half_rests_sealed(house: House):
    first, second = closed(house, "1000.00"), closed(house, "1000.00")
    assert first.public_key == second.public_key
    key = house.session.scalars(select(CommitteeKey)).one()
    private, nonce = key.sealed[12:], key.sealed[:12]
    assert len(private) == 48
    assert len(nonce) == 12
    house.session.execute(update(CommitteeKey).values(sealed=nonce + bytes(48)))
    house.session.expire(key)
    with pytest.raises(ValueError, match="does not open"):
        sealing.sign(house.session, house.committee_id, b"%PDF", "0" * 64)


def run(tmp_path: Path, *contents: bytes, key: str | None = None) -> Any:
    paths = []
    for number, one in enumerate(contents):
        paths.append(tmp_path / f"{number}.pdf")
        paths[-1].write_bytes(one)
    options = ["--key", key] if key else []
    return CliRunner().invoke(group, ["verify", *map(str, paths), *options])


def test_the_command_checks_hash_signature_and_chain_offline(house: House, tmp_path: Path):
    first, second, third = (closed(house, "1000.00") for _ in range(3))
    papers = [content(house, acta) for acta in (third, first, second)]
    done = run(tmp_path, *papers, key=first.public_key)
    assert done.exit_code == 0
    assert done.output.count("genuine") == 3
    assert done.output.index("FON-A-0001") < done.output.index("FON-A-0002") < done.output.index("FON-A-0003")
    gap = run(tmp_path, papers[0], papers[1])
    assert gap.exit_code == 1
    assert "does not follow the others" in gap.output
    assert run(tmp_path, papers[2]).exit_code == 0, "one alone may follow some that are not there"
    assert run(tmp_path, papers[1], key="\u200b".join(first.public_key or "")).exit_code == 0, "as a paper breaks it"
    other, _ = signatures.new_key()
    assert "signed with another key" in run(tmp_path, papers[1], key=other).output
    assert run(tmp_path, papers[1][:-200]).exit_code == 1


def correcting(house: House, acta: Acta, text: str = "Donde dice 1,000 debe decir 1,100") -> Acta:
    meeting = house.opened(house.appraised())
    correct_acta(house.session, CHAIR, session_id=meeting.id, acta=acta.number, text=text)
    return close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)


def test_later_minutes_correct_earlier_ones_and_who_verifies_those_is_told(house: House):
    wrong = closed(house, "1000.00")
    right = correcting(house, wrong)
    said = text_of(content(house, right))
    assert "Corrige el acta FON-A-0001: Donde dice 1,000 debe decir 1,100" in said
    told = verification(house.session, wrong.hash)
    assert told
    assert told["corrected_by"] == [{"number": right.number, "hash": right.hash}]
    assert told["public_key"] == wrong.public_key
    assert "1,100" not in str(told), "what was corrected may name somebody"
    after = verification(house.session, right.hash)
    assert after
    assert (after["corrects"], after["corrected_by"]) == ([{"number": wrong.number, "hash": wrong.hash}], [])
    assert signatures.read(content(house, wrong)).problems == (), "the earlier ones are as they were"


def test_minutes_are_corrected_by_their_committee_with_its_quorum(house: House):
    wrong = closed(house, "1000.00")
    meeting = house.opened(house.appraised(), present=(CHAIR, SECRETARY))
    with pytest.raises(NotFound, match=r"session\.acta_unknown"):
        correct_acta(house.session, CHAIR, session_id=meeting.id, acta="FON-A-0099", text="No")
    with pytest.raises(Refused, match=r"session\.no_quorum_to_correct"):
        correct_acta(house.session, CHAIR, session_id=meeting.id, acta=wrong.number, text="No")
    for seat in meeting.roll:
        if not seat.present:
            record_attendance(house.session, CHAIR, session_id=meeting.id, roll_seat_id=seat.id, present=True)
    assert correct_acta(house.session, CHAIR, session_id=meeting.id, acta=wrong.number, text="Sí").corrections


@pytest.mark.parametrize(("language", "words"), [("es", "Convocatoria"), ("en", "Notice of a session")])
def test_the_notice_tells_what_will_be_decided_and_names_no_applicant(house: House, language, words):
    meeting = house.convened(house.appraised("1000.00"))
    said = text_of(print_notice(house.session, COORDINATOR, session_id=meeting.id, language=language, public_url=URL))
    for part in (words, "FON-S-2026-0001", "San Lorenzo", "09:00", "Petrona Presidenta", "1,000.00"):
        assert part in said, part
    assert "María" not in said
    told = verification(house.session, code_of(said))
    assert told
    assert (told["kind"], told["number"]) == ("session_notice", meeting.number)
