"""How days, money and places are written for people: one way in the whole house."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from shared import places
from shared.kernel import CURRENCIES, LOCAL_TIME, Money

CURRENCY_LOCALES = {"GTQ": "es_GT", "USD": "es_SV", "HNL": "es_HN"}
DAY = "d MMM y"
LOCALES = {"es": "es_GT", "en": "en_GB"}
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"-?[0-9]{1,15}\.[0-9]{2}")
_PLACE = re.compile(places.UNIT)
_AS_TYPED = frozenset({"value"})


def money(amount: Decimal, currency: str) -> str:
    """`Q1,250.00`: as in the country of its currency, whatever the reader's language."""
    return format_currency(amount, currency, locale=CURRENCY_LOCALES.get(currency, "es_GT"))


def day(value: date, locale: str) -> str:
    """`22 nov 2026`."""
    return format_date(value, DAY, locale=locale)


def fact(name: str, facts: Mapping[str, object], language: str) -> object:
    """The fact `name` of a sentence as its reader writes it; what somebody typed (`value`) stays as it is."""
    value = facts.get(name, "…")
    if name in _AS_TYPED:
        return value
    if isinstance(value, Money):
        return money(value.decimal, value.currency)
    if isinstance(value, datetime):
        value = value.astimezone(LOCAL_TIME).date()
    if isinstance(value, date):
        return day(value, LOCALES[language])
    return _text(value, str(facts.get("currency", "")), language) if isinstance(value, str) else value


def _text(text: str, currency: str, language: str) -> str:
    """The same for what stands there as text: ISO days, amounts with their cents, codes of places."""
    if _ISO_DAY.fullmatch(text):
        try:
            return day(date.fromisoformat(text), LOCALES[language])
        except ValueError:
            return text
    if _AMOUNT.fullmatch(text):
        amount = Decimal(text)
        return money(amount, currency) if currency in CURRENCIES else format_decimal(amount, "#,##0.00", "es_GT")
    codes = text.split(", ")
    return "; ".join(map(places.in_full, codes)) if all(_PLACE.fullmatch(code) for code in codes) else text
