"""Which parts of a plain text are addresses that may be followed."""

import re

_ADDRESS = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:[/?#][^\s<>\"'\\^`{|}]*)?")
_END = ".,;:!?)]}…»"


def parts(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is an address on the web; put together they are the text again. Nothing
    but http and https is an address, and the sign that ends a sentence belongs to the sentence.
    """
    found: list[tuple[str, bool]] = []
    at = 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_END)
        if text[at : match.start()]:
            found.append((text[at : match.start()], False))
        found.append((address, True))
        at = match.start() + len(address)
    if text[at:]:
        found.append((text[at:], False))
    return found
