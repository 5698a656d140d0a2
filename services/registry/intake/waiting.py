"""What was read of a file, on its way: nothing is taken in before all of it was read, and it may be long."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any, Self
from zlib import compress, decompress

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Submissions = list[dict[str, Any]]


@dataclass
class Waiting:
    """Submissions that wait on the disk for their turn, sealed with a key that only this process knows, in a file
    without a name: whatever ends the process ends them too.
    """

    count: int = 0
    _file: IO[bytes] = field(default_factory=TemporaryFile, repr=False)
    _cipher: AESGCM = field(default_factory=lambda: AESGCM(AESGCM.generate_key(256)), repr=False)
    _sizes: list[int] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def put(self, submissions: Submissions) -> None:
        sealed = self._cipher.encrypt(self._nonce(len(self._sizes)), compress(pickle.dumps(submissions), 1), None)
        self._file.write(sealed)
        self._sizes.append(len(sealed))
        self.count += len(submissions)

    def batches(self, size: int, *, after: int = 0) -> Iterator[Submissions]:
        """All but the first `after` of them in their order, `size` at a time."""
        waiting = islice(self._all(), after, None)
        while batch := list(islice(waiting, size)):
            yield batch

    def _all(self) -> Iterator[dict[str, Any]]:
        self._file.seek(0)
        for number, size in enumerate(self._sizes):
            opened = self._cipher.decrypt(self._nonce(number), self._file.read(size), None)
            yield from pickle.loads(decompress(opened))  # noqa: S301 - from ourselves, and sealed

    @staticmethod
    def _nonce(number: int) -> bytes:
        return number.to_bytes(12)
