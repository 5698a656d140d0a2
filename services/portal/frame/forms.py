"""What a person typed and what is wrong with it, kept together until she has put it right."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from services.portal.clients import Problem, form_errors
from services.portal.frame.language import _, for_people
from services.portal.rules import amounts

_ABOUT_THE_FORM = frozenset({400, 403, 404, 409, 412, 413, 415, 422, 428, 429})


CHANGED_MEANWHILE = 412


class Form:
    """The fields of one form. `errors` maps a field's name to a sentence; the name "" is the form itself."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values: MultiDict[str, str] = MultiDict()
        self.errors: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        if isinstance(values, MultiDict):
            self._values = values
        else:
            for name, value in (values or {}).items():
                self._values.setlist(name, _texts(value))

    def text(self, name: str) -> str:
        """What stands in the field, without the blanks around it; "" when nothing does."""
        return self._values.get(name, "").strip()

    def optional(self, name: str) -> str | None:
        """The same, None when the field is empty: what an API wants for something left out."""
        return self.text(name) or None

    def many(self, name: str) -> list[str]:
        """Every ticked or repeated value of the field."""
        return [value for value in self._values.getlist(name) if value]

    def flag(self, name: str) -> bool:
        return bool(self.text(name))

    def integer(self, name: str) -> int | str | None:
        """A whole number, or the text as it is, so that the API says what is wrong with it."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text or None

    def money(self, name: str, currency: str) -> dict[str, str] | None:
        """The amount as the APIs take it. What cannot be read as one amount is said to be wrong, and stays as typed,
        so that no API takes it either.
        """
        text = self.text(name)
        if not text:
            return None
        amount = amounts.read(text)
        if amount is None:
            self.wrong(name, _("Write the amount with a point before the cents, for example 1,250.00."))
        return {"amount": amount or text, "currency": currency}

    def wrong(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field; the first thing said stays."""
        self.errors.setdefault(name, sentence)

    def refused(self, problem: Problem, **renamed: str) -> None:
        """Take over what an API refused. `renamed` maps the API's field names to this form's; raises the problem
        again when it is not about what was typed (signed out, service away, defect).
        """
        if problem.status not in _ABOUT_THE_FORM:
            raise problem
        for name, sentence in form_errors(problem, for_people).items():
            self.wrong(renamed.get(name, name), sentence)

    def labelled(self, name: str, label: str) -> str:
        """A field says what it is called; nothing stands there for it."""
        self._labels[name] = label
        return ""

    @property
    def summary(self) -> list[tuple[str, str]]:
        """What is wrong, each after the label of its field: "Given names: fill this in."."""
        return [(name, self._with_label(name, text)) for name, text in self.errors.items()]

    def _with_label(self, name: str, text: str) -> str:
        label = self._labels.get(name)
        return f"{label}: {text[:1].lower()}{text[1:]}" if label else text

    @property
    def placed(self) -> Mapping[str, str]:
        """The errors that belong to a field a reader can be led to."""
        return {name: text for name, text in self.errors.items() if name}


def over(found: Mapping[str, Any], form: Form) -> Form:
    """What she typed, over the record as it is now: sent again, it replaces what she was shown."""
    shown = Form(request.form.to_dict(flat=False) | {"version": found["version"]})
    shown.errors.update(form.errors)
    return shown


def field_id(name: str) -> str:
    """The id of the field `name` in a page."""
    return "field-" + "".join(letter if letter.isalnum() else "-" for letter in name)


def _texts(value: Any) -> Sequence[str]:
    if value is None or value is False:
        return []
    if value is True:
        return ["yes"]
    if isinstance(value, Mapping) and "amount" in value:
        return [str(value["amount"])]
    if isinstance(value, list | tuple | set | frozenset):
        return [str(item) for item in value]
    return [str(value)]
