"""The log of a house that runs in one process: a file that does not outgrow its disk."""

import io
from pathlib import Path
from threading import Lock

LARGEST, KEPT = 10_000_000, 4


class Journal(io.TextIOBase):
    """Written line by line to `path`. A part that is full is kept as `path.1`; the older ones move up, and the one
    after the `kept`-th goes.
    """

    def __init__(self, path: Path, *, largest: int = LARGEST, kept: int = KEPT) -> None:
        self._path, self._largest, self._kept = path, largest, kept
        self._lock = Lock()
        self._file = path.open("a", buffering=1, encoding="utf-8")
        self._at_line_start = True

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self._lock:
            if self._at_line_start and self._file.tell() >= self._largest:
                self._turn()
            self._at_line_start = text.endswith("\n")
            return self._file.write(text)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        super().close()
        self._file.close()

    def _turn(self) -> None:
        self._file.close()
        for number in range(self._kept, 0, -1):
            younger = self._part(number - 1)
            if younger.exists():
                younger.replace(self._part(number))
        self._file = self._path.open("a", buffering=1, encoding="utf-8")

    def _part(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path
