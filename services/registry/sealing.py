"""How national identity numbers and import snapshots rest in the database: sealed, and found by a keyed fingerprint."""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import blake2b, sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.tokens import Keyring

_NONCE = 12


def step_key(enterprise_id: UUID, step: str) -> bytes:
    """To what the number of a step of formalization belongs."""
    return enterprise_id.bytes + step.encode()


@dataclass(frozen=True, repr=False)
class Sealer:
    """Seals with AES-256-GCM and fingerprints with HMAC-SHA-256, each with a key of its own."""

    _sealing_key: bytes
    _index_key: bytes

    @classmethod
    def of(cls, keyring: Keyring) -> "Sealer":
        """The sealer of the service that holds `keyring`."""
        return cls(keyring.secret("registry sealing 1"), keyring.secret("registry index 1"))

    def seal(self, content: bytes, belongs_to: bytes) -> bytes:
        """The sealed content; it opens only where it `belongs_to` (a row's id), so that rows cannot be exchanged."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + AESGCM(self._sealing_key).encrypt(nonce, content, belongs_to)

    def opened(self, sealed: bytes, belongs_to: bytes) -> bytes:
        """What was sealed. A tampered or exchanged value, or another installation's key, is a `ValueError`."""
        try:
            return AESGCM(self._sealing_key).decrypt(sealed[:_NONCE], sealed[_NONCE:], belongs_to)
        except InvalidTag:
            raise ValueError("a sealed value does not open: it was altered, or the keys are others") from None

    def short(self, text: str) -> int:
        """The same of a text as a signed number of 64 bits: for what is sorted and compared by millions."""
        digest = blake2b(text.encode(), digest_size=8, key=self._index_key, person=b"short").digest()
        return int.from_bytes(digest, signed=True)

    def fingerprint(self, content: bytes) -> str:
        """The same text for the same content, useless without the key (64 hexadecimal characters)."""
        return hmac.new(self._index_key, content, sha256).hexdigest()
