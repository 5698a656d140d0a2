"""Behind which door the pages of a firm stand: its team's, or its own link's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template

from services.portal.clients import Answer, Client, Problem
from services.portal.pages.training.follow_up_words import words


@dataclass(frozen=True)
class Door:
    """Where the pages of a firm stand (`base`), where their API stands, and what is known of the firm.

    `own`: it is the firm itself. `firm` has `sme_name`, `size`, `diagnosis` and `plan`, the last two None at first.
    """

    base: str
    client: Client
    firm: Mapping[str, Any]
    own: bool
    may_write: bool
    begin_diagnosis: Callable[[str], Answer]
    begin_plan: Callable[[], Answer]
    diagnosis_path: str
    plan_path: str
    evidence_path: str
    """Where its files are opened and erased."""
    community_path: str = ""
    """Where the community stands, for the firm itself."""
    may_open: bool = True
    """Whether its files may be opened, besides seeing that they are there."""

    def show(self, template: str, **facts: Any) -> str:
        """A page of the firm."""
        known = {"door": self, "firm": self.firm, "diagnosis": self.firm["diagnosis"], "plan": self.firm["plan"]}
        return render_template(f"training/{template}", **known, **words(), **facts)

    def area(self, code: str) -> dict[str, Any]:
        """An area of its diagnosis; found nowhere where there is none such."""
        areas = (self.firm["diagnosis"] or {}).get("areas", [])
        found = next((one for one in areas if one["code"] == code), None)
        if found is None:
            raise Problem(404, "http.404")
        return dict(found)

    @property
    def said(self) -> dict[str, Any]:
        """Its plan; found nowhere where there is none."""
        if self.firm["plan"] is None:
            raise Problem(404, "http.404")
        return dict(self.firm["plan"])
