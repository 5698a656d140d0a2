"""The language of the page: hers, else the browser's, else Spanish."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, g, request

from services.portal.frame import formats
from shared import i18n, writing

COOKIE = "language"


def choose() -> None:
    """Settle the language of this request."""
    wanted = request.cookies.get(COOKIE, "")
    if wanted in i18n.LANGUAGES:
        g.language = wanted
    elif g.me is not None:
        g.language = g.me.language
    else:
        g.language = i18n.choose(request.headers.get("Accept-Language"))


def _(message: str, **facts: object) -> str:
    """The sentence in the language of the page; `%(fact)s` stands for a fact."""
    text = _catalogue().translations(g.language).gettext(message)
    return text % facts if facts else text


def gettext(message: str) -> str:
    return _catalogue().translations(g.language).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    return _catalogue().translations(g.language).ngettext(one, many, count)


def sentence(code: str, **facts: object) -> str:
    """The sentence of one of the portal's own refusals."""
    return _catalogue().sentence(code, facts, g.language)


def for_people(code: str, said: str, facts: Mapping[str, object]) -> str:
    """What an API `said`, or the portal's own words for the code where the API speaks of formats and codes."""
    own = f"people.{code}"
    return sentence(own, **facts) if _catalogue().knows(own, g.language) else said


def locale() -> str:
    """How numbers and days are written for this reader."""
    return formats.locale_of(g.language, g.me.country if g.me is not None else None)


def _catalogue() -> i18n.Catalogue:
    found: i18n.Catalogue = current_app.extensions["catalogue"]
    return found


def filters() -> dict[str, Any]:
    """The template filters that write money, numbers and days."""
    return {
        "money": formats.money,
        "currency_sign": formats.currency_sign,
        "number": lambda value: formats.number(value, locale()),
        "percent": lambda value: formats.percent(value, locale()),
        "date": lambda value, style=writing.DAY: formats.day(value, locale(), style),
        "datetime": lambda value: formats.moment(value, locale()),
    }
