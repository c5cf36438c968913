"""Mutate real mails, read and decide them, for as long as told: nothing may raise, hang, give up.

usage: python -m bench.fuzz SECONDS [SEED] [FOLDER ...]

Each is decided as a company's first mail, and as an office's mail with its token: believed, and
with a sender whom the mail server calls false, which waits. Starts from the mails in
``tests/mail`` and, where it lies beside the repository, the corpus. Prints how many mails were read
and every finding: an exception, a mail given up half way (its problems say so), or one whose
reading or deciding took more than two seconds of processor time. Exit 1 when there is any.
"""

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from mailflow.core.decide import decide
from mailflow.core.known import Authentication, Known, Leg, Mail, Policy
from mailflow.core.message import Address, Kind, Message
from mailflow.core.ticket import Ticket
from mailflow.core.tracking import Role
from mailflow.reading import read
from tests.flow.city import ONE_OFFICE, city, letter

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT / "tests" / "mail", ROOT.parent / "shared" / "corpus"]
SLOW = 2.0
PIECES = (
    b"\r\n",
    b"\n\n",
    b"\0",
    b"=?utf-8?q?=ff?=",
    b"=?x-unknown?b?////?=",
    b"; name*0*=x''%",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"<" * 50,
    b">" * 200,
    b"From: a@b <a@b>:\r\n",
    b"begin 644 x\r\n",
    b"\xff\xfe",
    b"Am 1.1.2026 schrieb a:",
    b"<blockquote>" * 30,
    b"An: x\n" * 20,
    b"Ja.\n> x\n",
)


def flip(mail: bytearray, chance: random.Random) -> None:
    """Change some bytes."""
    for _ in range(chance.randint(1, 20)):
        mail[chance.randrange(len(mail))] = chance.randrange(256)


def insert(mail: bytearray, chance: random.Random) -> None:
    """Put a nasty piece somewhere, once or often."""
    place = chance.randrange(len(mail))
    mail[place:place] = chance.choice(PIECES) * chance.choice((1, 1, 3, 200))


def cut(mail: bytearray, chance: random.Random) -> None:
    """Leave a stretch out."""
    start = chance.randrange(len(mail))
    del mail[start : start + chance.randrange(1, 2000)]


def repeat(mail: bytearray, chance: random.Random) -> None:
    """Say a stretch again, up to a thousand times."""
    start = chance.randrange(len(mail))
    piece = bytes(mail[start : start + chance.randrange(1, 300)])
    mail[start:start] = piece * chance.choice((1, 2, 50, 1000))


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (flip, insert, cut, repeat)


def mutated(seeds: list[bytes], chance: random.Random) -> bytes:
    """Give a mail that nobody ever wrote: a real one changed, or two spliced."""
    mail = bytearray(chance.choice(seeds))
    if chance.random() < 0.2:
        other = chance.choice(seeds)
        mail[chance.randrange(len(mail) + 1) :] = other[chance.randrange(len(other) + 1) :]
    for _ in range(chance.randint(1, 4)):
        if mail:
            chance.choice(MUTATIONS)(mail, chance)
    return bytes(mail)


@dataclass(frozen=True)
class Town:
    """What mails are decided with: the city's policy, and a ticket in which an office is asked."""

    policy: Policy
    ticket: Ticket


def complaint(mail: bytes, town: Town) -> str:
    """Read and decide one mail; give what is wrong with that, "" when nothing is."""
    start = time.process_time()
    try:
        message = read(mail)
        between = time.process_time()
        judge(message, town)
    except BaseException as error:  # noqa: BLE001 - a finding, whatever it is
        return f"raised {type(error).__name__}: {error}"
    given_up = [each for each in message.problems if "Error)" in each]
    if given_up:
        return given_up[0]
    took = {"reading": between - start, "deciding": time.process_time() - between}
    slow = [f"{what} took {seconds:.1f} s" for what, seconds in took.items() if seconds > SLOW]
    return ", ".join(slow)


def judge(message: Message, town: Town) -> None:
    """Decide a mail as the intake would: the first of a company nobody knows, then an office's."""
    now, policy, ticket = datetime.now(UTC), town.policy, town.ticket
    mail = Mail(1, message, now, f"{policy.prefix}-2222-2222")
    decide(Known(mail), policy, now)
    (part,) = ticket.current()
    leg = Leg("", Role.OFFICE, ticket.reference, part.office_id, part.recipient, valid=True)
    sender = Address("", part.recipient)
    reply = replace(mail, message=replace(message, sender=sender, kind=Kind.PERSONAL))
    for verdict in (Authentication.PASS, Authentication.FAIL):
        said = replace(reply, authentication=verdict)
        decide(Known(said, (leg,), tickets={ticket.reference: ticket}), policy, now)


def town_of_tests() -> Town:
    """Give the city the tests live in, which has asked an office."""
    with TemporaryDirectory() as folder, city(Path(folder)) as town:
        town.deliver(letter("Umnutzung", ONE_OFFICE))
        return Town(town.policy, town.ticket())


def main(seconds: float, seed: int, folders: list[Path]) -> int:
    """Fuzz for a while; keep what fails under ``fuzz-findings`` in the current folder."""
    chance = random.Random(seed)  # noqa: S311 - the same seed gives the same mails
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    seeds = [raw for raw in (path.read_bytes() for path in paths) if raw]
    town = town_of_tests()
    end, count, found = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        mail = mutated(seeds, chance)
        count += 1
        if trouble := complaint(mail, town):
            found += 1
            kept = Path("fuzz-findings", f"{seed}-{count}.eml")
            kept.parent.mkdir(exist_ok=True)
            kept.write_bytes(mail)
            print(f"{kept}: {trouble}", flush=True)
    print(f"{count} mails from {len(seeds)} seeds in {seconds:.0f} s, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    chosen = [Path(name) for name in arguments[2:]] or [each for each in FOLDERS if each.is_dir()]
    sys.exit(main(float(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1, chosen))
