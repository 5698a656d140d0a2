"""The keys that committees sign their minutes with: sealed in the database, opened only to sign.

The secret that seals them is the service's own and lies beside the database, not in it: who holds the database alone,
or a copy of it, cannot sign.
"""

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from services.credit.models import CommitteeKey
from services.credit.rules import signatures
from shared.database import Database
from shared.kernel import clock
from shared.tokens import Keyring

_NONCE = 12
_secrets: dict[str, bytes] = {}


def seal_with(database: Database, keyring: Keyring) -> None:
    """Say, when a service is composed, with what the keys in its database are sealed."""
    _secrets[str(database.engine.url)] = keyring.secret("credit committee keys 1")


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
    sealed = session.get_one(CommitteeKey, committee_id).sealed
    try:
        private = AESGCM(_secret(session)).decrypt(sealed[:_NONCE], sealed[_NONCE:], committee_id.bytes)
    except InvalidTag:
        raise ValueError("a committee's key does not open: it was altered, or the secret is another") from None
    return signatures.signed(pdf, digest, private)


def _secret(session: Session) -> bytes:
    try:
        return _secrets[str(session.get_bind().engine.url)]
    except KeyError:
        raise RuntimeError("sealing.seal_with was not called for this database") from None
