"""What the author of a mail newly wrote, apart from what he quoted, signed and appended.

``new_text`` is all there is to call. ``languages`` and ``structure`` hold the tables (languages;
mail programs' HTML), ``starts`` finds where quotes begin, with ``header_blocks`` and
``attributions``; ``tails`` finds what hangs under a text.
"""

from mailflow.reading.quotes.trim import NewText, new_text

__all__ = ["NewText", "new_text"]
