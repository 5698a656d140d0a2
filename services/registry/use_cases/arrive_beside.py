"""The rows of new records are made in a process beside, a few batches ahead of the one that writes them."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from services.registry.use_cases.decide_import import newly
from services.registry.use_cases.enter_records import Arrived, Arriving, Import, arrive
from shared.beside import ahead, beside
from shared.identity import Caller

FROM = 5_000
"""From so many submissions on a second process is worth its start."""

Batch = list[dict[str, Any]]


@contextmanager
def arriving_beside(
    caller: Caller, given: Import, batches: Iterable[Batch]
) -> Iterator[Iterator[tuple[Batch, "Future[Arrived] | None"]]]:
    """Each batch with the rows of those of its submissions that can become records."""
    with beside(arrive, given) as ask:

        def ask_for(batch: Batch) -> "Future[Arrived]":
            return ask(arriving_of(caller, batch))

        yield ahead(batches, ask_for)


def arriving_of(caller: Caller, batch: Sequence[dict[str, Any]]) -> list[Arriving]:
    """Those of a batch that become records where nobody knows them."""
    return [Arriving.of(submission, said) for submission in batch if (said := newly(caller, submission)) is not None]
