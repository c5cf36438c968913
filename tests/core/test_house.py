"""Which addresses a company does not read, however they are written."""

import time

import pytest

from mailflow.core.house import House

CENTRAL = "unternehmen@stadt.example.org"
HOUSE = House(
    CENTRAL,
    frozenset({"kam@gmx.example"}),
    frozenset({"stadt.example.org", "xn--mnster-3ya.example", "münster.example"}),
    frozenset({"messe.stadt.example.org", "kuehn@stadt.example.org"}),
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("(h.meier@stadt.example.org)", f"({CENTRAL})"),
        ("Fragen an h.meier@stadt.example.org.", f"Fragen an {CENTRAL}."),
        ("<mailto:h-meier+60@stadt.example.org>", f"<mailto:{CENTRAL}>"),
        ("'o'neil@stadt.example.org'", f"'{CENTRAL}'"),
        ("müller@münster.example", CENTRAL),
        ("mueller@bau.XN--MNSTER-3YA.example", CENTRAL),
        ("kam+x@gmx.example, amt@gmx.example", f"{CENTRAL}, amt@gmx.example"),
        ("-h.meier@stadt.example.org", f"-{CENTRAL}"),
        ("Mail.....h.meier@stadt.example.org", f"Mail.....{CENTRAL}"),
        (f"{'-' * 20}h.meier@stadt.example.org", f"{'-' * 20}{CENTRAL}"),
        (f"{'.' * 20}kam@gmx.example", f"{'.' * 20}{CENTRAL}"),
        ("-kam@gmx.example", f"-{CENTRAL}"),
        ("_h.meier@stadt.example.org_", f"_{CENTRAL}_"),
        ("h.meier@stadt.example.org.Die Gebühr", f"{CENTRAL}.Die Gebühr"),
        ("h.meier@stadt.example.orgGruß", f"{CENTRAL}Gruß"),
        ("Scan_h.meier@stadt.example.org_20261124", f"{CENTRAL}_20261124"),
        ("h.meier@stadt.example.org-2026", f"{CENTRAL}-2026"),
        (f"{'x' * 80}_h.meier@stadt.example.org", CENTRAL),
        (f"unternehmen+abc.def@stadt.example.org; {CENTRAL}", f"{CENTRAL}; {CENTRAL}"),
    ],
)
def test_an_address_of_the_house_is_replaced_as_a_whole(written: str, read: str) -> None:
    """Nothing of it is left beside the central one, and nothing around it is lost."""
    assert HOUSE.without_internal(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "kuehn@stadt.example.org",
        "leitung@messe.stadt.example.org",
        "h.meier@meinestadt.example.org",
        "h.meier@stadt.example.orga",
        "h.meier@stadt.example.org-mail.example",
        "presse-kam@gmx.example",
        "www.stadt.example.org",
        "@stadt.example.org",
    ],
)
def test_what_is_the_readers_or_nobodys_of_the_house_stays(written: str) -> None:
    """The company's own domain below the city's, a name that only ends alike, and what is none."""
    assert HOUSE.without_internal(written) == written


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "a@",
        "a@b.",
        "a@stadt.",
        "@stadt.example.org",
        "a+",
        "-",
        "_a",
        "a..",
        ".",
        "_",
        ".-",
        "a'",
    ],
)
def test_a_long_line_costs_little(piece: str) -> None:
    """No line of an office makes the search grow with its square."""
    begun = time.process_time()
    HOUSE.without_internal(piece * 100_000 + "@")
    assert time.process_time() - begun < 5
