"""What rests sealed in the database: the keys that committees sign their minutes with, opened only to sign, and who
guarantees a credit without standing in the registry.

The secrets that seal are the service's own and lie beside the database, not in it: who holds the database alone, or a
copy of it, can neither sign nor read them.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from services.credit.models import CommitteeKey
from services.credit.rules import signatures
from shared.database import Database
from shared.kernel import clock
from shared.tokens import Keyring

T = TypeVar("T")
_NONCE = 12
_secrets: dict[str, bytes] = {}
_people: dict[str, tuple[bytes, bytes]] = {}


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody who stands in no register of ours: a name and the number of an identity document."""

    name: str
    document: str


def seal_with(database: Database, keyring: Keyring) -> None:
    """Say, when a service is composed, with what the keys in its database are sealed."""
    at = str(database.engine.url)
    _secrets[at] = keyring.secret("credit committee keys 1")
    _people[at] = (keyring.secret("credit guarantors 1"), keyring.secret("credit guarantors index 1"))


def public_key(session: Session, committee_id: UUID) -> str:
    """The public key of a committee, which is made when it is first asked for; the committee must be locked, or its
    fund.
    """
    known = session.get(CommitteeKey, committee_id)
    if known is None:
        public, private = signatures.new_key()
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + AESGCM(_secret(session)).encrypt(nonce, private, committee_id.bytes)
        known = CommitteeKey(committee_id=committee_id, public=public, sealed=sealed, made_at=clock.now())
        session.add(known)
        session.flush()
    return known.public


def sign(session: Session, committee_id: UUID, pdf: bytes, digest: str) -> tuple[bytes, str]:
    """The minutes signed with the committee's key, and the signature."""
    return signatures.signed(pdf, digest, _opened(session, committee_id))


def attest(session: Session, committee_id: UUID, manifest: bytes) -> bytes:
    """The committee's signature, 64 bytes, of a manifest, whose first words say that it is one and no minutes."""
    return signatures.signature_of(manifest, _opened(session, committee_id))


def _opened(session: Session, committee_id: UUID) -> bytes:
    sealed = session.get_one(CommitteeKey, committee_id).sealed
    try:
        return AESGCM(_secret(session)).decrypt(sealed[:_NONCE], sealed[_NONCE:], committee_id.bytes)
    except InvalidTag:
        raise ValueError("a committee's key does not open: it was altered, or the secret is another") from None


def seal_person(session: Session, guarantee_id: UUID, person: Outsider) -> tuple[bytes, str]:
    """A guarantor sealed, to open only with her guarantee, and the fingerprint of her document: the same for the same
    letters and digits, useless without the key.
    """
    sealing, index = _of(session, _people)
    nonce = secrets.token_bytes(_NONCE)
    content = orjson.dumps({"name": person.name, "document": person.document})
    bare = "".join(sign for sign in person.document.upper() if sign.isalnum())
    sealed = nonce + AESGCM(sealing).encrypt(nonce, content, guarantee_id.bytes)
    return sealed, hmac.new(index, bare.encode(), sha256).hexdigest()


def open_person(session: Session, guarantee_id: UUID, sealed: bytes) -> Outsider:
    """Who was sealed; what was altered, or sealed elsewhere, is a `ValueError`."""
    sealing, _index = _of(session, _people)
    try:
        content = AESGCM(sealing).decrypt(sealed[:_NONCE], sealed[_NONCE:], guarantee_id.bytes)
    except InvalidTag:
        raise ValueError("a guarantor does not open: it was altered, or the secret is another") from None
    return Outsider(**orjson.loads(content))


def _secret(session: Session) -> bytes:
    return _of(session, _secrets)


def _of(session: Session, known: dict[str, T]) -> T:
    try:
        return known[str(session.get_bind().engine.url)]
    except KeyError:
        raise RuntimeError("sealing.seal_with was not called for this database") from None
