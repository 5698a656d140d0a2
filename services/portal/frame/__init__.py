"""The frame of every page: who asks, in which language, with which navigation. Pages import from here."""

from services.portal.frame import words
from services.portal.frame.forms import CHANGED_MEANWHILE, Form, over
from services.portal.frame.language import _, sentence
from services.portal.frame.person import Person, for_roles, me, safe_next, signed_in

__all__ = [
    "CHANGED_MEANWHILE",
    "Form",
    "Person",
    "_",
    "for_roles",
    "me",
    "over",
    "safe_next",
    "sentence",
    "signed_in",
    "words",
]
