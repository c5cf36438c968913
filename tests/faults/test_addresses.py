"""G fails where a company reads an address of the house."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.trial import BAU, Trial, trial
from tests.flow.city import CENTRAL, COMPANY, MANAGER, ONE_OFFICE, digest_of, forward_to

ANSWER = "Die Genehmigung kommt im Juni. Fragen dazu an {}."


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Trial]:
    """Give a city that has answered a company, whose answer names the one address."""
    with trial(tmp_path) as made:
        forward = forward_to(made.write("Stand", ONE_OFFICE), BAU)
        made.answer(forward, ANSWER.format("h.meier@stadt.example.org"))
        yield made


def _names(town: Trial, address: str) -> None:
    """Let the answer that reached the company have named another address."""
    accepted = town.city.wire.accepted
    sent = f"Fragen dazu an {CENTRAL}.".encode()
    (at,) = [n for n, (_, who, raw) in enumerate(accepted) if who == COMPANY and sent in raw]
    sender, who, raw = accepted[at]
    accepted[at] = sender, who, raw.replace(sent, f"Fragen dazu an {address}.".encode())


@pytest.mark.parametrize(
    "address",
    [BAU, MANAGER, "h.meier@stadt.example.org", "h.meier@bauamt.stadt.example.org"],
)
def test_an_address_of_the_house_at_a_company_fails(town: Trial, address: str) -> None:
    """Whoever the company could write to past the one address is named by G."""
    digest_of(town.city)
    town.judge()
    _names(town, address)
    with pytest.raises(AssertionError, match=f"{COMPANY} read the address {address}"):
        town.judge()


def test_addresses_of_others_pass(town: Trial) -> None:
    """The company's own, a third party's, and the central one with a token are no leak."""
    _names(town, "s.muster@montage.example oder auskunft@ihk.example")
    town.judge()
