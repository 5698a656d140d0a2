"""Work in another process: files of strangers read as a stream, and our own computation beside what commits."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from shared.beside import ahead, beside, poured
from shared.kernel import Invalid, Refused
from shared.sandbox import Borrowed, in_memory, stream_limited


def words_of(file: Borrowed, refused: bool = False) -> Iterator[list[str]]:
    with file.opened() as opened:
        for line in opened:
            yield line.decode().split()
    if refused:
        raise Invalid("file.damaged", sheet="CSV")


def silent(_given: None) -> Iterator[int]:
    yield 1
    time.sleep(60)


def dying() -> Iterator[int]:
    yield 1
    os._exit(3)


def endless() -> Iterator[int]:
    yield os.getpid()
    while True:
        yield 0


def times(given: int, task: int) -> int:
    if task < 0:
        raise ValueError("less than nothing")
    return given * task


def own_pid(_given: None, _task: int) -> int:
    return os.getpid()


def write_down(path: Path, pieces: Iterable[str]) -> None:
    with path.open("w") as out:
        for piece in pieces:
            if piece == "enough":
                raise Refused("export.sheet_full", sheet="uno", maximum=2)
            out.write(f"{piece}\n")


def is_there(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and ") Z" not in status.read_text()


def gone_soon(pid: int) -> bool:
    until = time.monotonic() + 20
    while is_there(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_there(pid)


def test_what_a_child_reads_comes_out_piece_by_piece_from_the_beginning_of_the_file() -> None:
    with in_memory(b"uno dos\ntres\n") as file:
        file.read(5)
        with stream_limited(words_of, Borrowed(file.fileno())) as found:
            assert list(found) == [["uno", "dos"], ["tres"]]


def test_a_refusal_comes_after_what_was_read_before_it() -> None:
    with in_memory(b"uno\n") as file, stream_limited(words_of, Borrowed(file.fileno()), refused=True) as found:
        assert next(found) == ["uno"]
        with pytest.raises(Invalid) as refusal:
            next(found)
    assert (refusal.value.code, refusal.value.facts) == ("file.damaged", {"sheet": "CSV"})


def test_a_child_that_falls_silent_or_dies_is_given_up() -> None:
    with stream_limited(silent, None, seconds=1) as found:
        assert next(found) == 1
        with pytest.raises(Invalid, match="reason=time"):
            next(found)
    with stream_limited(dying) as found:
        assert next(found) == 1
        with pytest.raises(Invalid, match="reason=damaged"):
            next(found)


def test_a_child_whose_answers_nobody_takes_is_ended() -> None:
    with stream_limited(endless) as found:
        pid = next(found)
        assert is_there(pid)
    assert gone_soon(pid)


def test_tasks_are_answered_in_their_order_and_each_error_where_it_belongs() -> None:
    with beside(times, 7) as ask:
        answers = [(task, answer.result()) for task, answer in ahead(range(6), ask)]
        assert answers == [(task, 7 * task) for task in range(6)]
        with pytest.raises(ValueError, match="less than nothing"):
            ask(-1).result()
        assert ask(2).result() == 14


def test_what_is_poured_is_all_used_when_the_block_is_over(tmp_path: Path) -> None:
    path = tmp_path / "poured"
    with poured(write_down, path) as put:
        for number in range(1_000):
            put(f"{number:>200}")
    assert [int(line) for line in path.read_text().splitlines()] == list(range(1_000))


def pour(path: Path, pieces: Iterable[str]) -> None:
    with poured(write_down, path) as put:
        for piece in pieces:
            put(piece)


def test_who_pours_hears_what_it_was_refused_for_at_once_or_at_the_end(tmp_path: Path) -> None:
    many = iter(range(100_000))
    with pytest.raises(Refused) as refusal:
        pour(tmp_path / "first", chain(["enough"], (f"{number:>200}" for number in many)))
    assert refusal.value.facts == {"sheet": "uno", "maximum": 2}
    assert next(many) < 99_999
    with pytest.raises(Refused):
        pour(tmp_path / "last", ["uno", "enough"])


def test_nothing_stays_behind_of_who_was_asked() -> None:
    with beside(own_pid, None) as ask:
        pid = ask(1).result()
        os.kill(pid, signal.SIGKILL)
        with pytest.raises((RuntimeError, BrokenPipeError)):
            ask(2).result()
    with beside(own_pid, None) as ask:
        pid = ask(1).result()
    assert gone_soon(pid)


def test_a_child_beside_ends_with_its_parent_however_that_ends() -> None:
    program = (
        "import time; from shared.beside import beside; from tests.shared.test_beside import own_pid\n"
        "with beside(own_pid, None) as ask: print(ask(1).result(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone_soon(pid)
