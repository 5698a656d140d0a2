"""The words of case stories, for the pages of the team, of their owners and of the library."""

from collections.abc import Mapping
from typing import Any

from services.portal.pages.registry.codes import NEEDS, choices, said
from services.portal.pages.training.area import TEAM
from services.portal.pages.training.csr_words import CSR_READERS, SECTORS, home_choices
from services.portal.pages.training.curriculum_words import where_read
from shared import places

STORY_WRITERS = TEAM
STORY_READERS = CSR_READERS
STORY_REVIEWERS = ("csr_reviewer",)
STORY_PUBLISHERS = ("coordinator", "csr_reviewer")
STORY_TAKERS = (*TEAM, "csr_reviewer", "network_coordinator")
STORY_AREAS = {
    "governance": "Governance",
    "internal_public": "Internal public",
    "environment": "Environment",
    "community": "Community",
    "suppliers": "Suppliers",
    "marketing": "Responsible marketing",
    "public_policy": "Public policy",
}
STORY_STATES = {
    "draft": ("Draft", ""),
    "submitted": ("Waits for review", "accent"),
    "in_review": ("In review", "accent"),
    "returned": ("Returned with recommendations", "warn"),
    "approved": ("Approved in review", "good"),
    "published": ("In the library", "good"),
    "withdrawn": ("Taken out of the library", "bad"),
    "erased": ("Erased", "bad"),
}
SUBJECTS = {"sme": "Small firm", "group": "Training group", "enterprise": "Women's enterprise"}
PURPOSES = {
    "text": "The story is told in the network",
    "web": "It stands on the open web",
    "name": "With the name of the firm",
    "person": "With the name of the person",
    "pictures": "With its pictures",
}
QUESTIONS = {
    "text": "May the centres of the network read this story?",
    "web": "May everybody read it on the open web?",
    "name": "May the name of the firm stand with it?",
    "person": "May the name of the person stand with it?",
    "pictures": "May the pictures be shown?",
}
STORY_WAYS = {"paper": "Signed paper", "link": "Through her link", "told": "Told to the team"}
PARTS = ("title", "situation", "done", "result", "lessons")
PART_WORDS = {
    "situation": "How it was",
    "done": "What was done",
    "result": "What came of it",
    "lessons": "What others can learn",
}
LANGUAGES = {"es": "Spanish", "en": "English"}
COUNTRIES = {"GT": "Guatemala", "SV": "El Salvador", "HN": "Honduras"}
FIGURES = range(4)
"""So many figures the form has room for in each language."""


def story_words() -> dict[str, Any]:
    """What the templates of stories say codes with."""
    return {
        "STORY_AREAS": STORY_AREAS,
        "STORY_STATES": STORY_STATES,
        "STORY_WAYS": STORY_WAYS,
        "SUBJECTS": SUBJECTS,
        "PURPOSES": PURPOSES,
        "QUESTIONS": QUESTIONS,
        "PARTS": PARTS,
        "PART_WORDS": PART_WORDS,
        "LANGUAGES": LANGUAGES,
        "COUNTRIES": COUNTRIES,
        "FIGURES": FIGURES,
        "DIMENSIONS": NEEDS,
        "SECTORS": SECTORS,
        "choices": choices,
        "said": said,
        "in_full": places.in_full,
        "home_choices": home_choices,
        "in_language": in_language,
        "where_read": where_read,
    }


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in the reader's language, or in the one that there is."""
    return texts.get(language) or next(iter(texts.values()), "")
