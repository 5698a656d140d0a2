"""What is kept of a photograph or document: the picture itself, nothing of where and when it was taken."""

from dataclasses import dataclass

from services.registry.rules.institutions import is_pdf
from shared.kernel import Invalid
from shared.photographs import cleaned

LARGEST_FILE = 10_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """The bytes to keep, and what they are."""

    media_type: str
    content: bytes


def file_kept(content: bytes) -> Kept | None:
    """A photograph without what the camera wrote beside the picture, or a PDF as it is; None for anything else, and for
    a picture that is not whole.
    """
    if is_pdf(content):
        return Kept("application/pdf", content)
    try:
        return Kept(*cleaned(content))
    except Invalid:
        return None
