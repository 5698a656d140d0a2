"""Everything works through page, API and command: what the tables promise is there, nothing of the API is left out."""

from services.training.cli import group
from tests.parity import missing_commands, missing_pages, operations_of, reasons_in
from tests.training import parity, parity_csr, parity_sharing, parity_teaching

REASONS = reasons_in(parity, parity_csr, parity_sharing, parity_teaching)


def test_every_operation_has_its_page_and_its_command_or_says_why_not() -> None:
    assert set(parity.WAYS) == operations_of("training")


def test_the_pages_of_the_tables_are_there() -> None:
    assert missing_pages(parity.WAYS, REASONS, "training") == set()


def test_the_commands_of_the_tables_are_there() -> None:
    assert missing_commands(parity.WAYS, REASONS, group) == set()
