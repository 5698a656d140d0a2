"""Everything works through page, API and command: what the tables promise is there, nothing of the API is left out."""

from services.credit.cli import group
from tests.credit import parity as table
from tests.credit.parity import WAYS
from tests.parity import missing_commands, missing_pages, operations_of, reasons_in


def test_every_operation_has_its_page_and_its_command_or_says_why_not() -> None:
    assert set(WAYS) == operations_of("credit")


def test_the_pages_of_the_table_are_there() -> None:
    assert missing_pages(WAYS, reasons_in(table), "credit") == set()


def test_the_commands_of_the_table_are_there() -> None:
    assert missing_commands(WAYS, reasons_in(table), group) == set()
