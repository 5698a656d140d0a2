"""What the agreement on seed capital says: who gets how much in which parts, what shows each, and what comes back."""

from services.credit.directory import Borrower
from services.credit.documents.printed import Printed
from services.credit.models import Application, Resolution, SeedAward, SeedPlan, TrustFund
from services.credit.rules.words import in_words, shown
from shared import places


class SeedAgreementPrint(Printed):
    """The agreement with its parts."""

    @classmethod
    def of(
        cls,
        fund: TrustFund,
        application: Application,
        resolution: Resolution,
        award: SeedAward,
        plan: SeedPlan,
        borrower: Borrower,
    ) -> "SeedAgreementPrint":
        """The agreement as facts."""
        return cls(
            "agreement.typ",
            {
                "dated": award.awarded_on,
                "letterhead": fund.letterhead,
                "number": award.number,
                "fund": fund.name,
                "trustee": fund.trustee,
                "awarded_by": award.awarded_by_name,
                "owners": [{"name": owner.name, "document": owner.document} for owner in borrower.owners],
                "enterprise": borrower.enterprise or application.number,
                "municipality": places.full_name(application.municipality),
                "purpose": application.purpose,
                "resolution": resolution.number,
                "regulations": resolution.lent_under.citation,
                "kind": award.kind,
                "amount": fund.money(award.amount),
                "amount_in_words": in_words(award.amount, fund.currency),
                "own_contribution": fund.money(plan.own_contribution),
                "return_by": award.return_by,
                "parts": [
                    {
                        "number": one.position,
                        "text": one.text,
                        "evidence": one.evidence_wanted,
                        "amount": shown(one.amount),
                        "due_on": one.due_on,
                    }
                    for one in plan.milestones
                ],
            },
        )
