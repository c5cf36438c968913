"""Which offices a mail concerns.

Each office has strong and weak terms per language (``core.terms``). A strong term is worth 3
points, a weak one 1, more in the subject (``core.scoring``). An office is sure with a strong term
and ``min_score`` points, or, where none is, with several weak ones and twice the points of any
other. At most ``max_offices`` sure ones are asked without the manager; everything else waits for
him, with suggestions: nothing is guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mailflow.core.directory import Office, Offices, Release, Terms, names_of
from mailflow.core.gist import Gist
from mailflow.core.intents import (
    Action,
    Flag,
    Intent,
    flags_of,
    intent_of,
    may_be_private,
)
from mailflow.core.scoring import Match, Score, scores

__all__ = [
    "Action",
    "Flag",
    "Match",
    "Office",
    "Offices",
    "Release",
    "Routing",
    "RoutingPolicy",
    "Score",
    "Terms",
    "names_of",
    "route",
]

_SUGGESTIONS = 3
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class RoutingPolicy:
    """When an office is sure enough to be asked without the manager.

    ``languages`` are looked up in every mail, whatever its own language.
    """

    min_score: int = 3
    max_offices: int = 3
    languages: tuple[str, ...] = ("de",)


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a mail goes, and why.

    ``offices`` are asked at once, in the configured order, and are empty unless ``action`` is
    ``ROUTE``. ``confirm`` are as sure but external: asked only after the manager confirmed.
    ``suggestions`` are the three most likely, best first, also when nothing is sure.
    ``why`` says it to the manager in German.
    """

    action: Action
    offices: tuple[Office, ...]
    confirm: tuple[Office, ...]
    suggestions: tuple[Office, ...]
    scores: tuple[Score, ...]
    flags: frozenset[Flag]
    why: str


_DEFAULT = RoutingPolicy()


def route(
    subject: str,
    text: str,
    language: str,
    offices: Offices,
    policy: RoutingPolicy = _DEFAULT,
    *,
    known_company: bool = False,
    generated: bool = False,
) -> Routing:
    """Decide which offices an inquiry concerns.

    ``text`` is what the author newly wrote, ``language`` its language code or "" when unknown.
    From a ``known_company`` no sign is needed that a company writes. ``generated``: that a program
    made the mail is known.
    """
    gist = Gist.of(text)
    claims, sure = _claims(subject, gist.matter, language, offices, policy)
    flags = flags_of(subject, gist.body)
    intent = intent_of(subject, gist.body, gist.signature, generated=generated)
    order = {office.id: place for place, office in enumerate(offices)}
    chosen = sorted((score.office for score in sure), key=lambda office: order[office.id])
    doubt = _doubt(chosen, flags, policy)
    if (
        not doubt
        and not known_company
        and may_be_private(f"{subject}\n{gist.body}", gist.signature)
    ):
        doubt = "Es ist nicht zu erkennen, ob ein Unternehmen schreibt."
    action = intent.action if intent else Action.TRIAGE if doubt else Action.ROUTE
    return Routing(
        action=action,
        offices=tuple(office for office in chosen if not office.external)
        if action is Action.ROUTE
        else (),
        confirm=() if intent else tuple(office for office in chosen if office.external),
        suggestions=tuple(score.office for score in claims[:_SUGGESTIONS]),
        scores=claims,
        flags=flags,
        why=_why(intent, doubt, sure, claims),
    )


def _claims(
    subject: str, body: str, language: str, offices: Offices, policy: RoutingPolicy
) -> tuple[tuple[Score, ...], list[Score]]:
    """Give all claims, best first, and the sure ones among them.

    Where the mail's language and the city's own make nothing sure, the other languages' words may
    still suggest an office; alone they make none sure, least of all in a language without words.
    """
    every = tuple(dict.fromkeys(code for office in offices for code in office.terms))
    if language in every or not language:
        known = dict.fromkeys([language, *policy.languages])
        claims = scores(subject, body, known, offices)
        sure = [score for score in claims if _is_sure(score, policy)]
        if sure := sure or _far_ahead(claims, policy):
            return claims, sure
    return scores(subject, body, every, offices), []


def _is_sure(score: Score, policy: RoutingPolicy) -> bool:
    return score.points >= policy.min_score and any(match.strong for match in score.matches)


def _far_ahead(claims: tuple[Score, ...], policy: RoutingPolicy) -> list[Score]:
    """Give the office that several weak terms speak for, and at most half as much for others."""
    first, second = (*claims, None, None)[:2]
    if first is None or first.points < policy.min_score or len(first.matches) < _SEVERAL:
        return []
    return [] if second and second.points * 2 > first.points else [first]


def _doubt(chosen: list[Office], flags: frozenset[Flag], policy: RoutingPolicy) -> str:
    """Say why offices that seem sure are not asked without the manager; "" when they are."""
    internal = [office for office in chosen if not office.external]
    if not chosen:
        return "Kein Amt ist sicher zu erkennen."
    if len(internal) > policy.max_offices:
        return f"Mehr als {policy.max_offices} Ämter kommen in Frage."
    if Flag.CONFIDENTIAL in flags:
        return "Das Unternehmen bittet um Vertraulichkeit."
    if not internal:
        return (
            "Zuständig scheint eine externe Stelle; sie wird erst nach Ihrer Bestätigung beteiligt."
        )
    return ""


_INTENTS: Mapping[Action, str] = MappingProxyType(
    {
        Action.TRIAGE: "Das sollte ein Mensch ansehen",
        Action.GDPR: "Es geht um Rechte nach der Datenschutz-Grundverordnung",
        Action.IFG: "Es geht um einen Informationszugang (IFG, Akteneinsicht)",
        Action.PRESS: "Es scheint eine Presseanfrage zu sein",
        Action.SPAM: "Es scheint Werbung oder Betrug zu sein",
        Action.NOT_BUSINESS: "Es scheint ein privates Anliegen zu sein",
        Action.EMERGENCY: "Es könnte ein Notfall sein; bitte sofort ansehen",
        Action.THANKS: "Es scheint nur ein Dank zu sein",
        Action.AUTO: "Es scheint eine automatische Nachricht zu sein",
    }
)


def _why(intent: Intent | None, doubt: str, sure: list[Score], claims: tuple[Score, ...]) -> str:
    if intent:
        words = ", ".join(f"„{word}“" for word in intent.words[:4])
        return f"{_INTENTS[intent.action]} ({words})."
    if not doubt:
        return "; ".join(score.reason for score in sure) + "."
    named = "; ".join(score.reason for score in (sure or list(claims[:_SUGGESTIONS])))
    return f"{doubt} Am ehesten: {named}." if named else doubt
