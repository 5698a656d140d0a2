"""Our own field form: how it is deployed, and the tokens by which its servers send us submissions."""

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry.area import OVERSEERS, blueprint
from shared.settings import Settings

COORDINATORS = ("coordinator", "network_coordinator")
_MAY_LOOK = (*COORDINATORS, "auditor")


@blueprint.get("/forms")
@for_roles(*OVERSEERS)
def forms() -> Any:
    """The form, how to deploy it, and the tokens of her territory."""
    return _page(Form())


@blueprint.get("/forms/csem_emprendimiento.xlsx")
@for_roles(*OVERSEERS)
def xlsform() -> Any:
    """The form itself, for KoboToolbox or ODK."""
    return send(api("registry").file("/forms/xlsform.xlsx"))


@blueprint.post("/forms/tokens")
@for_roles(*COORDINATORS)
def create_token() -> Any:
    """A token for one form; its secret stands on the page that answers, and on no other."""
    form = Form(request.form)
    try:
        made = api("registry").post("/forms/tokens", {"form": form.text("form")})
    except Problem as problem:
        form.refused(problem)
        return _page(form), problem.status
    settings: Settings = current_app.extensions["settings"]
    address = f"{settings.public_url}/api/registry/v1/hooks/kobo"
    return render_template("registry/form_token.html", made=made, address=address)


@blueprint.post("/forms/tokens/<uuid:token_id>/revoke")
@for_roles(*COORDINATORS)
def revoke_token(token_id: UUID) -> Any:
    """The token opens nothing from now on."""
    api("registry").post(f"/forms/tokens/{token_id}/revoke")
    flash(_("The token is revoked: its form cannot send anything any more."))
    return redirect("/registry/forms", 303)


def _page(form: Form) -> str:
    tokens = api("registry").get("/forms/tokens").rows if me().has(*_MAY_LOOK) else []
    return render_template("registry/forms.html", form=form, tokens=tokens, may_create=me().has(*COORDINATORS))
