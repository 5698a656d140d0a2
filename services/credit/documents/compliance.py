"""What the monthly report to the Trust Fund Committee says."""

from collections.abc import Mapping
from typing import Any

from services.credit.documents.printed import Printed
from services.credit.models import TrustFund
from shared.kernel import clock


class CompliancePrint(Printed):
    """Each rule of the regulations against what happened in a month."""

    @classmethod
    def of(cls, fund: TrustFund, report: Mapping[str, Any], language: str) -> "CompliancePrint":
        """The report as facts."""
        return cls(
            "compliance.typ",
            {
                "dated": clock.today(),
                "letterhead": fund.letterhead,
                "number": f"{fund.code}-{report['month']:%Y-%m}",
                "fund": fund.name,
                "trustee": fund.trustee,
                **{name: report[name] for name in ("month", "until", "checks", "concentration")},
            },
            language,
        )
