"""What a set of regulations must be so that it can be lent under."""

from shared.kernel import Invalid


def demand(condition: bool, pointer: str) -> None:
    """Refuses regulations of which `condition` does not hold at `pointer`, a JSON pointer into their parameters."""
    if not condition:
        raise Invalid("regulations.contradictory", pointer=f"/parameters{pointer}", field=pointer)
