"""What a diploma says is believed only as it was signed: every changed byte of its payload, file or badge is refused."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3.did import did_key_from_pem, resolve_did
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.status import check_credential_status, decode_encoded_list, set_indices
from openbadgeslib.ob3.verifier import OB3VerificationError

from services.training.reference import diplomas as reference
from services.training.rules.diplomas import badge, payload, status
from services.training.rules.diplomas.award import ACHIEVEMENT, ATTENDANCE, Candidate, hours, left_out
from tests.training.house import number

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEYS = {"training-1": KEY.public_key().public_bytes_raw(), "training-2": OTHER.public_key().public_bytes_raw()}
SAID = payload.Said(
    "training-1",
    "D-2026-000123",
    ATTENDANCE,
    "María Ñandú Inventada",
    "Costos y precios",
    "24",
    "21.5",
    "2026-03-01",
    "2026-03-05",
)
SEALED = SAID.sealed(KEY.sign(SAID.message()))
PDF = b"%PDF-1.7\nsomething printed\n%%EOF"
FILE = payload.signed_file(PDF, SEALED, "training-2", OTHER.sign(payload.file_message(PDF, SEALED)))
MADE = badge.Badge(
    number(1),
    number(2),
    "Red CSEM",
    "https://csem.example",
    "Diploma de asistencia: Costos y precios",
    "Asistió a 21.5 de las 24 horas.",
    "Haber asistido al menos al 80 % de las horas.",
    datetime(2026, 3, 5, 15, tzinfo=UTC),
    "https://csem.example/verify/0123456789abcdef",
    status.entry(LISTED := "https://csem.example/status/0", 123),
)
CONTEXTS = reference.contexts()
BADGE = badge.signed_badge(MADE, SAID, KEYS["training-1"], KEY.sign, CONTEXTS)


def test_what_was_signed_is_read_as_it_was_said() -> None:
    assert payload.read(SEALED, KEYS) == SAID
    wrapped = "\n  ".join(SEALED[start : start + 40] for start in range(0, len(SEALED), 40))
    assert payload.read(f" {wrapped}\n", KEYS) == SAID
    assert payload.read_file(FILE, KEYS) == SAID
    read = badge.read_badge(BADGE, KEYS, CONTEXTS)
    assert read["credentialSubject"]["identifier"][0]["identityHash"] == SAID.name


@given(place=st.integers(0, len(SEALED) - 1), change=st.integers(1, 127))
def test_a_changed_character_of_a_payload_is_refused(place: int, change: int) -> None:
    changed = SEALED[:place] + chr(ord(SEALED[place]) ^ change) + SEALED[place + 1 :]
    with pytest.raises(payload.NotGenuine):
        payload.read(changed, KEYS)


@given(place=st.integers(0, len(FILE) - 1), change=st.integers(1, 255))
def test_a_changed_byte_of_a_file_is_refused(place: int, change: int) -> None:
    changed = bytearray(FILE)
    changed[place] ^= change
    with pytest.raises(payload.NotGenuine):
        payload.read_file(bytes(changed), KEYS)


@given(place=st.integers(0, len(BADGE) - 1), change=st.integers(1, 255))
def test_a_changed_byte_of_a_badge_is_refused(place: int, change: int) -> None:
    changed = bytearray(BADGE)
    changed[place] ^= change
    with pytest.raises(payload.NotGenuine):
        badge.read_badge(bytes(changed), KEYS, CONTEXTS)


def test_every_single_bit_of_a_payload_counts() -> None:
    for place in range(len(SEALED)):
        for bit in range(7):
            changed = SEALED[:place] + chr(ord(SEALED[place]) ^ 1 << bit) + SEALED[place + 1 :]
            with pytest.raises(payload.NotGenuine):
                payload.read(changed, KEYS)


@given(st.text(max_size=200))
def test_any_text_is_judged_and_never_fails(text: str) -> None:
    for shown in (text, payload.PREFIX + text):
        with pytest.raises(payload.NotGenuine):
            payload.read(shown, KEYS)


@pytest.mark.parametrize("changed", [{"name": "Otra Persona"}, {"attended": "24"}, {"key": "training-2"}])
def test_other_words_under_the_same_signature_are_refused(changed: dict[str, str]) -> None:
    said = replace(SAID, **changed)
    with pytest.raises(payload.NotGenuine) as finding:
        payload.read(said.sealed(KEY.sign(SAID.message())), KEYS)
    assert finding.value.problem == payload.BAD_SIGNATURE


def test_a_key_that_is_not_ours_signs_nothing() -> None:
    for read in (
        lambda: payload.read(SEALED, {"training-2": KEYS["training-2"]}),
        lambda: payload.read_file(FILE, {"training-1": KEYS["training-1"]}),
        lambda: badge.read_badge(BADGE, {"training-2": KEYS["training-2"]}, CONTEXTS),
    ):
        with pytest.raises(payload.NotGenuine) as finding:
            read()
        assert finding.value.problem == payload.UNKNOWN_KEY


def test_a_signature_of_something_else_signs_no_diploma() -> None:
    for message in (SAID.message()[1:], json.dumps(["x"]).encode(), payload.file_message(PDF, SEALED)):
        with pytest.raises(payload.NotGenuine):
            payload.read(SAID.sealed(KEY.sign(message)), KEYS)


def test_a_payload_fits_a_code_that_a_telephone_reads() -> None:
    code = segno.make(SEALED, error="m", micro=False)
    assert code.mode == "alphanumeric"
    assert code.version <= 12


def test_a_library_of_others_verifies_the_badge() -> None:
    found = OB3LdpVerifier.for_issuer_did(badge.did_of(KEYS["training-1"])).verify(BADGE)
    assert found.achievement.name == MADE.name
    assert found.achievement.criteria_narrative == MADE.criteria
    assert found.issuer.name == "Red CSEM"


@pytest.mark.parametrize(
    "path",
    [
        ("name",),
        ("issuer", "name"),
        ("validFrom",),
        ("credentialSubject", "achievement", "name"),
        ("credentialSubject", "achievement", "criteria", "narrative"),
        ("proof", "created"),
        ("proof", "proofValue"),
    ],
)
def test_a_library_of_others_refuses_a_changed_badge(path: tuple[str, ...]) -> None:
    document: Any = json.loads(BADGE)
    inside = document
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = inside[path[-1]].replace("2", "3") if "2" in inside[path[-1]] else inside[path[-1]] + "x"
    with pytest.raises(OB3VerificationError):
        OB3LdpVerifier().verify(json.dumps(document))


def status_list(*revoked: int) -> bytes:
    valid = datetime(2026, 3, 5, tzinfo=UTC), datetime(2999, 3, 6, tzinfo=UTC)
    told = status.subject(LISTED, revoked)
    return badge.signed_status_list(LISTED, told, valid, KEYS["training-1"], KEY.sign, CONTEXTS)


def test_a_library_of_others_learns_that_a_badge_was_taken_back() -> None:
    found = OB3LdpVerifier.for_issuer_did(badge.did_of(KEYS["training-1"])).verify(BADGE)
    check_credential_status(found, {LISTED: status_list(122, 124)}.__getitem__)
    with pytest.raises(OB3VerificationError, match="revocation"):
        check_credential_status(found, {LISTED: status_list(7, 123)}.__getitem__)


@given(st.sets(st.integers(0, status.SIZE - 1), max_size=50))
def test_a_library_of_others_reads_the_places_that_were_written(revoked: set[int]) -> None:
    bits = decode_encoded_list(status.subject(LISTED, revoked)["encodedList"])
    assert (len(bits), set_indices(bits)) == (status.SIZE // 8, revoked)


def test_the_place_of_a_badge_is_its_number() -> None:
    assert status.place_of("D-2026-000123") == (0, 123)
    assert status.place_of(f"D-2031-{status.SIZE + 5}") == (1, 5)


def test_a_badge_of_another_key_of_the_house_cannot_pass_for_this_one() -> None:
    document = json.loads(BADGE)
    document["issuer"]["id"] = badge.did_of(KEYS["training-2"])
    written = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(payload.NotGenuine) as finding:
        badge.read_badge(written, KEYS, CONTEXTS)
    assert finding.value.problem == payload.UNKNOWN_KEY


def test_a_key_is_named_as_others_name_it() -> None:
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    did = badge.did_of(public)
    assert did.startswith("did:key:z6Mk")
    assert did_key_from_pem(resolve_did(did)) == did


def test_the_vocabularies_are_those_that_were_published() -> None:
    told = (reference.HERE / "contexts" / "README.md").read_text()
    for path in (reference.HERE / "contexts").glob("*.json"):
        assert f"`{path.name}`" in told
        assert hashlib.sha256(path.read_bytes()).hexdigest() in told


RULES = reference.policy(date(2026, 3, 1)).rules


@pytest.mark.parametrize(
    ("kind", "tenths", "completed", "expected"),
    [
        (ATTENDANCE, 192, False, None),
        (ATTENDANCE, 191, False, ("too_few_hours", {"hours": "19.1", "needed": "19.2"})),
        (ACHIEVEMENT, 192, True, None),
        (ACHIEVEMENT, 240, False, ("not_completed", {})),
        (ACHIEVEMENT, 0, True, ("too_few_hours", {"hours": "0", "needed": "19.2"})),
    ],
)
def test_eighty_percent_of_the_hours_earn_a_diploma(kind: str, tenths: int, completed: bool, expected: Any) -> None:
    assert left_out(RULES[kind], Candidate(number(1), "Ana", tenths, completed), 240, ()) == expected


def test_nobody_gets_a_second_one_or_one_without_a_name() -> None:
    ana = Candidate(number(1), "Ana", 240, completed=True)
    assert left_out(RULES[ATTENDANCE], ana, 240, {number(1)}) == ("has_one", {})
    assert left_out(RULES[ATTENDANCE], replace(ana, name=None), 240, ()) == ("no_name", {})


@given(st.integers(0, 20_000))
def test_hours_are_written_as_they_were_counted(tenths: int) -> None:
    assert round(float(hours(tenths)) * 10) == tenths
