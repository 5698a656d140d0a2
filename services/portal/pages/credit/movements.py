"""Movements of a fund's money: each is filled in, checked once more, and booked once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.credit.area import (
    BANK_ITEMS,
    COLLECTORS,
    GOVERNORS,
    RECORDERS,
    REPAYABLE,
    SOURCES,
    blueprint,
)
from services.portal.pages.credit.signed import SIGNATORIES, signatories
from shared.kernel import clock

SIGNING = tuple(f"{part}-{number}" for number in range(SIGNATORIES) for part in ("name", "office"))
"""The fields in which signatories stand."""
Told = list[tuple[str, Any, str]]
"""What is shown before it is booked: label, value, and how the value is written ("money", "day" or "")."""


@dataclass(frozen=True)
class Movement:
    """One kind of movement: who may book it, its words, its fields, and what the API is told.

    `needed` are the fields that must be filled in, `kept` what the page of the check carries on; `about` finds what the
    movement is about (a contribution, a share), by the id that the form carries.
    """

    name: str
    roles: tuple[str, ...]
    title: str
    done: str
    path: str
    needed: tuple[str, ...]
    kept: tuple[str, ...]
    body: Callable[[Form, Answer], dict[str, Any]]
    told: Callable[[Form, Answer, Mapping[str, Any]], Told]
    about: Callable[[UUID, str], Mapping[str, Any]] | None = None
    renamed: tuple[tuple[str, str], ...] = ()
    back: str = "/funding"


def _contribution(fund_id: UUID, key: str) -> Mapping[str, Any]:
    return _one(api("credit").get(f"/funds/{fund_id}/contributions").rows, key)


def _part(fund_id: UUID, key: str) -> Mapping[str, Any]:
    shares = api("credit").get(f"/funds/{fund_id}/income-shares").rows
    return _one([part for share in shares for part in share["parts"]], key)


def _one(rows: list[dict[str, Any]], key: str) -> Mapping[str, Any]:
    return next((row for row in rows if row["id"] == key), None) or abort(404)


def _money(form: Form, fund: Answer, name: str = "amount") -> dict[str, str] | None:
    return form.money(name, fund["currency"])


MOVEMENTS = (
    Movement(
        name="contribute",
        roles=RECORDERS,
        title="Record a contribution",
        done="The contribution is booked.",
        path="/contributions",
        needed=("funder", "source", "repayable", "amount", "received_on"),
        kept=("funder", "source", "repayable", "amount", "received_on"),
        body=lambda form, fund: {
            "funder": form.text("funder"),
            "source": form.text("source"),
            "repayable": form.text("repayable") == "yes",
            "amount": _money(form, fund),
            "received_on": form.text("received_on"),
        },
        told=lambda form, fund, _about: [
            ("Funder", form.text("funder"), ""),
            ("Origin", _(SOURCES.get(form.text("source"), "Origin")), ""),
            ("Kind", _(REPAYABLE.get(form.text("repayable"), "Kind")), ""),
            ("Amount", _money(form, fund), "money"),
            ("Day it reached the trustee", form.text("received_on"), "day"),
        ],
    ),
    Movement(
        name="withdraw",
        roles=GOVERNORS,
        title="Pay a contribution back",
        done="The withdrawal is booked.",
        path="/withdrawals",
        needed=("amount", "paid_on", "reason"),
        kept=("about", "amount", "interest", "paid_on", "reason", *SIGNING),
        body=lambda form, fund: {
            "contribution_id": form.text("about"),
            "amount": _money(form, fund),
            "interest": _money(form, fund, "interest") or {"amount": "0.00", "currency": fund["currency"]},
            "paid_on": form.text("paid_on"),
            "reason": form.text("reason"),
            "signatures": signatories(form),
        },
        told=lambda form, fund, about: [
            ("Funder", about["funder"], ""),
            ("Amount", _money(form, fund), "money"),
            ("Interest, a cost of the fund", _money(form, fund, "interest"), "money"),
            ("Day the trustee paid", form.text("paid_on"), "day"),
            ("Reason", form.text("reason"), ""),
            ("Signed by", "; ".join(f"{one['name']}, {one['office']}" for one in signatories(form)) or None, ""),
        ],
        about=_contribution,
    ),
    Movement(
        name="bank-item",
        roles=RECORDERS,
        title="Book a charge or interest of the bank",
        done="The movement is booked.",
        path="/bank-items",
        needed=("item", "amount", "booked_on", "memo"),
        kept=("item", "amount", "booked_on", "memo"),
        body=lambda form, fund: {
            "item": form.text("item"),
            "amount": _money(form, fund),
            "booked_on": form.text("booked_on"),
            "memo": form.text("memo"),
        },
        told=lambda form, fund, _about: [
            ("What", _(BANK_ITEMS.get(form.text("item"), "What")), ""),
            ("Amount", _money(form, fund), "money"),
            ("Day of the bank", form.text("booked_on"), "day"),
            ("What the bank calls it", form.text("memo"), ""),
        ],
    ),
    Movement(
        name="share-income",
        roles=GOVERNORS,
        title="Share the income out",
        done="The result is shared out.",
        path="/income-shares",
        needed=("ends_on",),
        kept=("ends_on",),
        body=lambda form, _fund: {"ends_on": form.text("ends_on")},
        told=lambda form, fund, _about: [
            ("Last day of the period", form.text("ends_on"), "day"),
            ("Result until this day", _result(fund, form), "money"),
        ],
    ),
    Movement(
        name="pay-share",
        roles=GOVERNORS,
        title="Pay a share of the income",
        done="The payment is booked.",
        path="/income-shares/{about}/payment",
        needed=("paid_on",),
        kept=("about", "paid_on"),
        body=lambda form, _fund: {"paid_on": form.text("paid_on")},
        told=lambda form, _fund, about: [
            ("Who gets it", about["receiver"], ""),
            ("Amount", about["amount"], "money"),
            ("Day the trustee paid", form.text("paid_on"), "day"),
        ],
        about=_part,
    ),
    Movement(
        name="deposit",
        roles=COLLECTORS,
        title="Deposit the drawer",
        done="The deposit is booked.",
        path="/deposits",
        needed=("amount", "deposited_on"),
        kept=("amount", "deposited_on"),
        body=lambda form, fund: {"amount": _money(form, fund), "deposited_on": form.text("deposited_on")},
        told=lambda form, fund, _about: [
            ("Amount", _money(form, fund), "money"),
            ("Day of the deposit", form.text("deposited_on"), "day"),
        ],
        back="/drawer",
    ),
    Movement(
        name="count",
        roles=COLLECTORS,
        title="Count the drawer",
        done="The count is kept.",
        path="/drawer/counts",
        needed=("counted",),
        kept=("counted", "reason"),
        body=lambda form, fund: {"counted": _money(form, fund, "counted"), "reason": form.text("reason")},
        told=lambda form, fund, _about: [
            ("In the drawer by the books", fund["cash_in_hand"], "money"),
            ("Counted", _money(form, fund, "counted"), "money"),
            ("Reason of a difference", form.text("reason"), ""),
        ],
        back="/drawer",
    ),
)


def _result(fund: Answer, form: Form) -> Any:
    return api("credit").get(f"/funds/{fund['id']}/books", {"date": form.text("ends_on")})["result"]


def _pages_of(movement: Movement) -> None:
    """The form of a movement, its check, and the booking; sent twice, it is booked once."""
    address = f"/funds/<uuid:fund_id>/{movement.name}"
    endpoint = movement.name.replace("-", "_")

    @for_roles(*movement.roles)
    def begin(fund_id: UUID) -> Any:
        day = clock.today().isoformat()
        begun = dict.fromkeys(("received_on", "paid_on", "booked_on", "deposited_on"), day)
        return _form(movement, fund_id, Form(begun | request.args.to_dict()))

    @for_roles(*movement.roles)
    def check(fund_id: UUID) -> Any:
        form, fund = Form(request.form), api("credit").get(f"/funds/{fund_id}")
        for name in movement.needed:
            if not form.text(name):
                form.wrong(name, _("Fill this in."))
        movement.body(form, fund)  # what cannot be read as an amount is said to be wrong
        if form.errors:
            return _form(movement, fund_id, form), 422
        try:
            told = movement.told(form, fund, _about(movement, fund_id, form))
        except Problem as problem:
            form.refused(problem, date=movement.needed[-1])
            return _form(movement, fund_id, form), problem.status
        return render_template(
            "credit/check_movement.html", movement=movement, fund=fund, form=form, told=told, key=str(uuid4())
        )

    @for_roles(*movement.roles)
    def book(fund_id: UUID) -> Any:
        form, fund = Form(request.form), api("credit").get(f"/funds/{fund_id}")
        if form.text("back"):
            return _form(movement, fund_id, form)
        path = movement.path.format(about=_about(movement, fund_id, form).get("id"))
        try:
            api("credit").post(f"/funds/{fund_id}{path}", movement.body(form, fund), key=form.text("key"))
        except Problem as problem:
            form.refused(problem)
            return _form(movement, fund_id, form), problem.status
        flash(_(movement.done))
        return redirect(f"/credit/funds/{fund_id}{movement.back}", 303)

    blueprint.add_url_rule(address, f"begin_{endpoint}", begin)
    blueprint.add_url_rule(f"{address}/check", f"check_{endpoint}", check, methods=["POST"])
    blueprint.add_url_rule(address, f"book_{endpoint}", book, methods=["POST"])


def _about(movement: Movement, fund_id: UUID, form: Form) -> Mapping[str, Any]:
    return movement.about(fund_id, form.text("about")) if movement.about else {}


def _form(movement: Movement, fund_id: UUID, form: Form) -> Any:
    return render_template(
        "credit/movement.html",
        movement=movement,
        fields=f"credit/movements/{movement.name}.html",
        fund=api("credit").get(f"/funds/{fund_id}"),
        form=form,
        about=_about(movement, fund_id, form),
    )


for _movement in MOVEMENTS:
    _pages_of(_movement)
