"""The twelve labelled office replies, each through the whole city, come out as they say."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailflow.core.ticket import Ticket
from mailflow.settings import load_offices
from tests.flow.city import (
    COMPANY,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared" / "domain" / "cases.jsonl"


def _cases() -> dict[str, dict[str, Any]]:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[City]:
    """Give a city with the offices of the example configuration."""
    with city(tmp_path, offices=load_offices(ROOT / "config" / "offices.toml")) as made:
        yield made


@dataclass(frozen=True)
class Played:
    """A case as it went: the inquiry's ticket before and after, and what the reply caused."""

    before: Ticket | None
    after: Ticket | None
    out: list[EmailMessage]

    @property
    def to_company(self) -> list[EmailMessage]:
        """What the company got because of the office's mail."""
        return [mail for mail in self.out if to_of(mail) == COMPANY]


def _play(town: City, name: str) -> Played:
    cases = _cases()
    case = cases[name]
    inquiry = cases.get(str(case["in_reply_to_case"]))
    forward = None
    if inquiry:
        out = town.deliver(letter(inquiry["subject"], inquiry["body"]))
        address = town.policy.office(case["from_office"]).address
        if not any(to_of(mail) == address for mail in of_kind(out, "forward")):
            order = f"{town.ticket().reference} an {case['from_office']}"
            out = town.deliver(reply_to(digest_of(town), order))
        forward = forward_to(out, address)
    before = town.ticket() if inquiry else None
    out = town.deliver(_reply(case, forward))
    return Played(before, town.ticket() if inquiry else None, out)


def _reply(case: dict[str, Any], forward: EmailMessage | None) -> bytes:
    token = message_id = ""
    if forward is not None:
        message_id = str(forward["Message-ID"])
        token = str(forward["Reply-To"]).partition("+")[2].partition("@")[0]
    filled = {
        key: value.replace("{{TOKEN}}", token).replace("{{FORWARD_MSGID}}", message_id)
        for key, value in case["headers"].items()
        if isinstance(value, str)
    }
    body = case["body"].replace("{{FORWARD_MSGID}}", message_id)
    raw = letter(
        case["subject"].replace("{{TOKEN}}", token),
        body,
        sender=filled.pop("From"),
        to=filled.pop(
            "To", str(forward["Reply-To"]) if forward else "unternehmen@stadt.example.org"
        ),
        **{key: value for key, value in filled.items() if key != "Content-Type"},
    )
    return raw.replace(b"kontakt@probe-baustoffe.example", COMPANY.encode())


def _state(played: Played, office: str) -> str:
    assert played.after is not None
    part = played.after.consultation(office)
    assert part is not None
    return part.state


def _reasons(played: Played) -> list[str]:
    assert played.after is not None
    return [hold.reason for hold in played.after.holds]


def test_r01_a_full_answer_is_sent_without_its_quote(town: City) -> None:
    """Outlook's quote header below the answer goes, the answer stays."""
    played = _play(town, "R01")
    assert _state(played, "bauaufsicht") == "answered"
    (answer,) = played.to_company
    assert "21. KW" in body_of(answer)
    assert "Sehr geehrte Kolleginnen" not in body_of(answer)


def test_r02_inline_answers_keep_the_lines_they_answer(town: City) -> None:
    """An answer between the quoted questions stays readable."""
    played = _play(town, "R02")
    assert _state(played, "verkehr") == "answered"
    assert played.after is not None
    part = played.after.consultation("verkehr")
    assert part is not None
    assert "14 Tage vorher" in part.replies[0].text
    assert "Halteverbot vor dem Haus" in part.replies[0].text


def test_r03_a_part_with_a_promise_waits_for_the_manager(town: City) -> None:
    """Half an answer and a promise: the manager decides, nothing goes out."""
    played = _play(town, "R03")
    assert played.to_company == []
    assert _reasons(played) == ["suspected"]


def test_r04_a_question_back_goes_out_at_once(town: City) -> None:
    """A plain request for documents reaches the company, and the clock stops."""
    played = _play(town, "R04")
    assert _state(played, "bauaufsicht") == "questioned"
    (question,) = played.to_company
    assert question["X-Mailflow-Kind"] == "question"
    assert "Lageplan" in body_of(question)


def test_r05_a_decline_towards_an_external_body_waits(town: City) -> None:
    """The district government is named and external: the manager confirms."""
    played = _play(town, "R05")
    assert _state(played, "umwelt") == "declined"
    assert played.to_company == []
    assert played.after is not None
    assert [hold.suggestion for hold in played.after.holds] == ["bezirksregierung"]


def test_r06_a_terse_refusal_never_reaches_the_company(town: City) -> None:
    """Declined, nobody named: the manager decides who else is asked."""
    played = _play(town, "R06")
    assert _state(played, "ordnung") == "declined"
    assert played.to_company == []
    assert "declined" in _reasons(played)


def test_r07_an_absence_is_no_answer(town: City) -> None:
    """The part stays open, nothing goes to the company, the deputy is asked if it lasts."""
    played = _play(town, "R07")
    assert _state(played, "denkmal") == "asked"
    assert played.to_company == []
    assert played.after is not None
    part = played.after.consultation("denkmal")
    assert part is not None
    assert part.absent_until is not None
    assert (part.absent_until.month, part.absent_until.day) == (5, 30)


def test_r08_a_bounce_asks_the_deputy(town: City) -> None:
    """Bound by the quoted Message-ID: the deputy gets the forward, the company nothing."""
    played = _play(town, "R08")
    assert played.to_company == []
    (again,) = of_kind(played.out, "forward")
    assert to_of(again) == "arbeitgeberservice-vertretung@partner.example.org"


def test_r09_an_interim_notice_is_passed_on(town: City) -> None:
    """The office asks to pass it on, with a day: the company hears it, the due day moves."""
    played = _play(town, "R09")
    assert _state(played, "wirtschaftsfoerderung") == "interim"
    (interim,) = played.to_company
    assert interim["X-Mailflow-Kind"] == "interim"
    assert "Drei Flächen" in body_of(interim)


def test_r10_an_internal_remark_holds_the_answer(town: City) -> None:
    """From a personal address and with a secret: it waits, and the secret goes nowhere."""
    played = _play(town, "R10")
    assert played.to_company == []
    assert played.after is not None
    part = played.after.consultation("liegenschaften")
    assert part is not None
    (reply,) = part.replies
    assert reply.state == "held"
    assert "zweiten Interessenten" not in reply.text
    assert "95 Euro" in reply.text


def test_r11_an_office_without_token_is_matched_by_a_person_only(town: City) -> None:
    """The tax office writes without a mark: the open ticket is suggested, nothing is sent."""
    case = _cases()["D04"]
    town.deliver(letter(case["subject"], case["body"]))
    reference = town.ticket().reference
    played = _play(town, "R11")
    assert played.out == []
    (waiting,) = [each for each in town.reporting.digest().pending if each.reference != reference]
    assert any(choice.command.endswith(f"zu {reference}") for choice in waiting.choices)


def test_r12_an_answer_sent_directly_is_not_sent_twice(town: City) -> None:
    """The office wrote to the company itself: logged as answered, no second mail."""
    played = _play(town, "R12")
    assert _state(played, "tiefbau") == "answered"
    assert played.to_company == []
