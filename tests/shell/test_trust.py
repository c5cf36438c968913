"""Whose word on a sender is believed (RFC 8601): the servers named, and never the better of two."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mailflow import trust
from mailflow.core.message import Address, Message
from mailflow.reading import read
from mailflow.trust import authentication

MX = "mx.stadtkasse.example.org"
FROM = "firma.example"
GOOD, BAD = f"{MX}; dmarc=pass header.from={FROM}", f"{MX}; dmarc=fail header.from={FROM}"


def verdict(*headers: str, inside: str = "\r\nx") -> str:
    """Give what is thought of a mail with these headers, the first of them on top."""
    lines = "".join(f"Authentication-Results: {each}\r\n" for each in headers)
    raw = f"{lines}From: x@{FROM}\r\nSubject: x\r\n{inside}\r\n"
    return authentication(read(raw.encode()), (MX,)).value


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([GOOD], "pass"),
        ([f"{MX.upper()} 1; dmarc=pass header.from={FROM}"], "pass"),
        ([GOOD, f"{MX}; dkim=pass header.d=versand.example"], "pass"),
        ([f"{MX}; dkim=pass header.d={FROM}"], "pass"),
        ([f"{MX}; dkim=pass header.i=@{FROM} header.s=s1"], "pass"),
        ([f"{MX}; dkim=pass header.i=@mail.{FROM}"], "pass"),
        ([f"{MX}; dkim=pass header.d=mail.{FROM}"], "pass"),
        ([f"{MX}; dkim=pass header.d=x{FROM}"], "none"),
        ([f"{MX}; dkim=pass header.d=example"], "none"),
        ([f"{MX}; dkim=pass header.d=versand.example"], "none"),
        ([f"{MX}; dmarc=pass header.from=mail.{FROM}"], "none"),
        ([f"{MX}; dmarc=pass header.from=mail.{FROM}; dkim=pass header.d={FROM}"], "pass"),
        ([f"{MX}; dmarc=temperror header.from={FROM}"], "none"),
        ([f"{MX}; spf=pass smtp.mailfrom=x@{FROM}"], "none"),
        ([f"{MX}; spf=fail smtp.mailfrom=x@{FROM}"], "fail"),
        ([f"{MX}; spf=fail smtp.mailfrom=x@liste.example"], "none"),
        ([f"{MX}; dmarc=fail header.from={FROM}; dkim=pass header.d={FROM}"], "fail"),
        ([], "none"),
    ],
)
def test_one_servers_word(headers: list[str], expected: str) -> None:
    """DMARC decides, else the domain's own signature; SPF alone only speaks against a sender."""
    assert verdict(*headers) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([GOOD, BAD], "fail"),
        ([BAD, GOOD], "fail"),
        ([f"{MX}; spf=none smtp.mailfrom=x@{FROM}", GOOD], "none"),
        ([GOOD, f"{MX}; dmarc=none header.from={FROM}"], "none"),
        ([f"{MX}; dmarc=bogus(((;;", GOOD], "none"),
        ([f"{MX} 1 dkim pass", GOOD], "none"),
        ([f"evil.example; dmarc=pass header.from={FROM}"], "none"),
        ([f"evil.example; dmarc=pass header.from={FROM}", BAD], "fail"),
        ([f"{MX}.evil.example; dmarc=pass header.from={FROM}"], "none"),
        ([f"(x) {MX}; dmarc=fail header.from={FROM}", GOOD], "fail"),
    ],
)
def test_a_forged_second_word_helps_nobody(headers: list[str], expected: str) -> None:
    """Above or below the true header, in our server's name or another's, broken or whole."""
    assert verdict(*headers) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            [f"{MX}; dmarc=pass (p=reject) header.from=evil.example; dkim=pass header.d={FROM}"],
            "fail",
        ),
        ([f"{MX}; spf=none smtp.mailfrom=a b; dmarc=pass header.from=evil.example x"], "fail"),
        ([f"{MX}; dmarc=pass header.from=x@evil.example"], "fail"),
        ([f"{MX}; dmarc=pass header.from=x{FROM}"], "fail"),
        ([f"{MX}; dmarc=pass header.from=example"], "fail"),
        ([GOOD, f"{MX}; dmarc=pass header.from=evil.example"], "fail"),
        ([f"{MX}; dmarc=pass header.from={FROM}."], "pass"),
        ([f"{MX}; dmarc=pass header.from={FROM.upper()}"], "pass"),
        ([f"{MX}; dmarc=pass header.from=mail.{FROM}"], "none"),
        ([f"{MX}; dmarc=pass header.from=evil?.example"], "none"),
        ([f"{MX}; dmarc=pass header.from=évil.example"], "none"),
        ([f'{MX}; dmarc=pass header.from=""'], "none"),
        (["evil.example; dmarc=pass header.from=evil.example", GOOD], "pass"),
        ([f"{MX}; dmarc=pass header.from=evil.example; spf=none x={'y' * 9_000}"], "fail"),
        ([f"{MX}; spf=none{'; dkim=none' * 90}; dmarc=pass header.from=x@evil.example"], "fail"),
    ],
)
def test_who_vouches_for_another_author_speaks_against_this_one(
    headers: list[str], expected: str
) -> None:
    """Where server and reader see two authors in one mail, its writer meant them to."""
    assert verdict(*headers) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("dmarc=pass", "none"),
        ("dmarc=pass (p=none dis=none) d=evil.example", "fail"),
        (f"dmarc=pass (p=none dis=none) d={FROM}", "pass"),
        (f'dmarc=pass d="{FROM.upper()}."', "pass"),
        (f"dmarc=pass from={FROM}", "pass"),
        (f"dmarc=pass from=x@{FROM}", "pass"),
        (f"dmarc=pass d=mail.{FROM}", "none"),
        (f"dmarc=pass d={FROM} from=evil.example", "fail"),
        (f"dmarc=pass d={FROM} header.from=evil.example", "fail"),
        (f"dmarc=pass d=evil.example header.from={FROM}", "pass"),
        (f"dmarc=pass (x (y) d={FROM})", "none"),
        (f"dmarc=pass (x (d=evil.example)) d={FROM}", "pass"),
        (f"dmarc=pass header.d={FROM} x-d={FROM}", "none"),
        (f"dmarc=pass; spf=pass smtp.mailfrom=x@{FROM}", "pass"),
        (f"dmarc=pass; spf=pass smtp.mailfrom=bounce.{FROM}", "pass"),
        ("dmarc=pass; spf=pass smtp.mailfrom=x@evil.example", "none"),
        (f"dmarc=pass; spf=neutral smtp.mailfrom=x@{FROM}", "none"),
        (f"dmarc=pass; spf=pass smtp.helo={FROM}", "none"),
        (f"dmarc=pass d=mail.evil.example; spf=pass smtp.mailfrom=x@{FROM}", "fail"),
        (f"dmarc=pass; dkim=pass header.d={FROM}", "pass"),
        ("dmarc=pass; dkim=pass header.d=evil.example", "none"),
    ],
)
def test_a_pass_that_names_nobody_vouches_only_with_something_behind_it(
    said: str, expected: str
) -> None:
    """Some servers do not say of which author they speak, and may have read another than we do."""
    assert verdict(f"{MX}; {said}") == expected


_EVERYDAY = {
    "Microsoft 365": f"spf=pass (sender IP is 192.0.2.7) smtp.mailfrom={FROM}; dkim=pass (signature"
    f" was verified) header.d={FROM};dmarc=pass action=none header.from={FROM};compauth=pass"
    " reason=100",
    "Google": f'dkim=pass header.i=@{FROM} header.s=sel header.b="abc+/d="; arc=pass (i=1 spf=pass'
    f" spfdomain={FROM} dkim=pass dkdomain={FROM} dmarc=pass fromdomain={FROM}); spf=pass"
    f" (google.com: domain of x@{FROM} designates 192.0.2.7 as permitted sender)"
    f" smtp.mailfrom=x@{FROM}; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from={FROM}",
    "rspamd": f"dkim=pass header.d={FROM} header.s=s1 header.b=x12345; arc=pass"
    ' ("microsoft.com:s=arcselector9901:i=1"); dmarc=pass (policy=none)'
    f" header.from={FROM}; spf=pass ({MX}: domain of x@{FROM} designates 192.0.2.7 as"
    f" permitted sender) smtp.mailfrom=x@{FROM}",
    "opendmarc": f"dmarc=pass (p=none dis=none) header.from={FROM}",
    "opendkim": f"dkim=pass (2048-bit key; unprotected) header.d={FROM} header.i=@{FROM}"
    " header.a=rsa-sha256 header.s=x header.b=AbC1; dkim-atps=neutral",
    "Fastmail": "arc=none (no signatures found); bimi=skipped (DMARC Policy is not at enforcement);"
    f" dkim=pass (2048-bit rsa key sha256) header.d={FROM} header.i=@{FROM} header.b=AA"
    " header.a=rsa-sha256 header.s=s1 x-bits=2048; dmarc=pass"
    " policy.published-domain-policy=none policy.applied-disposition=none"
    " policy.evaluated-disposition=none (p=none,d=none,d.eval=none)"
    f" policy.policy-from=p header.from={FROM}; iprev=pass smtp.remote-ip=192.0.2.7"
    f" (mail.{FROM}); spf=pass smtp.mailfrom=x@{FROM} smtp.helo=mail.{FROM};"
    " x-aligned-from=pass (Address match)",
    "Exim": f"iprev=pass (mail.{FROM}) smtp.remote-ip=192.0.2.7; spf=pass smtp.mailfrom={FROM};"
    f" dkim=pass header.d={FROM} header.s=x header.a=rsa-sha256; dmarc=pass header.from={FROM}",
    "GMX and IONOS": f"dkim=pass header.i=@{FROM}",
    "Cisco ESA": f"spf=Pass smtp.mailfrom=x@{FROM}; spf=None smtp.helo=postmaster@mail.{FROM};"
    f" dmarc=pass (p=none dis=none) d={FROM}",
    "Proofpoint": f"spf=pass smtp.mailfrom=x@{FROM}; dkim=pass header.s=s header.d={FROM};"
    f" dmarc=pass header.from={FROM}",
    "amavis": f'dkim=pass (2048-bit key) reason="pass (just generated)" header.d={FROM}',
}


@pytest.mark.parametrize("said", _EVERYDAY.values(), ids=_EVERYDAY.keys())
def test_what_the_common_servers_write_vouches_for_its_author(said: str) -> None:
    """Each in the words it uses: whatever is doubted of a forger, they are understood."""
    assert verdict(f"{MX}; {said}") == "pass"
    assert verdict(f"{MX};\r\n\t" + said.replace("; ", ";\r\n\t")) == "pass"


@pytest.mark.parametrize("word", ["none", "temperror", "neutral", "bestguesspass"])
@pytest.mark.parametrize("author", ["evil.example", "amt.intern", "x y@evil.example"])
@pytest.mark.parametrize("beside", ["", f"; dkim=pass header.d={FROM}"])
def test_who_vouches_for_nobody_speaks_against_nobody(word: str, author: str, beside: str) -> None:
    """A gateway may rewrite senders behind the server that found no policy: nobody forged them."""
    assert verdict(f"{MX}; dmarc={word} header.from={author}{beside}") == "none"
    assert verdict(f"{MX}; dmarc={word} header.from={author}{beside}; x=(") == "none"


def test_what_nobody_can_register_vouches_for_nobody() -> None:
    """A signature of co.uk is none of a firm's below it; one of the firm itself is."""
    for signer, expected in (("co.uk", "none"), ("firma.co.uk", "pass"), ("b.firma.co.uk", "none")):
        said = f"Authentication-Results: {MX}; dkim=pass header.d={signer}\r\n"
        raw = f"{said}From: x@a.firma.co.uk\r\nSubject: x\r\n\r\nx"
        assert authentication(read(raw.encode()), (MX,)).value == expected, signer


def test_the_organisations_word_is_none_against_its_parts() -> None:
    """A server may name the domain whose policy it applied, above the author's own."""
    line = f"Authentication-Results: {MX}; dmarc=pass header.from={FROM}"
    raw = f"{line}\r\nFrom: x@mail.{FROM}\r\nSubject: x\r\n\r\nx\r\n".encode()
    assert authentication(read(raw), (MX,)).value == "none"


_UNREADABLE = (
    "smtp.mailfrom=müller@evil.example",
    "smtp.helo=[192.0.2.7]",
    "smtp.mailfrom=<>",
    "smtp.mailfrom=a b@evil.example",
    "smtp.helo=x;",
)


@pytest.mark.parametrize("spf", _UNREADABLE)
@pytest.mark.parametrize(
    ("dmarc", "expected"),
    [
        (f"dmarc=fail header.from={FROM}", "fail"),
        (f"dmarc=pass header.from={FROM}", "pass"),
        ("dmarc=pass header.from=evil.example", "fail"),
        (f"dmarc=none header.from={FROM}", "none"),
        (f"dkim=pass header.d={FROM}", "pass"),
    ],
)
def test_a_part_that_cannot_be_read_changes_no_other(spf: str, dmarc: str, expected: str) -> None:
    """An address literal, no path, letters outside ASCII: DMARC's word beside it is heard."""
    assert verdict(f"{MX}; spf=none {spf}; {dmarc}") == expected
    assert verdict(f"{MX}; {dmarc}; spf=none {spf}") == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([f"{MX}; dmarc=fail header.from=a b, c"], "fail"),
        ([f"{MX}; dmarc=fail header.from=[{FROM}]"], "fail"),
        ([f"{MX}; dmarc=pass header.from=a b, c"], "none"),
        ([f"{MX}; dmarc=pass header.from=müller.{FROM}"], "none"),
        ([f'{MX}; spf=none smtp.helo="x; dmarc=fail header.from={FROM}'], "fail"),
        ([f'{MX}; spf=none smtp.helo="x; dmarc=pass header.from={FROM}'], "none"),
        ([f"{MX}; spf=none (x; dmarc=pass header.from={FROM}"], "none"),
        ([f'{MX}; spf=none smtp.mailfrom="x; {GOOD}"@evil.example'], "none"),
        ([f'{MX}; spf=none smtp.mailfrom="x; {GOOD}"@[192.0.2.7]'], "none"),
        ([f"{MX}; spf=fail smtp.mailfrom=müller@{FROM}"], "fail"),
        ([f"{MX}; spf=fail smtp.mailfrom=<x@{FROM}>"], "fail"),
        ([f'{MX}; spf=fail smtp.mailfrom="a b@{FROM}'], "fail"),
        ([f'{MX}; spf=fail smtp.mailfrom="a b@evil.example'], "none"),
        ([f"{MX}; ???; dmarc=pass header.from={FROM}"], "none"),
        ([f"{MX} 2; dmarc=pass header.from={FROM}"], "none"),
        ([f"{MX}; dmarc=fail; dmarc=pass header.from={FROM}"], "fail"),
        ([f"{MX}; dmarc=pass header.from={FROM}; dmarc=fail"], "fail"),
        ([GOOD, f"{MX}; dmarc=x(("], "none"),
        ([GOOD, f"{MX}; {'(' * 5000}"], "none"),
        ([f"{MX}; dmarc=pass (p={'(' * 20}x{')' * 20}; y) header.from={FROM};"], "pass"),
    ],
)
def test_what_cannot_be_read_speaks_for_nobody(headers: list[str], expected: str) -> None:
    """What may hide DMARC's word lets no one pass, and a failure in it still counts."""
    assert verdict(*headers) == expected


def test_what_stands_inside_an_attached_mail_is_not_heard() -> None:
    """RFC 8601 §7.10: results inside message/rfc822 speak of another mail."""
    inside = f"Content-Type: message/rfc822\r\n\r\nAuthentication-Results: {GOOD}\r\n\r\nx"
    assert verdict(inside=inside) == "none"


@pytest.mark.parametrize("domain", ["müller-bau.example", "xn--mller-bau-q9a.example"])
def test_a_domain_with_umlauts_is_vouched_for_in_either_spelling(domain: str) -> None:
    """Servers name a domain as the DNS does (RFC 8616), its owner as he likes."""
    line = f"Authentication-Results: {MX}; dmarc=pass header.from=xn--mller-bau-q9a.example\r\n"
    raw = f"{line}From: x@{domain}\r\nSubject: x\r\n\r\nx\r\n".encode()
    assert authentication(read(raw), (MX,)).value == "pass"


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "tail", [";" * 500_000, "a" * 500_000, "a=b;" * 100_000, "(a" * 200_000, '"a\\' * 150_000]
)
def test_a_forged_header_without_end_costs_no_time_and_speaks_for_nobody(tail: str) -> None:
    """What is longer than servers write is left unread: it was minutes of the one deciding line."""
    assert verdict(f"{GOOD}; {tail}") == "none"
    assert verdict(*[f"{GOOD}; {tail[:7_000]}"] * 20) in {"pass", "none"}


def of_all(*headers: str) -> str:
    """Give what is thought of a mail with these headers, however long they are."""
    message = Message(sender=Address("", f"x@{FROM}"), authentication_results=headers)
    return authentication(message, (MX,)).value


class _Counted:
    """Something that reads texts, and how many letters it was given."""

    def __init__(self, reads: Callable[..., Any]) -> None:
        self._reads = reads
        self.letters = 0

    def __call__(self, *given: str) -> Any:
        self.letters += len(given[-1])
        return self._reads(*given)


_PART = ("dkim=pass " + "a.b=c " * 200)[:990]
_LONG = [
    f"{MX}; " + "; ".join([_PART] * 7),
    f"{MX}; " + "; ".join([_PART[:300]] * 25),
    f"{MX}; " + "; ".join([_PART[:100]] * 59),
    f"{MX}; " + "ü" * 200_000,
]


@pytest.mark.parametrize("header", _LONG)
def test_all_headers_of_a_mail_together_cost_little(
    monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    """Of twenty headers no more is read closely than of one that is as long as any may be."""
    closely, at_all = _Counted(trust._results), _Counted(trust._FOREIGN.sub)
    monkeypatch.setattr(trust, "_results", closely)
    monkeypatch.setattr(trust, "_FOREIGN", SimpleNamespace(sub=at_all))
    assert of_all(*[header] * 20) == "none"
    assert closely.letters < 10_000
    assert at_all.letters < 200_000


@pytest.mark.parametrize("header", _LONG)
def test_what_is_beyond_the_budget_speaks_against_a_sender_at_most(header: str) -> None:
    """Nobody passes by a header that is left unread; a failure, or another author, still counts."""
    many = [header] * 18
    assert of_all(GOOD, *many) == "none"
    assert of_all(*many, GOOD) == "none"
    assert of_all(*many, BAD) == "fail"
    assert of_all(*many, f"{MX}; dmarc=pass header.from=evil.example") == "fail"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"{GOOD}; x=" + "y" * 9_000, "none"),
        (f"{BAD}; x=" + "y" * 9_000, "fail"),
        (GOOD + "; spf=none" * 80, "none"),
        (BAD + "; spf=none" * 80, "fail"),
        (f"{GOOD} " + "a " * 600, "none"),
        (f"{BAD} " + "a " * 600, "fail"),
        (f"{GOOD}; spf=none " + "a " * 600, "pass"),
        (f"{MX};;; ; dmarc=pass header.from={FROM};;", "pass"),
        (
            f"{MX}" + "; dkim=pass header.d=versand.example" * 30 + f"; dkim=pass header.d={FROM}",
            "pass",
        ),
    ],
)
def test_a_header_too_long_to_be_read_speaks_against_a_sender_at_most(
    header: str, expected: str
) -> None:
    """Eight thousand letters and sixty parts are more than any server has to say."""
    assert verdict(header) == expected
    assert verdict(header, GOOD) == expected


@pytest.mark.parametrize(
    "line",
    [
        f"X-A: b\rAuthentication-Results: {GOOD}",
        f"Authentication-Results : {GOOD}",
        f"Authentication-Results\t: {GOOD}",
        "Authentication-Results: " + GOOD.replace("d", "d\0", 1),
        "Authentication-Results: " + GOOD.replace("d", "d\x01", 1),
        "Authentication-Results: " + GOOD.replace("d", "d\xad", 1),
        "Authentication-Results: " + GOOD.replace("k", "\u212a", 1),
        f"Authentication-Results: \x1f{GOOD}",
        f"Authentication-Results: \xa0{GOOD}",
        f"Authentication-Results:\r{GOOD}",
        f"Authentication-Results: {MX}\x0b; dmarc=pass header.from={FROM}",
        f"Authentication-Results: (x) {GOOD}",
        f'Authentication-Results: "{MX}"; dmarc=pass header.from={FROM}',
        f"Authentication-Results: {MX}; dmarc=pa\0ss header.from={FROM}",
        f"Authentication-Results: {MX}; dmarc=pass\0 header.from={FROM}",
        f"Authentication-Results: {MX}; dmarc=pass\rheader.from={FROM}",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_spelling_that_no_server_strips_speaks_for_nobody(line: str, end: str) -> None:
    """Our server takes a forger's header in its name out where it reads one, and only there."""
    raw = f"{line}{end}From: x@{FROM}{end}Subject: x{end}{end}x{end}".encode()
    assert authentication(read(raw), (MX,)).value == "none"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("fold", ["", "{end} ", "{end}\t"])
def test_folds_and_line_ends_change_no_verdict(end: str, fold: str) -> None:
    """What a server folds is read whole, however the mailbox ends its lines."""
    said = f"{MX}; {fold.format(end=end)}dmarc=pass {fold.format(end=end)}header.from={FROM}"
    raw = f"Authentication-Results: {said}{end}From: x@{FROM}{end}Subject: x{end}{end}x{end}"
    assert authentication(read(raw.encode()), (MX,)).value == "pass"


@pytest.mark.parametrize("letter", ["\0", "\x01", "\x7f", "\r"])
def test_a_control_in_our_servers_word_lets_a_failure_stand(letter: str) -> None:
    """A server copies what it was told; nobody is rid of its verdict by a control in a path."""
    spf = f"spf=none smtp.mailfrom=a{letter}b@evil.example"
    assert verdict(f"{MX}; {spf}; dmarc=fail header.from={FROM}", GOOD) == "fail"
    assert verdict(f"{MX}; {spf}; dmarc=pass header.from=evil.example", GOOD) == "fail"
    assert verdict(f"{MX}; {spf}; dmarc=none header.from={FROM}", GOOD) == "none"
