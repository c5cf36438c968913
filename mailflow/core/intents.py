"""What a mail to the central contact must not be routed for, and what the manager must notice.

Some mails must never reach an office by themselves, however many of its words they hold: a press
question, a request under the GDPR or a freedom of information act, a citizen's private matter,
advertising. They are recognised here by tables of words, one row per signal. A row that is wrong
costs the manager one reply; a row that is missing may cost the city's trust, so the tables lean
towards holding. Terms are written as in ``core.terms``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailflow.core.terms import Passage

__all__ = ["Action", "Flag", "Intent", "asks", "flags_of", "intent_of", "may_be_private"]


def _terms(text: str) -> tuple[str, ...]:
    return tuple(" ".join(term.split()) for term in text.split(";"))


class Action(StrEnum):
    """What is to be done with an inquiry; everything but ``ROUTE`` waits for the manager."""

    ROUTE = "route"
    TRIAGE = "triage"
    GDPR = "gdpr"
    IFG = "ifg"
    PRESS = "press"
    SPAM = "spam"
    NOT_BUSINESS = "not_business"
    EMERGENCY = "emergency"
    THANKS = "thanks"
    AUTO = "auto"


class Flag(StrEnum):
    """What the manager must see at once, wherever the mail goes."""

    DEADLINE = "deadline"
    COMPLAINT = "complaint"
    REMEDY = "remedy"
    URGENT = "urgent"
    REPEAT = "repeat"
    CONFIDENTIAL = "confidential"


@dataclass(frozen=True, slots=True)
class Intent:
    """Why a mail is not an ordinary inquiry: the action, and the author's words that say so."""

    action: Action
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Signals:
    """One row: a word that speaks ``alone``, one of each of ``both``, or two of ``two_of``."""

    action: Action
    alone: tuple[str, ...] = ()
    both: tuple[tuple[str, ...], ...] = ()
    two_of: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


_BUSINESS = _terms("""
    unternehmen; firma; firmen; betrieb; gmbh; mitarbeiter; beschaeftigte; kunden; kundschaft;
    unser lager; unsere halle; unserer halle; company; business; employees; firm; gewerb;
    betriebssitz; bedrijf; onderneming; medewerkers; sirket; firmamiz; isletme; selbststaendig;
    selbstaendig; monteure; unsere fahrer; filiale; werkstatt; produktion; werk; werksgelaende;
    laden; ladenlokal; geschaeft; kiosk; cafe; café; restaurant; imbiss; gaststaette; kneipe; bar;
    hotel; praxis; kanzlei; agentur; baeckerei; metzgerei; friseur; salon; studio; startup;
    start-up; gruend; existenzgruend; handwerk; meisterbrief; meisterbetrieb; lkw; lieferant;
    lieferung; angestellt; auszubildende; eroeffn; niederlassung; investor; investier; auftrag;
    auftraege; rechnung; umsatz; gaeste; gastronom; caterer; catering; makler; onlinehandel;
    onlineshop; spedition; bauunternehm; bautraeger; architekt; shop; store; office; warehouse;
    factory; customers; branch; suppliers; invoice; open a; winkel; kantoor; klanten; dukkan;
    magaza; musteri; fabrika; lokanta; foodtruck; food truck; verkaufswagen; marktstand; taxi;
    ferienwohnung; vermiet; landwirt; hof
""")
_SINGULAR = re.compile(r"\b(?:ich|mein(?:e[nmrs]?)?|mir|mich|i|my|ik|mijn)\b")
_PLURAL = re.compile(r"\b(?:wir|uns(?:er(?:e[nmrs]?)?)?|we|us|our|wij|we|ons|onze)\b")

_TABLE: Sequence[_Signals] = (
    _Signals(
        Action.AUTO,
        alone=_terms("""
            automatische antwort; abwesenheitsnotiz; abwesenheitsmitteilung; automatische
            abwesenheit; abwesend:; abwesenheit:; out of office; automatic reply; auto-reply;
            autoreply; automatisch antwoord; afwezigheidsbericht; bin * nicht im buero; bin *
            nicht im hause; bin * im urlaub; bin * ausser haus; bin * abwesend; wir haben
            betriebsferien; i am currently out of; i am out of the office; i will be out of; on
            annual leave; ofis disinda; undelivered mail; delivery status notification; mail
            delivery failed; unzustellbar:; lesebestaetigung; read receipt; automatisch generierte
            nachricht; automatisch erzeugte nachricht; diese nachricht wurde automatisch;
            automatisch versandt; afwezig
        """),
    ),
    _Signals(
        Action.EMERGENCY,
        alone=_terms("""
            gasgeruch; riecht * nach gas; riecht nach gas; es brennt; lebensgefahr; akute gefahr;
            akuter gefahr; gefahr im verzug; einsturzgefahr; einsturzgefaehrdet; droht
            einzustuerzen; wasserrohrbruch; rohrbruch; gasleck; gasaustritt; gas leak; smell of
            gas; smell gas; is on fire; life-threatening; acute danger; immediate danger; gaslek;
            gaslucht; staat in brand; levensgevaar; gaz kokusu; gaz kacagi; yangin var;
            bombendrohung; amoklauf; blindgaenger; fliegerbombe; bomb threat; schwer verletzt;
            schwerverletzt; explodiert; notarzt; oelteppich; stoffaustritt; gefahrstoffaustritt
        """),
        both=(
            _terms("""
                ausgelaufen; laeuft aus; laeuft * aus; laufen aus; laeuft in; laufen in den;
                laeuft * kanal; ausgetreten; tritt * aus; austretend; auslaufend; in die
                kanalisation; oelfilm; havarie; |rauch; qualm; |brennt; |feuer|; flammen;
                eingestuerzt; stuerzt ein; abgesackt; sackt ab; broeckel; rohr * gebrochen; rohr *
                geplatzt; geborsten; herabgestuerzt; heruntergefallen; gehweg gefallen; strasse
                gefallen; leckage; |leck|; verletzte; verletzt worden; bewusstlos; steht unter
                wasser; alles unter wasser; ueberflutet; leitung * abgerissen; leitung *
                getroffen; leitung * beschaedigt; kabel * getroffen; chemikalien * aus; saeure *
                aus; spill; spilled; leaking; leaked; leaks; collapsed; smoke; flooded; injured;
                explosion; lekt; gewond; sizinti; dokuldu; duman; yarali
            """),
            _terms("""
                soeben; |eben|; |gerade|; seit wenigen minuten; in diesem moment; |jetzt|; sofort
                jemand; muss sofort; sofort kommen; sofortige hilfe; |notfall; seit heute morgen;
                seit heute frueh; seit einer stunde; seit einer halben stunde; vor wenigen
                minuten; vor einer stunde; heute nacht; heute morgen; heute frueh; noch immer aus;
                erreichen * niemand; emergency; right now; just now; at this moment; acil durum;
                su anda; spoedgeval; nu net; hilfe!
            """),
        ),
        unless=_terms("""
            notfallplan; notfallkonzept; notfalluebung; emergency exit; emergency plan; emergency
            access; notfallmanagement; oeffnungsantrag
        """),
    ),
    _Signals(
        Action.GDPR,
        alone=_terms("""
            auskunft nach art * 15; artikel 15 ds; art. 15 ds; art 15 ds; art. 17 ds; artikel 17
            ds; art. 16 ds; art. 18 ds; art. 20 ds; art. 21 ds; art. 15 gdpr; article 15 gdpr;
            article 17 gdpr; art. 15 der ds; art. 17 der ds; article 15 of the; article 17 of the;
            art. 17 gdpr; selbstauskunft; recht auf loeschung; recht auf vergessenwerden; recht
            auf datenuebertrag; datenauskunft; auskunftsersuchen; daten ueber mich; daten zu
            meiner person; daten ueber meine person; daten zu unserer person; ueber mich
            gespeichert; ueber uns gespeichert; zu mir gespeichert; zu meiner person gespeichert;
            subject access request; data subject; right of access; right to erasure; right to be
            forgotten; data you hold about; data you store about; personal data you; data held
            about; copy of my data; copy of my personal; stored about me; inzageverzoek; mijn
            persoonsgegevens; recht op inzage; kisisel verilerim; datenschutzbeschwerde;
            datenschutzverstoss; datenpanne; einwilligung widerruf; widerrufe * einwilligung;
            avg-verzoek; kvkk
        """),
        both=(
            _terms("""
                dsgvo; ds-gvo; datenschutzgrundverordnung; datenschutz-grundverordnung;
                datenschutzgesetz; gdpr; personenbezogen; personal data; meine daten; meiner
                daten; meine * daten; meiner * daten; unsere daten; unserer daten; kontaktdaten;
                my data; our data; my personal; my details; about me; daten ueber; daten zu;
                persoonsgegevens; mijn gegevens; kisisel veri; datenschutzbeauftragt
            """),
            _terms("""
                auskunft; loesch; berichtig; gespeichert; speicher; kopie; uebermittelt;
                weitergegeben; verteiler; erase; erasure; delete; remove; stored; store; copy;
                verwijder; inzage; silin; bilgi; welche daten; which data; what data
            """),
        ),
    ),
    _Signals(
        Action.IFG,
        alone=_terms("""
            informationsfreiheit; ifg; ifg-antrag; ifg-anfrage; umweltinformationsgesetz; uig;
            verbraucherinformationsgesetz; |vig|; transparenzgesetz; fragdenstaat; frag den staat;
            akteneinsicht; einsicht in die akte; einsicht in * akten; einsicht in saemtliche;
            herausgabe saemtlicher; herausgabe aller; zugang zu amtlichen; amtliche informationen;
            amtlicher informationen; freedom of information; access to official; access to
            records; foi request; wet open overheid; woo-verzoek; bilgi edinme; aktenauskunft;
            uebersendung der akte; informationszugang; amtliche unterlagen
        """),
        unless=_terms("bauakte; hausakte"),
    ),
    _Signals(
        Action.PRESS,
        alone=_terms("""
            presseanfrage; pressestelle; redaktion; redakteur; journalist; |reporter;
            pressesprecher; press inquiry; press enquiry; press request; media inquiry; media
            enquiry; media request; medienanfrage; newsroom; presseauskunft; pressegesetz;
            |rundfunk; o-ton; persvraag; basin mensubu; gazeteci; muhabir; recherchiere fuer;
            recherchieren fuer; recherchieren zu; recherchiere zu; recherchieren zurzeit;
            lokalzeitung; tageszeitung; fernsehteam; kamerateam; dreharbeiten; drehgenehmigung;
            tv-beitrag; fernsehbeitrag; redaktionsschluss; presseausweis; pressefoto; press
            deadline
        """),
        both=(
            _terms("""
                zeitung; |magazin|; |sender|; radio; fernsehen; |kamera|; |leser|; leserinnen;
                reportage; podcast; nachrichtenportal; |presse|; medien; newspaper; magazine;
                broadcaster; krant; gazete; |tv
            """),
            _terms("""
                |artikel; |beitrag; |bericht|; |berichte; |berichten; recherche; interview;
                veroeffentlich; stellungnahme; erscheint; ausgabe; zitier; article; publish;
                statement; comment; coverage; haber; artikel
            """),
        ),
        unless=_terms("zeitungsdruck; anzeige schalten"),
    ),
    _Signals(
        Action.SPAM,
        alone=_terms("""
            seo; suchmaschinenoptimierung; backlink; google-ranking; google ranking; seite 1 bei
            google; erste seite bei google; first page of google; erotik; viagra; online-casino;
            bitcoin; kryptowaehrung; cryptocurrency; krypto; lotterie; lottery; erbschaft von;
            inheritance; million dollar; million usd; usd * million; million euro * erbe; ohne
            schufa; kredit ohne; unsubscribe; newsletter abmelden; hier abmelden; vom newsletter;
            abmeldelink; webinar; dear friend; dear beneficiary; geldgewinn;
            gewinnbenachrichtigung; verify your account; konto verifizieren; konto wurde *
            gesperrt; konto wurde * eingeschraenkt; bestaetigen sie ihre daten; bestaetigen sie *
            konto; unter folgendem link; postfach ist voll; mailbox is full; passwort laeuft;
            password expires; password will expire; bank details; guest post; gastbeitrag auf;
            follower kaufen; adressdaten kaufen; firmenadressen; kaltakquise; leadgenerierung;
            lead generation; qualified leads; qualifizierte leads; web design; webdesign angebot;
            wir erstellen ihre webseite; wir erstellen ihre website; klicken sie hier; click here;
            klik hier; jetzt sichern; jetzt zugreifen; limited time; nur fuer kurze zeit; nur noch
            heute; nur noch diese woche; sonderaktion; gutscheincode; discount code; black friday;
            cold call; business proposal; investment opportunity; loan offer; kreditangebot; wire
            transfer; whatsapp marketing; rank better; higher ranking; special offer;
            sonderangebot; messestand buchen; branchenbuch; gewerbeverzeichnis;
            eintragungsofferte; korrekturabzug
        """),
        two_of=_terms("""
            wir bieten ihnen; bieten wir ihnen; bieten ihnen; unser angebot; unsere
            dienstleistungen; unsere leistungen; unser produkt; unsere produkte; unsere loesung;
            unsere software; unser portfolio; rabatt; prozent guenstiger; % guenstiger;
            sonderpreis; kostenlos testen; kostenlose demo; kostenfreie demo; kostenlose
            erstberatung; unverbindliches angebot; sparen sie; sparen bis zu; spart bis zu; bis zu
            * prozent; steigern sie; gewinnen sie; profitieren sie; sichern sie; jetzt bestellen;
            nur heute; aktionspreis; demo-termin; demotermin; kurzes telefonat; kurzen termin; 15
            minuten; 20 minuten; we offer; our services; our product; our solution; best price;
            free trial; schedule a call; book a demo; quick call; boost your; increase your;
            newsletter; abbestellen; opt out; opt-out; marktfuehrer; fuehrender anbieter;
            fuehrende anbieter; leading provider; leading manufacturer; leading supplier;
            haendlerrabatt; mengenrabatt; werbemittel; werbeartikel; kugelschreiber; aanbieding;
            korting; indirim; kampanya; unschlagbar; garantiert; guaranteed; your website; ihre
            website; ihre webseite; ihrer webseite; ihrer website; fuer kommunen; fuer ihre
            kommune; fuer ihre stadt; ihre ansprechpartnerin; produktneuheit; katalog; preisliste;
            price list; interested?
        """),
    ),
    _Signals(
        Action.TRIAGE,
        alone=_terms("""
            anonym; schwarzarbeit; steuerhinterziehung; korruption; bestech; strafanzeige; anzeige
            erstatten; hinweisgeber; whistleblow; fraktion; ratsmitglied; kleine anfrage;
            stadtverordnet; oberbuergermeister; oberbuergermeisterin; petition; an den
            buergermeister; an die buergermeisterin; schadensersatz; schadenersatz; mandant; the
            mayor; burgemeester
        """),
    ),
    _Signals(
        Action.NOT_BUSINESS,
        alone=_terms("""
            bewerbe ich mich; hiermit bewerbe; bewerbe mich; meine bewerbung; bewerbung als;
            bewerbung um; bewerbung auf; initiativbewerbung; meinen lebenslauf; mein lebenslauf;
            praktikumsplatz; schuelerpraktikum; suche * praktikum; praktikum bei der stadt;
            ausbildung bei der stadt; apply for the position; my application for the position; my
            cv; my resume; job application; sollicitatie; masterarbeit; bachelorarbeit;
            abschlussarbeit; doktorarbeit; promotionsvorhaben; seminararbeit; facharbeit; umfrage;
            befragung; master thesis; my thesis; bachelor thesis; research survey
        """),
    ),
    _Signals(
        Action.NOT_BUSINESS,
        alone=_terms("""
            personalausweis; mein ausweis; meinen ausweis; reisepass; kindergeld; elterngeld;
            wohngeld; buergergeld; hundesteuer; meldebescheinigung; geburtsurkunde; sterbeurkunde;
            standesamt; eheschliess; heiratsurkunde; als privatperson; als anwohner; als buerger;
            als mieter; als hausbesitzer; als eigentuemer eines einfamilienhauses; privater
            haushalt; privathaushalt; bafoeg; rundfunkbeitrag; kitaplatz; kita-platz fuer;
            |tochter|; |sohn|; mein kind; meinem kind; meine kinder; unser kind; unsere kinder;
            meine mutter; mein vater; meinen vater; meiner mutter; meine oma; einschulung;
            schulanmeldung; schulplatz; grundschule fuer; sozialwohnung; wohnberechtigung;
            sozialhilfe; grundsicherung; pflegegeld; schwerbehindertenausweis; fundbuero; meine
            wohnung; meiner wohnung; unsere wohnung; unserer wohnung; mein vermieter;
            mieterhoehung; mein hund; meinen hund; welpe; meine katze; mein garten; meinem garten;
            wahlschein; briefwahl; kirchenaustritt; namensaenderung; einbuergerung; strafzettel;
            knoellchen; anwohnerparkausweis; bewohnerparkausweis; my daughter; my son; my child;
            my passport; my id card; my apartment; my flat; my landlord; as a resident; as a
            private person; mijn dochter; mijn zoon; mijn paspoort; kizim icin; oglum icin;
            pasaportum; parking fine; speeding ticket; bussgeld wegen * geschwindigkeit; freibad;
            hallenbad; schwimmbad; theaterkarten; stadtbibliothek; buecherei; volkshochschule;
            umzug in eine andere wohnung; einfamilienhaus; gartenhaus; gartenlaube; kleingarten;
            schrebergarten
        """),
        two_of=_terms("""
            privat; mein nachbar; meinem nachbarn; wohnhaus; spielplatz; meine familie; meine
            frau; mein mann; wohnsitz; umgezogen; rentner; fuehrerschein; anwohner; mieter;
            ehrenamt; schueler; schule; garten; carport; wohnung; sofa; haustier
        """),
        unless=_BUSINESS,
    ),
)

_FLAGS: Mapping[Flag, tuple[str, ...]] = {
    Flag.DEADLINE: _terms("""
        |frist; |fristverl; |fristen; widerspruchsfrist; anhoerungsfrist; einspruchsfrist; ablauf
        der; stichtag; spaetestens; bis zum; bis ende; deadline; no later than; by the end of; due
        date; rate zum; gebuehrenbescheid; steuerbescheid; bussgeldbescheid; verfuegung vom;
        anhoerung; uiterlijk; son tarih; son gun; binnen; rechtzeitig
    """),
    Flag.COMPLAINT: _terms("""
        beschwerde; beschweren; veraergert; aergerlich; unzumutbar; nicht hinnehm; nicht laenger
        hinnehm; unverschaemt; enttaeuscht; skandal; untragbar; niemand hat uns; niemand fuehlt
        sich; seit wochen; seit monaten; unbezahlt; nicht beglichen; inakzeptabel; frechheit;
        zumutung; verlieren taeglich; immer noch nicht; noch immer nicht; einfach nicht; stinkt;
        schon zweimal; schon dreimal; mehrfach angerufen; mehrmals angerufen; entschaedigung;
        eingebrochen; niemand fuer uns; sich niemand; reagiert niemand; kommen nicht weiter; ist
        seit * offen; sind seit * offen; verantwortungslos; schikane; behoerdenwillkuer;
        mangelhaft; reicht es uns; geduld; complain; unacceptable; disappointed; annoyed; klacht;
        ontevreden; onacceptabel; sikayet; kabul edilemez
    """),
    Flag.REMEDY: _terms("""
        widerspruch gegen; widerspruch ein; lege * widerspruch; legen * widerspruch; lege ich
        widerspruch; legen wir widerspruch; widerspruchsverfahren; widerspruchsfrist; einspruch;
        klage; klagen; rechtsbehelf; rechtsmittel; anfecht; verwaltungsgericht; rechtsanwalt;
        dienstaufsichtsbeschwerde; fachaufsichtsbeschwerde; legal remedy; formal objection;
        objection against; object to the; appeal; lawsuit; lawyer; bezwaar; bezwaarschrift;
        itiraz; dava
    """),
    Flag.URGENT: _terms("""
        dringend; dringlich; eilt; eilig; sofort; asap; so schnell wie moeglich;
        schnellstmoeglich; umgehend; unverzueglich; sehr kurzfristig; urgent; as soon as possible;
        immediately; acil; dringende; spoed; zo snel mogelijk; keinen aufschub
    """),
    Flag.REPEAT: _terms("""
        erneut; zum wiederholten; wiederholt; zum zweiten mal; zum dritten mal; immer noch keine;
        noch immer keine; bis heute keine; bisher keine antwort; keine antwort erhalten; keine
        rueckmeldung; nichts gehoert; schon mehrfach; bereits mehrfach; mehrmals; erinner;
        nachfass; bereits am * geschrieben; meine mail vom; unsere mail vom; meine e-mail vom;
        unsere e-mail vom; reminder; second time; still no reply; still waiting; no answer; have
        not received; again; following up; herinnering; nog steeds geen; hala cevap; tekrar
    """),
    Flag.CONFIDENTIAL: _terms("""
        vertraulich; geheim; nicht oeffentlich; noch nicht bekannt; diskret; verschwiegen;
        stillschweigen; confidential; in confidence; non-disclosure; nda; not public; discreet;
        vertrouwelijk; gizli
    """),
}

_NO_CONFIDENCE_ASKED = _terms("""
    enthaelt vertrauliche; vertrauliche und * geschuetzte; contains confidential; confidential and
    * privileged; may contain confidential; bevat vertrouwelijke
""")
_DATED = re.compile(
    r"\bbis (?:spaetestens )?(?:zum )?\d{1,2}\.|\b(?:kw|kalenderwoche) ?\d{1,2}\b"
    r"|\bby \d{1,2} ?(?:st|nd|rd|th)?\b|\bby (?:january|february|march|april|may|june|july"
    r"|august|september|october|november|december)\b"
    r"|\b(?:voor|vóór|tot) \d{1,2} \w{3,10}\b"
)
_THANKS = _terms("""
    vielen dank fuer; danke fuer; herzlichen dank; besten dank; danke schoen; dankeschoen; vielen
    dank; danke; thank you; thanks; bedankt; dank u; hartelijk dank; tesekkur; 谢谢
""")
_REQUESTS = _terms("""
    need; looking for; search; wait for; waiting; interested; gibt es; would; zoeken; nodig;
    ariyor; gerekli; bekomm; warten; wollen; moechte; wuerde; suchen; erwarten; bitte; hiermit;
    erbitten; fragen; anfrage; benoetig; brauche; koennen sie; koennten sie; bitte teilen; bitte
    um; bitten um; bitten wir; bitten sie; bitte ich; wir moechten; ich moechte; moechten wir;
    wuerden gern; wuerde gern; wir suchen; welche unterlagen; wie lange; an wen; beantrag; antrag;
    beabsichtig; planen; could you; can you; please; we would like; we plan; we need; we are
    looking; kunt u; graag; wij willen; rica ed; istiyoruz; lutfen; 请问; 需要
""")
_PRESS_SIGNS = ("redaktion", "redakteur", "journalist", "reporter", "newsroom", "tageszeitung")
_LONGEST_THANKS = 600  # characters; whoever writes more usually asks something, too


def intent_of(subject: str, text: str, signature: str = "") -> Intent | None:
    """Recognise a mail that is no ordinary inquiry, or None.

    ``text`` is what the author newly wrote, without the signature; the first matching row decides.
    Of the signature it only counts whether the press signs.
    """
    passages = _passages(f"{subject}\n{text}")
    for row in _TABLE:
        words = _speaking(row, passages)
        if words:
            return Intent(row.action, words)
    signed = _hits(_PRESS_SIGNS, _passages(signature))
    return Intent(Action.PRESS, signed) if signed else _thanks(passages, subject, text)


def may_be_private(text: str, signature: str = "") -> bool:
    """Tell whether one person writes for himself, and nothing shows a company behind him."""
    plain = Passage.of(text, "de").folded
    alone = bool(_SINGULAR.search(plain)) and not _PLURAL.search(plain)
    return alone and not _hits(_BUSINESS, _passages(f"{text}\n{signature}"))


def asks(text: str) -> bool:
    """Tell whether the author asks for anything."""
    return "?" in text or "？" in text or bool(_hits(_REQUESTS, _passages(text)))


def flags_of(subject: str, text: str) -> frozenset[Flag]:
    """Find what the manager must notice: deadlines, complaints, formal remedies and the like."""
    passages = _passages(f"{subject}\n{text}")
    found = {flag for flag, terms in _FLAGS.items() if _hits(terms, passages)}
    if Flag.CONFIDENTIAL in found and _hits(_NO_CONFIDENCE_ASKED, passages):
        found.discard(Flag.CONFIDENTIAL)
    if _DATED.search(passages[0].folded):
        found.add(Flag.DEADLINE)
    return frozenset(found)


def _passages(text: str) -> tuple[Passage, Passage]:
    return Passage.of(text, "de"), Passage.of(text, "en")


def _speaking(row: _Signals, passages: tuple[Passage, Passage]) -> tuple[str, ...]:
    alone = _hits(row.alone, passages)
    words = alone or _combined(row, passages)
    return () if words and _hits(row.unless, passages) else words


def _combined(row: _Signals, passages: tuple[Passage, Passage]) -> tuple[str, ...]:
    groups = [_hits(group, passages) for group in row.both]
    if groups and all(groups):
        return tuple(group[0] for group in groups)
    several = _hits(row.two_of, passages)
    return several if len(several) > 1 else ()


def _thanks(passages: tuple[Passage, Passage], subject: str, text: str) -> Intent | None:
    if len(text) > _LONGEST_THANKS or "?" in text or "？" in text or "?" in subject:
        return None
    words = _hits(_THANKS, passages)
    return Intent(Action.THANKS, words) if words and not _hits(_REQUESTS, passages) else None


def _hits(terms: Sequence[str], passages: tuple[Passage, Passage]) -> tuple[str, ...]:
    """Give the author's words for each term found; German compounds, or other words' beginnings."""
    german, plain = passages
    spans = (
        next(german.find(term, "de"), None) or next(plain.find(term, "en"), None) for term in terms
    )
    return tuple(dict.fromkeys(span.words for span in spans if span))
