"""How long a thousand diplomas take: issued, signed, printed as PDF/UA-1 into one file, and each file checked.

python -m deploy.bench.training_diplomas [COUNT]
"""

import os
import sys
import tempfile
import time
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from uuid import UUID

from services.training.models import DiplomaBatch
from services.training.queries.diplomas import keys_of
from services.training.rules.diplomas import payload
from services.training.rules.diplomas.award import Candidate
from services.training.use_cases.issue_diplomas import PRINT_JOB, Training, issue_diplomas
from services.training.use_cases.print_diplomas import print_batch
from shared import files
from shared.database import Database, migrate
from shared.identity import Caller
from shared.job_runner import Runner
from shared.tokens import Keyring, create_keys

_ADDRESS = "https://csem.example"
_A_GROUP = 25
_HOURS = 240


def diplomas(count: int = 1_000) -> float:
    """Seconds from the asking to the file with all of them."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        create_keys(home / "keys", "training")
        keyring = Keyring(home / "keys", "training")
        database = Database(f"sqlite:///{home}/training.sqlite")
        migrate(database, "training")
        files.keep_in(database, home / "files")
        trainings = [_training(start, min(_A_GROUP, count - start)) for start in range(0, count, _A_GROUP)]
        begun = time.perf_counter()
        who = Caller.operator("bench")
        with database.transaction() as session:
            batch = issue_diplomas(session, who, keyring, kind="attendance", language="es", trainings=trainings)
            batch_id = batch.id
        issued = time.perf_counter()
        runner = Runner(database, {PRINT_JOB: lambda job: print_batch(database, keyring, _ADDRESS, job)})
        runner.run_due()
        done = time.perf_counter()
        spent = os.times()
        print(f"{count} diplomas issued in {issued - begun:.1f} s, printed in {done - issued:.1f} s")
        print(f"{spent.user + spent.children_user:.1f} s of the processor, load average {os.getloadavg()[0]:.1f}")
        print(f"{_checked(database, keyring, batch_id)} files verify ({time.perf_counter() - done:.1f} s)")
        database.dispose()
        return done - begun


def _training(start: int, size: int) -> Training:
    women = [
        Candidate(UUID(int=start + place + 1), f"María Inventada {start + place + 1}", _HOURS, completed=True)
        for place in range(size)
    ]
    title = "Costos y precios para la pesca artesanal"
    return Training("group", UUID(int=900_000 + start), "HN1709", title, _HOURS, date(2026, 3, 1), women)


def _checked(database: Database, keyring: Keyring, batch_id: UUID) -> int:
    with database.reading() as session:
        batch, keys = session.get_one(DiplomaBatch, batch_id), keys_of(session, keyring)
        if batch.file_id is None:
            raise RuntimeError("the batch was not printed")
        content = files.read(session, batch.file_id)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return len({payload.read_file(archive.read(name), keys).number for name in archive.namelist()})


if __name__ == "__main__":
    diplomas(*map(int, sys.argv[1:]))
