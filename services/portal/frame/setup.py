"""Puts the frame around an application: before each request, in each template, after each response."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from services.portal.frame import csrf, delivery, errors, forms, language, navigation, person, words
from shared import places
from shared.identity import EVERYWHERE
from shared.kernel import clock
from shared.settings import Settings
from shared.tokens import Keyring
from shared.web.app import VERSION

_TEMPLATES = Path(__file__).parent.parent / "templates"
_WITHOUT_PERSON = (
    "/static/",
    "/embed/map/",
    "/calendar/",
    "/api/",
    "/internal/",
    "/.well-known/",
    "/livez",
    "/readyz",
    "/metrics",
)
_BEFORE_THE_PASSWORD_IS_CHANGED = frozenset({"/account/password", "/sign-out", "/language", "/appearance", "/help"})
_NEXT_THEME = {"": "dark", "dark": "light", "light": "auto"}


def install(app: Flask, settings: Settings, keyring: Keyring) -> None:
    """Make `app` serve pages. Call it once the pages' blueprints are registered."""
    secure = settings.secure_cookies or settings.public_url.startswith("https://")
    app.secret_key = keyring.secret("notices")
    app.config.update(
        SESSION_COOKIE_NAME="csem_notices",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    _templates(app)
    delivery.install(app)
    errors.install(app)
    app.before_request(_begin)
    app.after_request(person.give_cookie)


def _begin() -> AnyResponse | None:
    """Who asks, in which language, and whether the form is hers."""
    if request.path.startswith(_WITHOUT_PERSON):
        return None
    person.recognise()
    language.choose()
    csrf.check()
    changing = g.me is not None and g.me.must_change_password
    if changing and request.path not in _BEFORE_THE_PASSWORD_IS_CHANGED:
        return redirect("/account/password", 303)
    return None


def _templates(app: Flask) -> None:
    app.template_folder = str(_TEMPLATES)
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True
    )
    environment.filters.update(language.filters())
    environment.filters["role"] = lambda role: language.gettext(words.ROLES.get(role, str(role)))
    environment.filters["territory"] = _in_words
    environment.filters["seat"] = lambda seat: language.gettext(words.SEATS.get(seat, str(seat))) if seat else ""
    environment.globals.update(
        asset=delivery.asset,
        csrf_field=csrf.field,
        csrf_token=csrf.token,
        field_id=forms.field_id,
        url_with=url_with,
    )
    areas = _areas_of(app)
    app.context_processor(lambda: _context(areas))


def _areas_of(app: Flask) -> frozenset[str]:
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    return frozenset(
        entry.href for entry in navigation.ENTRIES if any(rule.rstrip("/") == entry.href for rule in rules)
    )


def _in_words(units: Any) -> str:
    """A territory in words: "Valle, Choluteca"."""
    if EVERYWHERE in units:
        return language.gettext("Everywhere")
    return ", ".join(map(places.in_full, sorted(units)))


def _context(areas: frozenset[str]) -> dict[str, Any]:
    me = g.get("me")
    theme = request.cookies.get("theme", "")
    return {
        "me": me,
        "language": g.get("language", "es"),
        "other_language": "en" if g.get("language", "es") == "es" else "es",
        "theme": theme if theme in {"light", "dark"} else "",
        "other_theme": _NEXT_THEME.get(theme, "dark"),
        "navigation": navigation.links(me, request.path, areas),
        "here": _here() if request.method == "GET" else request.path,
        "now": clock.now(),
        "version": VERSION,
        "areas": {name: language.gettext(label) for name, label in words.AREAS.items()},
    }


def _here() -> str:
    """The address of this page; of one that is refused, since its bytes are no text, as well as it can be read."""
    return f"{request.path}?{request.query_string.decode(errors='replace')}".rstrip("?")


def url_with(_path: str | None = None, **changes: Any) -> str:
    """The address of this page (or of `_path`) with its query, some parameters changed, `None` left out."""
    query = request.args.to_dict(flat=False)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = [str(value)]
    told = urlencode(query, doseq=True)
    return f"{_path or request.path}?{told}" if told else (_path or request.path)
