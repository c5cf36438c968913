"""What an office says of another company's matter does not go to this one."""

import pytest

from tests.flow.city import ONE_OFFICE, City, forward_to, letter, of_kind, reply_to

BAU = "bauaufsicht@stadt.example.org"


@pytest.mark.parametrize(
    "words",
    [
        "Und zum anderen Vorgang (Bäckerei Morgenrot): dort haben wir den Vorbescheid abgelehnt.",
        "Siehe meine Antwort im Fall Bäckerei Morgenrot, gleiche Rechtslage.",
        "So haben wir es auch im Fall der Firma Peters gehalten.",
        "Im Vorgang Spedition Krause haben wir 45 dB(A) festgesetzt.",
        "Der anderen Firma haben wir 45 dB(A) genehmigt.",
        "Beim anderen Fall, Spedition Krause, waren es 45 dB(A).",
    ],
)
def test_another_matter_without_a_number_waits(town: City, words: str) -> None:
    """Another case, called so or by a name the company never wrote, is for the manager to see."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    assert town.deliver(reply_to(forward, f"Eine Nutzungsänderung ist erforderlich. {words}")) == []
    (hold,) = town.ticket().holds
    assert "geht es auch um „" in hold.text


@pytest.mark.parametrize(
    "words",
    [
        "Im anderen Fall, dass Sie nachts arbeiten, gelten 45 dB(A).",
        "Im Fall einer Nutzungsänderung brauchen Sie einen Antrag, im Falle Ihrer Halle nicht.",
        "In Ihrem anderen Antrag fehlt nichts, im Fall Mustermann Montagetechnik auch nicht.",
        "In anderen Fällen genügt eine Anzeige.",
        "Im Vorgang Baulast Flur 3 ist alles vollständig.",
        "Zum anderen Punkt: ein Stellplatz reicht.",
    ],
)
def test_the_company_s_own_matters_go_on(town: City, words: str) -> None:
    """A case in general, or one of this company, is no other's."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    out = town.deliver(reply_to(forward, f"Eine Nutzungsänderung ist erforderlich. {words}"))
    assert of_kind(out, "combined-answer")
