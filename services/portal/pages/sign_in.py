"""Signing in and out, the language and the colours of the pages."""

from typing import Any

from flask import Blueprint, current_app, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from services.portal.credentials import sign_in
from services.portal.frame import Form, language, person, safe_next, sentence
from services.portal.use_cases.change_own_account import prefer_language
from services.portal.use_cases.sign_in import sign_out
from shared import i18n
from shared.database import Database
from shared.kernel import Refused
from shared.tokens import Unauthenticated

blueprint = Blueprint("pages_sign_in", __name__)
A_YEAR = 365 * 24 * 3600


@blueprint.get("/sign-in")
def form() -> Any:
    """The sign-in page; whoever is signed in already goes on."""
    if g.me is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    return render_template("sign_in.html", form=Form(), next=safe_next(request.args.get("next")))


@blueprint.post("/sign-in")
def enter() -> Any:
    """Let her in with a new session and send her where she wanted to go."""
    typed = Form(request.form)
    database: Database = current_app.extensions["database"]
    for name, question in (("username", "sign_in.username_missing"), ("password", "sign_in.password_missing")):
        if not request.form.get(name):
            typed.wrong(name, sentence(question))
    if not typed.errors:
        try:
            account, token = sign_in(
                database,
                username=typed.text("username"),
                password=request.form["password"],
                address=request.remote_addr or "",
            )
        except Refused as refused:
            typed.wrong("", sentence(refused.code, **refused.facts))
            status = 401 if isinstance(refused, Unauthenticated) else 429
            return _again(typed, status)
        person.take_cookie(token)
        response = redirect(safe_next(request.form.get("next")), 303)
        if language.COOKIE not in request.cookies:
            _remember(response, language.COOKIE, account.language)
        return response
    return _again(typed, 422)


def _again(typed: Form, status: int) -> Any:
    return render_template("sign_in.html", form=typed, next=safe_next(request.form.get("next"))), status


@blueprint.post("/sign-out")
def leave() -> Response:
    """End her session; the cookie is worth nothing from now on."""
    database: Database = current_app.extensions["database"]
    with database.transaction() as session:
        sign_out(session, token=g.cookie)
    person.take_cookie("")
    response = make_response(redirect("/sign-in?left=1", 303))
    response.delete_cookie(language.COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.post("/language")
def choose_language() -> Response:
    """Read in the other language from now on."""
    wanted = request.form.get("language", "")
    response = redirect(safe_next(request.form.get("next")), 303)
    if wanted in i18n.LANGUAGES:
        _remember(response, language.COOKIE, wanted)
        if g.me is not None:
            database: Database = current_app.extensions["database"]
            with database.transaction() as session:
                prefer_language(session, account_id=g.me.id, language=wanted)
    return response


@blueprint.post("/appearance")
def choose_theme() -> Response:
    """Light or dark colours, or as the device says."""
    wanted = request.form.get("theme", "")
    response = redirect(safe_next(request.form.get("next")), 303)
    if wanted in {"light", "dark"}:
        _remember(response, "theme", wanted)
    else:
        response.delete_cookie("theme")
    return response


def _remember(response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=A_YEAR, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
