"""What borrowers paid beyond what they owed: the register of a fund, refunds, and what pays another loan."""

from typing import Any
from uuid import UUID

from services.credit.api import Context
from services.credit.api.funds import BOOKS
from services.credit.api.loans import PDF, PRINTERS, TILL
from services.credit.models.repayments import CHANNELS
from services.credit.queries import overpayments as queries
from services.credit.use_cases import find
from services.credit.use_cases.print_paper import print_refund
from services.credit.use_cases.use_overpayment import apply_overpayment, refund_overpayment
from shared.web import Call, Download, Input, Output, Resource, fields

resource = Resource("overpayments", prefix="/funds", description="What is held for borrowers who paid too much.")
loans = Resource("loan_overpayments", prefix="/loans", description="What is held for one loan.")
refunds = Resource("refunds", prefix="/refunds", description="Overpayments that went back.")
COLLECTORS = {"cashier", "credit_officer"}
REFUNDERS = COLLECTORS | {"coordinator"}


class RefundIn(Input):
    amount = fields.MoneyField(minimum=1, required=True)
    channel = fields.Code(TILL, required=True)
    reason = fields.String(minimum=0, load_default="")


class OverpaymentApplicationIn(Input):
    amount = fields.MoneyField(minimum=1, required=True)
    target_id = fields.Id(required=True)


class OverpaymentOut(Output):
    id = fields.Id()
    number = fields.String()
    enterprise_id = fields.Id()
    municipality = fields.String()
    state = fields.String()
    held = fields.MoneyField()


class OverpaymentUseOut(Output):
    id = fields.Id()
    number = fields.String()
    loan_id = fields.Id()
    loan = fields.String()
    kind = fields.Code(("refund", "applied"))
    amount = fields.MoneyField()
    channel = fields.Code(tuple(CHANNELS))
    used_on = fields.Day()
    reason = fields.String()
    repayment_id = fields.Id(allow_none=True)
    made_by_name = fields.String()


@resource.get("/<uuid:fund_id>/overpayments", returns=OverpaymentOut, allow=BOOKS)
def list_overpayments_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """The loans for which something is held, with the balance of each."""
    return queries.register(call.session, call.caller, find.fund(call.session, call.caller, fund_id))


@loans.get("/<uuid:loan_id>/overpayments", returns=OverpaymentUseOut, allow=BOOKS)
def list_uses_(call: Call, loan_id: UUID) -> list[dict[str, Any]]:
    """What became of what was held for a loan, oldest first."""
    return queries.uses(call.session, find.loan(call.session, call.caller, loan_id))


@loans.post(
    "/<uuid:loan_id>/overpayments/refunds", body=RefundIn, returns=OverpaymentUseOut, idempotent=True, allow=REFUNDERS
)
def refund_overpayment_(call: Call, body: dict[str, Any], loan_id: UUID) -> dict[str, Any]:
    """Give back what is held, out of the drawer or from the trustee's account."""
    row = refund_overpayment(call.session, call.caller, loan_id=loan_id, **body)
    return queries.use(find.loan(call.session, call.caller, loan_id), row)


@loans.post(
    "/<uuid:loan_id>/overpayments/applications",
    body=OverpaymentApplicationIn,
    returns=OverpaymentUseOut,
    idempotent=True,
    allow=COLLECTORS,
)
def apply_overpayment_(call: Call, body: dict[str, Any], loan_id: UUID) -> dict[str, Any]:
    """Pay a loan of the same borrower with what is held."""
    row = apply_overpayment(call.session, call.caller, loan_id=loan_id, **body)
    return queries.use(find.loan(call.session, call.caller, loan_id), row)


@refunds.get("/<uuid:use_id>/receipt", download=True, writes=True, allow=PRINTERS)
def print_refund_(call: Call, use_id: UUID) -> Download:
    """The receipt of a refund; its hash is kept, to verify it by."""
    context: Context = call.context
    content = print_refund(
        call.session,
        call.caller,
        use_id=use_id,
        names=context.directory.borrower,
        language=call.language,
        public_url=context.public_url,
    )
    return Download(content, f"{find.refund(call.session, call.caller, use_id).number}.pdf", PDF, inline=True)
