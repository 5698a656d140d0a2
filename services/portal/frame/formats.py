"""Money, dates and numbers as each country writes them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent, get_currency_symbol

from shared import writing
from shared.kernel import LOCAL_TIME, Money
from shared.writing import CURRENCY_LOCALES

_NOTHING = "\N{EN DASH}"


def locale_of(language: str, country: str | None) -> str:
    """The babel locale of a reader: her language as her country writes it; British English, day before month."""
    if language == "en":
        return "en_GB"
    return f"es_{country}" if country in {"GT", "SV", "HN"} else "es_GT"


def money(value: Any) -> str:
    """`Q1,250.00`: an amount is written as in the country of its currency, whatever the reader's language.

    Takes a `Money` or the APIs' `{"amount", "currency"}`.
    """
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, Money):
        amount, currency = value.decimal, value.currency
    elif isinstance(value, Mapping):
        amount, currency = Decimal(str(value["amount"])), str(value["currency"])
    else:
        raise TypeError("money is a Money or an amount with its currency")
    return writing.money(amount, currency)


def currency_sign(currency: str) -> str:
    return get_currency_symbol(currency, locale=CURRENCY_LOCALES.get(currency, "es_GT"))


def number(value: Any, locale: str) -> str:
    return _NOTHING if value is None else format_decimal(value, locale=locale)


def percent(value: Any, locale: str) -> str:
    """A share (0.125) as `12.5 %`, at most one decimal."""
    return _NOTHING if value is None else format_percent(value, format="#,##0.# %", locale=locale)


def day(value: Any, locale: str, style: str = writing.DAY) -> str:
    """A calendar day, `2 nov 2026`; style `long` writes the month out. Takes a date or ISO text; a text that is no day
    (somebody typed it, and is shown what she typed) stays as it is.
    """
    if not value:
        return _NOTHING
    try:
        if isinstance(value, datetime) or (isinstance(value, str) and "T" in value):
            value = _moment(value).astimezone(LOCAL_TIME).date()
        elif not isinstance(value, date):
            value = date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return format_date(value, format=style, locale=locale)


def moment(value: Any, locale: str) -> str:
    """A moment in the local time of the three countries. Takes a datetime or ISO text."""
    if not value:
        return _NOTHING
    local = _moment(value).astimezone(LOCAL_TIME).replace(tzinfo=None)
    clock = "H:mm" if locale.startswith("es") else "HH:mm"
    return f"{writing.day(local, locale)}, {format_datetime(local, clock, locale=locale)}"


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
