"""Everything works through page, API and command: what the tables promise is there, nothing of the API is left out."""

from services.territory.cli import group
from tests.parity import missing_commands, missing_pages, operations_of, reasons_in
from tests.territory import parity, parity_doors

REASONS = reasons_in(parity, parity_doors)


def test_every_operation_has_its_page_and_its_command_or_says_why_not() -> None:
    assert set(parity.WAYS) == operations_of("territory")


def test_the_pages_of_the_tables_are_there() -> None:
    assert missing_pages(parity.WAYS, REASONS, "territory") == set()


def test_the_commands_of_the_tables_are_there() -> None:
    assert missing_commands(parity.WAYS, REASONS, group) == set()
