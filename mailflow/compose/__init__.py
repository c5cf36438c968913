"""Drafts become mails: the only Jinja2, the only Babel and the only mail building."""

from mailflow.compose.composer import Composer, Enclosed, Sealed
from mailflow.compose.letter import as_composed, renewed
from mailflow.compose.rendering import TemplateError
from mailflow.compose.report_files import report_files
from mailflow.compose.trial import template_problems

__all__ = [
    "Composer",
    "Enclosed",
    "Sealed",
    "TemplateError",
    "as_composed",
    "renewed",
    "report_files",
    "template_problems",
]
