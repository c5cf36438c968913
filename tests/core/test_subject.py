"""A company's subject without what stacks up, and how long that may take."""

import pytest

from mailflow.core.subject import plain_subject

_NUMBERS = " ".join(
    f"KAM-{a}{b}{c}{d}-2345"
    for a in "ABCDEFGH"
    for b in "ABCDEFGH"
    for c in "ABCDEFGH"
    for d in "ABCDEFGH"
)


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("Re: AW: re : Halle 4", "Halle 4"),
        ("AW: [KAM-7K3Q-9F2M] Halle 4", "Halle 4"),
        ("[kam-7k3q-9f2m] KAM-2222-2222 Antw: Halle", "Halle"),
        ("AW[2]: Antwort: WG : Halle 4", "Halle 4"),
        ("Regen: der Gehweg", "Regen: der Gehweg"),
        ("Antworten: der Gehweg", "Antworten: der Gehweg"),
        ("Halle Re: 4", "Halle Re: 4"),
        ("AW:", ""),
    ],
)
def test_what_stacks_up_is_left_out(subject: str, plain: str) -> None:
    """Reply prefixes and our numbers go, in any case; what only looks like one stays."""
    assert plain_subject(subject, "KAM") == plain


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "subject", ["Re: " * 500_000, "re" + " " * 2_000_000, _NUMBERS * 5, "[" * 2_000_000]
)
def test_a_subject_of_two_megabytes_takes_no_time(subject: str) -> None:
    """What stacks up a hundred thousand times is taken off in one pass."""
    assert len(plain_subject(subject, "KAM")) <= len(subject)
