"""``offices.toml``: one ``[[office]]`` table per office, made into ``core.offices.Offices``."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from mailflow.core.meant import NO_OFFICE
from mailflow.core.message import LANGUAGES
from mailflow.core.offices import Office, Offices, Release, Terms
from mailflow.core.terms import fold
from mailflow.settings.sections import (
    Address,
    Line,
    OptionalAddress,
    Positive,
    Remedy,
    Section,
    as_tuple,
)

__all__ = ["OfficesFile"]

_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _office_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Remedy(
            "is no office id", "use 2 to 40 small letters, digits and hyphens, such as bauaufsicht"
        )
    if text in NO_OFFICE:
        raise Remedy(
            "is a word that orders use for something else",
            f"write a longer one, such as {text}-amt",
        )
    return text


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise Remedy("is no language code", "write two small letters, such as de or en")
    if text not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise Remedy("is no language that mailflow recognises in a mail", f"it knows {known}")
    return text


def _term(text: str) -> str:
    letters = fold(text).replace("*", "").replace("|", "").strip()
    if len(letters) < 2 and letters.isascii():  # noqa: PLR2004 - one Chinese character is a word
        raise Remedy(f'has the term "{text}", which would match everything', "write a longer word")
    return text


Term = Annotated[str, AfterValidator(_term)]
TermList = Annotated[tuple[Term, ...], BeforeValidator(as_tuple)]


class TermsTable(Section):
    """``[office.terms.LANG]``."""

    strong: TermList = ()
    weak: TermList = ()


class OfficeTable(Section):
    """``[[office]]``."""

    id: Annotated[str, AfterValidator(_office_id)]
    name: Line
    address: Address
    department: str = ""
    members: Annotated[tuple[Address, ...], BeforeValidator(as_tuple)] = ()
    deputy: OptionalAddress = ""
    head: OptionalAddress = ""
    external: StrictBool = False
    unauthenticated: StrictBool = False
    release: Release = Release.INHERIT
    reply_workdays: Positive | None = None
    topics: Annotated[tuple[Line, ...], BeforeValidator(as_tuple)] = ()
    terms: Mapping[Annotated[str, AfterValidator(_language)], TermsTable] = Field(
        default_factory=dict
    )

    def as_office(self) -> Office:
        """Give the office as the core knows it."""
        facts = {name: getattr(self, name) for name in type(self).model_fields if name != "terms"}
        terms = {code: Terms(table.strong, table.weak) for code, table in self.terms.items()}
        return Office(**facts, terms=MappingProxyType(terms))


class OfficesFile(Section):
    """The whole file."""

    office: Annotated[tuple[OfficeTable, ...], BeforeValidator(as_tuple), Field(min_length=1)]

    def as_offices(self) -> Offices:
        """Give all offices in the order of the file."""
        return Offices(tuple(table.as_office() for table in self.office))
