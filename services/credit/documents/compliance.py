"""What the monthly report to the Trust Fund Committee says."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from services.credit.documents.printed import FOLDER, Printed
from services.credit.models import TrustFund
from services.credit.rules.signatures import attached
from shared import documents
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
                **{name: report[name] for name in ("month", "until", "checks", "attempts", "concentration", "edition")},
            },
            language,
        )


class ReadingCopy(Printed):
    """What an issued report says, in English. It is no paper of its own: each page names the original."""

    @classmethod
    def of(cls, original: bytes, digest: str) -> "ReadingCopy | None":
        """From the facts attached to the original; None where it carries none with this hash."""
        said = attached(original)
        if said is None or hashlib.sha256(said).hexdigest() != digest:
            return None
        template, _language, facts = said.decode().split("\n", 2)
        return cls(template, json.loads(facts) | {"copy_of": digest}, "en")

    def render(self, public_url: str) -> bytes:
        """The PDF, with a QR to the page that verifies the original."""
        address = f"{public_url}/verify/{self.data['copy_of']}"
        return documents.render(FOLDER / self.template, self.data, language=self.language, verify_url=address)
