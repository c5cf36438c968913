"""The legal forms of companies: by them a name is known as a company's."""

import re

__all__ = ["LEGAL_FORM", "LEGAL_FORM_ANYHOW", "LEGAL_FORM_WORDS"]

_FORM = (
    r"\b(?:g?GmbH|mbH|AG|KGaA|KG|OHG|UG|SE|GbR|PartG|eG|e\. ?G\.?|e\.? ?K\.?|e\.? ?V\.?|Ltd|Limited"
    r"|LLC|Inc|Corp|plc|B\. ?V\.?|BV|N\. ?V\.?|NV|S\. ?A\.?|S\. ?r\. ?l\.?|SARL|Sp\. z o\. ?o\.?"
    r"|A\. ?Ş\.?|Şti|Tic)(?!\w)"
)

LEGAL_FORM = re.compile(_FORM)
"""A form as companies write it; finds none in ordinary words such as "ag" or "se"."""

LEGAL_FORM_ANYHOW = re.compile(_FORM, re.IGNORECASE)
"""A form in large and small letters, for lines that are nothing but a name or a signature."""

LEGAL_FORM_WORDS = frozenset(
    {"gmbh", "ag", "kg", "ohg", "ug", "gbr", "eg", "ek", "ev", "se", "mbh", "co"}
)
"""What follows a company's name as a word of its own, case folded, without points."""
