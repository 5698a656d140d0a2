"""The evidence file of a loan: all of its life in one signed archive, which anybody checks without us."""

import base64
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from services.credit.cli import group
from services.credit.directory import NOBODY, Directory
from services.credit.models import Loan
from services.credit.rules import evidence, signatures
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.gather_evidence import gather_evidence
from services.credit.use_cases.meet_conditions import ask_condition, meet_condition, show_evidence
from shared import files, history
from shared.kernel import Forbidden, Refused
from shared.testing import person, settings_of
from tests.credit import test_pages
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    OFFICER,
    TECHNICIAN,
    URL,
    House,
    names,
)
from tests.credit.test_pages import Town, housed
from tests.credit.test_printed import text_of
from tests.credit.test_withdrawal import withdraw

town = test_pages.town
PDF = b"%PDF-1.7\n%%EOF"
AUDITOR = person("auditor", scope="HN17", subject="auditor")
TRUST = person("trust_fund_member", scope="HN17", subject="trust")


def lent(house: House, repayments: int = 2, *, closed: bool = True) -> Loan:
    """A loan that was approved on a condition, in a session whose minutes are signed, and its repayments."""
    application = house.appraised()
    meeting = house.opened(application)
    item = meeting.agenda[0].id
    asked = ask_condition(
        house.session, CHAIR, session_id=meeting.id, item_id=item, text="Factura del horno", verifier="technician"
    )
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=item)
    if closed:
        close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    facts = {"application_id": application.id, "condition_id": asked.id}
    show_evidence(house.session, TECHNICIAN, name="../factura.pdf", content=PDF, **facts)
    meet_condition(house.session, TECHNICIAN, **facts)
    loan = house.disburse(application)
    for _ in range(repayments):
        house.repay(loan, "100.00")
    house.session.flush()
    return loan


def gathered(house: House, loan: Loan, caller: Any = OFFICER, names_: Any = names, language: str = "es") -> bytes:
    found = gather_evidence(house.session, caller, loan_id=loan.id, names=names_, language=language)
    with found:
        return found.read()


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def problems(content: bytes, key: str | None = None) -> list[tuple[str, str]]:
    return evidence.problems(io.BytesIO(content), key)[1]


def manifest_of(content: bytes) -> dict[str, Any]:
    return json.loads(opened(content)["manifest.json"])


@pytest.fixture
def made(house: House) -> tuple[House, Loan, bytes]:
    loan = lent(house)
    return house, loan, gathered(house, loan)


def test_it_holds_the_life_of_the_loan_and_is_whole(made):
    _, loan, content = made
    parts = opened(content)
    assert list(parts) == [
        "application.json",
        "appraisals.json",
        "papers.json",
        "guarantees.json",
        "sessions.json",
        "actas/FON-A-0001.pdf",
        "conditions.json",
        "conditions/01.pdf",
        "loan.json",
        f"note/{loan.number}.pdf",
        "changes.json",
        "repayments.json",
        "receipts/0001-0002.pdf",
        "payment_lines.json",
        "overpayments.json",
        "standing.json",
        "collection.json",
        "ledger.json",
        "movements.csv",
        "statement.pdf",
        "issued.json",
        "history.json",
        "index.pdf",
        "README.txt",
        "verify.py",
        "public_key.pem",
        "SHA256SUMS",
        "manifest.json",
        "manifest.sig",
    ]
    manifest, found = evidence.problems(io.BytesIO(content))
    assert found == []
    assert (manifest["loan"], manifest["fund"], manifest["as_of"]) == (loan.number, "FON", "2026-03-05")
    assert manifest["absent"] == []


def test_its_rows_are_those_that_are_kept(made):
    _, loan, content = made
    parts = {name: json.loads(part) for name, part in opened(content).items() if name.endswith(".json")}
    assert parts["application.json"]["application"]["project"] == "Un horno nuevo"
    [resolution] = parts["application.json"]["resolutions"]
    assert resolution["number"] == "FON-R-2026-0001"
    assert parts["application.json"]["regulations"][0]["parameters"]["quorum"]["seats"] == 3
    assert parts["appraisals.json"][0]["guarantees"] == "Fianza solidaria"
    [meeting] = parts["sessions.json"]
    assert [vote["choice"] for vote in meeting["items"][0]["votes"]] == ["approve"] * 4
    assert [seat["name"] for seat in meeting["roll"] if seat["movements"]] == [seat["name"] for seat in meeting["roll"]]
    assert parts["conditions.json"][0]["met_by_name"] == TECHNICIAN.name
    assert sum(row["principal"] for row in parts["loan.json"]["schedule"]) == loan.principal
    entries = parts["ledger.json"]
    assert [entry["kind"] for entry in entries] == ["disbursement", "repayment", "repayment"]
    assert all(sum(line["amount"] for line in entry["lines"]) == 0 for entry in entries)
    assert [one["amount"] for one in parts["repayments.json"]] == [100_00, 100_00]
    told = {subject["kind"]: [entry["action"] for entry in subject["entries"]] for subject in parts["history.json"]}
    assert told["loan"] == ["repay", "repay"]
    assert {"decide", "disburse", "meet_condition"} <= set(told["application"])
    assert "open" in told["session"]


def test_its_papers_are_those_that_were_signed_and_what_was_paid_has_its_receipt(made):
    house, loan, content = made
    parts = opened(content)
    assert signatures.read(parts["actas/FON-A-0001.pdf"]).problems == ()
    assert parts[f"note/{loan.number}.pdf"] == files.read(house.session, loan.note_file_id)
    assert parts["conditions/01.pdf"] == PDF
    receipts = text_of(parts["receipts/0001-0002.pdf"])
    for words in ("FON-RC-2026-0001", "FON-RC-2026-0002", "María Inventada López", "cien lempiras con 00/100"):
        assert words in receipts, words
    index = text_of(parts["index.pdf"])
    for words in ("Expediente de evidencia", loan.number, "FON-R-2026-0001", "María Inventada López", "Nada falta"):
        assert words in index, words
    listed = manifest_of(content)["files"]
    for one in listed[: [file["path"] for file in listed].index("index.pdf")]:
        assert one["sha256"] in index.replace(" ", ""), one["path"]


def test_the_same_state_makes_the_same_bytes_and_another_payment_makes_others(made):
    house, loan, content = made
    house.session.expire_all()
    assert gathered(house, loan) == content
    assert gathered(house, loan, language="en") != content
    house.repay(loan, "50.00")
    assert gathered(house, loan) != content


def test_a_changed_byte_in_any_file_is_named(made):
    _, _, content = made
    parts = opened(content)
    for name, part in parts.items():
        altered = part[: len(part) // 2] + bytes([part[len(part) // 2] ^ 1]) + part[len(part) // 2 + 1 :]
        found = problems(packed(parts | {name: altered}))
        if name in {"manifest.json", "manifest.sig"}:
            assert found, name
        else:
            assert found == [("changed", name)], name


def test_a_byte_changed_in_the_archive_itself_never_passes_for_a_whole_file(made):
    """Anywhere in what is stored or told of it; a time or a right that nobody reads may be another."""
    _, _, content = made
    whole = opened(content)
    for at in range(0, len(content), max(1, len(content) // 150)):
        altered = content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :]
        if not problems(altered):
            assert opened(altered) == whole, at


def test_a_missing_an_added_and_a_doubled_file_are_named(made):
    _, _, content = made
    parts = opened(content)
    for name in parts:
        left = {other: part for other, part in parts.items() if other != name}
        found = problems(packed(left))
        expected = {"manifest.json": "no_evidence", "manifest.sig": "bad_signature"}.get(name, "missing")
        told = "manifest.json" if name.startswith("manifest") else name
        assert found == [(expected, told)], name
    assert problems(packed(parts | {"conditions/02.pdf": PDF})) == [("not_listed", "conditions/02.pdf")]
    out = io.BytesIO(packed(parts))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("loan.json", b"{}")
    assert ("twice", "loan.json") in problems(out.getvalue())


def test_two_files_that_changed_places_are_named(made):
    _, _, content = made
    parts = opened(content)
    swapped = parts | {"statement.pdf": parts["index.pdf"], "index.pdf": parts["statement.pdf"]}
    assert problems(packed(swapped)) == [("exchanged", "statement.pdf"), ("exchanged", "index.pdf")]


def relisted(content: bytes, change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    """The parts with a manifest that says something else."""
    parts = opened(content)
    manifest = json.loads(parts["manifest.json"])
    change(manifest)
    return parts | {"manifest.json": json.dumps(manifest, ensure_ascii=False, indent=1).encode()}


def rechained(manifest: dict[str, Any]) -> None:
    previous = ""
    for one in manifest["files"]:
        previous = one["chain"] = evidence.linked(previous, one["path"], one["sha256"])


def test_another_order_is_seen_by_the_chain_and_a_new_chain_by_the_signature(made):
    _, _, content = made

    def reorder(manifest: dict[str, Any]) -> None:
        manifest["files"][4], manifest["files"][5] = manifest["files"][5], manifest["files"][4]

    found = problems(packed(relisted(content, reorder)))
    assert ("broken_chain", "actas/FON-A-0001.pdf") in found
    assert ("bad_signature", "manifest.json") in found

    def reorder_with_care(manifest: dict[str, Any]) -> None:
        reorder(manifest)
        rechained(manifest)

    assert problems(packed(relisted(content, reorder_with_care))) == [("bad_signature", "manifest.json")]


def forged(parts: dict[str, bytes], change: dict[str, bytes]) -> bytes:
    """Everything made anew by somebody who has another key."""
    public, private = signatures.new_key()
    parts = parts | change
    manifest = json.loads(parts["manifest.json"])
    for one in manifest["files"]:
        one["sha256"], one["size"] = hashlib.sha256(parts[one["path"]]).hexdigest(), len(parts[one["path"]])
    rechained(manifest)
    manifest["public_key"] = public
    told = json.dumps(manifest).encode()
    return packed(parts | {"manifest.json": told, "manifest.sig": signatures.signature_of(told, private)})


def test_a_file_forged_with_another_key_is_known_by_the_key(made):
    _, _, content = made
    parts = opened(content)
    key = manifest_of(content)["public_key"]
    assert key == signatures.read(parts["actas/FON-A-0001.pdf"]).public_key
    assert problems(content, key) == []
    lie = forged(parts, {"repayments.json": b"[]"})
    assert problems(lie) == [], "by itself it is of one piece"
    found = problems(lie, key)
    assert ("other_key", "manifest.json") in found
    assert ("bad_signature", "manifest.json") in found


def test_the_signature_of_minutes_is_none_of_a_manifest(made):
    _, _, content = made
    parts = opened(content)
    acta = parts["actas/FON-A-0001.pdf"]
    borrowed = base64.b64decode(acta.rpartition(b"%CSEM-SIGNATURE-1 ")[2])
    assert problems(packed(parts | {"manifest.sig": borrowed})) == [("bad_signature", "manifest.json")]


def test_a_history_that_was_written_anew_is_named_even_under_a_good_signature(made):
    _, _, content = made
    parts = opened(content)
    subjects = json.loads(parts["history.json"])
    subjects[-1]["entries"][0]["after"]["amount"] = "900.00"
    lie = forged(parts, {"history.json": json.dumps(subjects).encode()})
    assert problems(lie) == [("broken_history", "history.json: loan 1")]
    subjects = json.loads(parts["history.json"])
    del subjects[-1]["entries"][0]
    lie = forged(parts, {"history.json": json.dumps(subjects).encode()})
    assert problems(lie) == [("broken_history", "history.json: loan 2")]


@pytest.mark.parametrize("content", [b"", b"PK", b"%PDF-1.7", packed({}), packed({"manifest.json": b"[" * 5000})])
def test_what_is_no_evidence_file_is_said_to_be_none(content: bytes):
    assert problems(content) == [("no_evidence", "manifest.json")]


def test_it_is_checked_with_python_alone_or_with_common_tools(made, tmp_path):
    _, _, content = made
    (tmp_path / "file.zip").write_bytes(content)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "file.zip") as archive:
        archive.extractall(folder)
    alone = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(tmp_path / "file.zip")]
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "entero y firmado" in done.stdout
    (tmp_path / "file.zip").write_bytes(packed(opened(content) | {"ledger.json": b"{}"}))
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ledger.json: fue alterado" in done.stdout
    sums = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    assert sums.returncode == 0
    if shutil.which("openssl"):
        asked = "pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig"
        assert subprocess.run(["openssl", *asked.split()], cwd=folder, capture_output=True, check=False).returncode == 0


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80))
def test_a_signature_is_judged_as_the_library_judges_it(seed: bytes, message: bytes):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert evidence.verified(public, message, signature)
    assert not evidence.verified(public, message + b"x", signature)
    assert not evidence.verified(public, message, bytes([signature[0] ^ 1]) + signature[1:])
    order = 2**252 + 27742317777372353535851937790883648493
    again = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    assert not evidence.verified(public, message, signature[:32] + again), "one signature has one form"


def test_who_may_not_hold_the_note_finds_it_withheld(made):
    house, loan, _ = made
    for who in (AUDITOR, TRUST):
        content = gathered(house, loan, who)
        assert problems(content) == []
        assert f"note/{loan.number}.pdf" not in opened(content)
        late = [] if who is AUDITOR else ["payment_lines.json", "collection.json"]
        withheld = [{"what": path, "why": "withheld"} for path in (f"note/{loan.number}.pdf", *late)]
        assert manifest_of(content)["absent"] == withheld
        assert "no lo puede ver" in text_of(opened(content)["index.pdf"])
        assert b"0801-1990-12345" not in b"".join(opened(content).values())


def test_minutes_that_tell_of_another_territory_are_withheld(house: House):
    one, elsewhere = house.appraised(), house.appraised(enterprise_id=house.enterprise("HN1701"))
    meeting = house.opened(one, elsewhere)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    loan = house.disburse(one)
    near = person("coordinator", scope="HN1709", subject="near")
    content = gathered(house, loan, near)
    assert manifest_of(content)["absent"] == [{"what": f"acta: {meeting.number}", "why": "withheld"}]
    assert str(elsewhere.id).encode() not in opened(content)["sessions.json"]
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        gathered(house, loan, person("coordinator", scope="HN1701", subject="far"))


def test_minutes_that_are_not_made_yet_are_named(house: House):
    unsigned = lent(house, closed=False)
    with pytest.raises(Refused, match=r"evidence\.no_key"):
        gathered(house, unsigned)
    lent(house)
    content = gathered(house, unsigned)
    assert problems(content) == []
    assert [one["why"] for one in manifest_of(content)["absent"]] == ["session_not_closed"]


def test_a_loan_that_changes_while_it_is_gathered_is_refused(house: House):
    loan = lent(house)

    def changing(_enterprise_id: Any) -> Any:
        return NOBODY

    from services.credit.use_cases import gather_evidence as room

    seen = iter([1, 2])
    before = room._version
    room._version = lambda *_: next(seen)
    try:
        with pytest.raises(Refused, match=r"evidence\.changed_meanwhile"):
            gathered(house, loan, names_=changing)
    finally:
        room._version = before


def test_after_a_withdrawal_it_says_what_is_no_longer_there(made):
    house, loan, before = made
    withdraw(house, loan.enterprise_id)
    house.session.flush()
    house.session.expire_all()
    content = gathered(house, loan, names_=lambda _id: NOBODY)
    assert problems(content) == []
    parts = opened(content)
    assert json.loads(parts["application.json"])["application"]["project"] == ""
    assert json.loads(parts["appraisals.json"])[0]["remarks"] == ""
    told = json.loads(parts["history.json"])[0]["entries"]
    assert all(entry["salt"] is None and entry["after"] is None for entry in told)
    index = text_of(parts["index.pdf"])
    assert "retiró su consentimiento" in index
    assert "María" not in index + text_of(parts["statement.pdf"]) + text_of(parts["receipts/0001-0002.pdf"])
    assert f"note/{loan.number}.pdf" in parts, "the law keeps the contract"
    assert history.broken_at(house.session, loan.application_id) is None
    assert problems(before) == [], "a file that was taken before stays as it was"


def test_a_file_that_was_erased_is_named(made):
    from services.credit.models import Condition

    house, loan, _ = made
    shown = house.session.query(Condition).one().evidence_file_id
    assert shown is not None
    files.erase(house.session, shown)
    content = gathered(house, loan)
    assert problems(content) == []
    assert manifest_of(content)["absent"] == [{"what": "conditions/01", "why": "erased"}]
    assert "fue borrado" in text_of(opened(content)["index.pdf"])


def test_a_loan_with_many_payments_comes_in_booklets_and_in_little_memory(house: House):
    loan = lent(house, repayments=0)
    for _ in range(120):
        house.repay(loan, "10.00")
    tracemalloc.start()
    content = gather_evidence(house.session, OFFICER, loan_id=loan.id, names=names, language="es")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with content:
        assert evidence.problems(content)[1] == []
        with zipfile.ZipFile(content) as archive:
            booklets = [name for name in archive.namelist() if name.startswith("receipts/")]
    assert booklets == ["receipts/0001-0050.pdf", "receipts/0051-0100.pdf", "receipts/0101-0120.pdf"]
    assert most < 40_000_000


def test_the_api_gives_it_to_those_who_answer_for_the_loan(build_house, client):
    _, loan = build_house(lent)
    for who in (OFFICER, COORDINATOR, AUDITOR, TRUST):
        answer = client.get(who, f"/loans/{loan.id}/evidence")
        assert answer.status == 200
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert problems(answer.content) == []
    for who in (CASHIER, TECHNICIAN, CHAIR, person("leda_viewer", scope="HN17")):
        assert client.get(who, f"/loans/{loan.id}/evidence").code == "permission.role_missing"
    far = client.get(person("auditor", scope="GT01"), f"/loans/{loan.id}/evidence")
    assert (far.status, far.code) == (403, "permission.outside_scope")


@pytest.fixture
def run(database, tmp_path, keys, monkeypatch):
    monkeypatch.setattr(Directory, "borrower", lambda _self, enterprise_id: names(enterprise_id))
    monkeypatch.chdir(tmp_path)
    url = database.engine.url.render_as_string(hide_password=False)
    environ = {"CSEM_DATABASE_URL": url, "CSEM_KEYS": str(tmp_path / "keys")}
    house = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, **environ))

    def invoke(*words: str) -> Any:
        return CliRunner().invoke(group, words, obj=house)

    return invoke


def test_the_commands_write_it_and_check_it(build_house, database, run, tmp_path):
    def step(house: House) -> Loan:
        files.keep_in(database, settings_of("credit", tmp_path).files)
        return lent(house)

    _, loan = build_house(step)
    done = run("evidence", loan.number)
    assert done.exit_code == 0, done.output
    path = tmp_path / f"{loan.number}.zip"
    key = manifest_of(path.read_bytes())["public_key"]
    checked = run("verify-evidence", str(path), "--key", "\u200b".join(key))
    assert (checked.exit_code, "whole and signed" in checked.output) == (0, True)
    other, _ = signatures.new_key()
    assert "signed with another key" in run("verify-evidence", str(path), "--key", other).output
    path.write_bytes(packed(opened(path.read_bytes()) | {"loan.json": b"{}"}))
    checked = run("verify-evidence", str(path))
    assert (checked.exit_code, "loan.json: fue alterado" in checked.output) == (1, True)
    assert "There is no loan NONE" in run("evidence", "NONE").output
    nowhere = run("evidence", loan.number, "--output", "nowhere/file.zip")
    assert (nowhere.exit_code, "cannot be written" in nowhere.output) == (1, True)


def test_the_commands_say_why_there_is_none(build_house, database, run, tmp_path):
    def step(house: House) -> Loan:
        files.keep_in(database, settings_of("credit", tmp_path).files)
        return lent(house, closed=False)

    _, loan = build_house(step)
    done = run("evidence", loan.number)
    assert done.exit_code == 1
    assert "evidence.no_key" in done.output


def test_version_of_a_loan_is_asked_of_the_database(made):
    from services.credit.use_cases.gather_evidence import _version

    house, loan, _ = made
    before = _version(house.session, loan)
    house.session.execute(update(Loan).where(Loan.id == loan.id).values(version=Loan.version + 1))
    assert _version(house.session, loan) == (before or 0) + 1


def test_the_page_of_a_loan_leads_to_it_those_who_may_take_it(town: Town):
    loan = housed(town, lent)
    page = f"/credit/loans/{loan.id}"
    for username, role in (("ofelia", "credit_officer"), ("aurora", "auditor"), ("fidelia", "trust_fund_member")):
        browser = town.signed_in(username, role)
        assert "Expediente de evidencia (ZIP)" in browser.get(page).text
        taken = browser.get(f"{page}/evidence")
        assert (taken.status_code, taken.content_type) == (200, "application/zip")
        assert problems(taken.data) == []
    for username, role in (("casilda", "cashier"), ("sol", "leda_viewer")):
        browser = town.signed_in(username, role)
        assert "/evidence" not in browser.get(page).text
        assert browser.get(f"{page}/evidence").status_code == 403


def test_the_page_says_why_there_is_none_yet(town: Town):
    loan = housed(town, lambda house: lent(house, closed=False))
    browser = town.signed_in("ofelia", "credit_officer")
    refused = browser.get(f"/credit/loans/{loan.id}/evidence")
    assert refused.status_code == 409
    assert "Cierre la sesión" in refused.text
