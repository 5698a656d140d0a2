"""Which amount of money a text is, as the three countries write it."""

import re

_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(?P<mark>[, ])[0-9]{3}((?P=mark)[0-9]{3})*(\.[0-9]{1,2})?")
_DECIMAL_COMMA = re.compile(r"-?([0-9]+|[1-9][0-9]{0,2}(?P<mark>[. ])[0-9]{3}((?P=mark)[0-9]{3})*),[0-9]{1,2}")


def read(text: str) -> str | None:
    """`1,250.50`, `1 250.50`, `1250,50` and `1.250,50` are all "1250.50"; None for what can be read in two ways or in
    none. A comma stands for thousands where three digits follow it, for decimals before one or two at the end.
    """
    written = _SPACES.sub(" ", text.strip())
    if _PLAIN.fullmatch(written):
        return written
    if _THOUSANDS.fullmatch(written):
        return written.replace(",", "").replace(" ", "")
    if _DECIMAL_COMMA.fullmatch(written):
        return written.replace(".", "").replace(" ", "").replace(",", ".")
    return None
