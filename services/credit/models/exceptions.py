"""What a committee lets through although its regulations ask for something else, and why."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column


class Excepted:
    """A motion, or what was resolved on it: `exceptions` are the rules that were not met, by name, each with what it
    asks and what was known; `exception_reason` why it may be approved all the same.
    """

    exceptions: Mapped[dict[str, Any] | None]
    exception_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
