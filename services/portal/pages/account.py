"""Her own account: who she is here, and her password."""

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request

from services.portal.credentials import change_password
from services.portal.frame import Form, _, me, sentence, signed_in
from services.portal.pages.credit.seats import seats_of
from shared.database import Database
from shared.kernel import Refused
from shared.tokens import Unauthenticated

blueprint = Blueprint("pages_account", __name__)


@blueprint.get("/account")
@signed_in
def show() -> Any:
    """What her account says."""
    seats = seats_of(me().caller.subject) if me().has("committee_member") else []
    return render_template("account/show.html", seats=seats)


@blueprint.get("/account/password")
@signed_in
def password_form() -> Any:
    """The form for a new password."""
    return render_template("account/password.html", form=Form())


@blueprint.post("/account/password")
@signed_in
def set_password() -> Any:
    """Keep the new password when she typed it twice."""
    typed = Form()
    current, new, again = (request.form.get(name, "") for name in ("current", "new", "again"))
    if not current:
        typed.wrong("current", sentence("password.current_missing"))
    if new != again:
        typed.wrong("again", sentence("password.differs"))
    database: Database = current_app.extensions["database"]
    if not typed.errors:
        try:
            address = request.remote_addr or ""
            username = me().username
            change_password(database, username=username, address=address, current=current, new=new, keep=g.cookie)
        except Unauthenticated:
            typed.wrong("current", sentence("password.wrong"))
        except Refused as refused:
            typed.wrong(getattr(refused, "pointer", "").strip("/"), sentence(refused.code, **refused.facts))
        else:
            flash(_("Your new password is set. Wherever else you were signed in, you are signed out now."))
            return redirect("/", 303)
    return render_template("account/password.html", form=typed), 422
