"""Telephone numbers of the three countries, as they are kept and what can be wrong with them."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat


def normalised(written: str | None, country: str) -> str | None:
    """The number as the whole world dials it ("+50498765432"); as it was written where it is no number of any plan.

    `country` is the one it is dialled from. Source of the numbering plans: Google's libphonenumber.
    """
    number = _parsed(written, country)
    if number is None:
        return written
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_wrong(kept: str | None, country: str) -> bool:
    """Whether a number that was kept cannot be called."""
    return bool(kept) and _parsed(kept, country) is None


def _parsed(written: str | None, country: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(written or "", country)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
