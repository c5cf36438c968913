"""How much of one mail is read: figures that keep every mail's time and memory bounded."""

from dataclasses import dataclass

__all__ = ["DEFAULT", "Limits"]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes unless said otherwise; what lies beyond is named in ``problems``.

    ``size``: a larger mail is read from its headers only. ``header``: the part of a header block
    that is looked at. ``depth``: levels of multiparts and attached mails. ``parts``: MIME parts of
    one mail. ``text``: characters of readable body. ``subject``: characters of the subject.
    ``recipients``: addresses kept of one header.
    """

    size: int = 50 * _MIB
    header: int = 1 * _MIB
    depth: int = 60
    parts: int = 1000
    text: int = 2_000_000
    subject: int = 1_000
    recipients: int = 50_000


DEFAULT = Limits()
