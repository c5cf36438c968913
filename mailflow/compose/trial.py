"""Every template tried on made-up facts, before the first real mail needs it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from mailflow.compose.composer import Composer
from mailflow.compose.rendering import TemplateError
from mailflow.compose.specimen import CONTEXTS, ROLES, specimen
from mailflow.core.drafts import Draft, DraftKind
from mailflow.core.tracking import Role, find

__all__ = ["template_problems"]

_NOW: Final = datetime(2026, 5, 29, 9, 30, tzinfo=UTC)
_REFERENCE: Final = "KAM-7K3Q-9F2M"


def template_problems(composer: Composer) -> tuple[str, ...]:
    """Give what is wrong with the templates, one line each: file, place, fault; () is well.

    Each template is rendered twice, with every field filled and with everything optional left
    out. Those of mails that are answered must show reference and token where replies keep them.
    """
    return tuple(
        dict.fromkeys(
            problem
            for kind in CONTEXTS
            for language in composer.rendering.languages(kind)
            for full in (True, False)
            for problem in _problems(composer, kind, language, full=full)
        )
    ) + tuple(
        f"there is no template {kind}.{composer.rendering.default_language}.txt"
        for kind in CONTEXTS
        if not composer.rendering.languages(kind)
    )


def _problems(composer: Composer, kind: DraftKind, language: str, *, full: bool) -> Iterator[str]:
    role = ROLES.get(kind)
    draft = Draft(
        kind=kind,
        recipient="trial@example.org",
        recipient_name="",
        language=language,
        context=specimen(kind, full=full),
        names=("trial",),
        reference=_REFERENCE,
        role=role,
        leg="a" * 11 if role else "",
    )
    try:
        sealed = composer.compose(draft, _NOW, lambda _: ("text/plain", b""))
    except TemplateError as fault:
        yield str(fault)
        return
    if role is None:
        return
    name = f"{kind}.{language}.txt"
    if not find(sealed.text):
        yield f"template {name}: the reply marker is missing, include marker.{language}.txt"
    if role is not Role.MANAGER and f"[{_REFERENCE}]" not in sealed.subject:
        yield f"template {name}: the subject must hold [{{{{ reference }}}}]"
    if role is Role.OFFICE and not find(sealed.subject):
        yield f"template {name}: the subject must hold [{{{{ token }}}}]"
