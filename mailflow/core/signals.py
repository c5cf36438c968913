"""The tables of words by which ``core.intents`` recognises what is no ordinary inquiry.

A row that is wrong costs the manager one reply; a row that is missing may cost the city's trust,
so the tables lean towards holding. Terms are written as in ``core.terms``, umlauts folded.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "BUSINESS",
    "DATED",
    "FLAGS",
    "HOME",
    "HOME_SIGNS",
    "NO_CONFIDENCE_ASKED",
    "PLURAL",
    "PRAISE",
    "PRESS_SIGNS",
    "REQUESTS",
    "SINGULAR",
    "TABLE",
    "THANKS",
    "TITLES",
    "Action",
    "Flag",
    "Signals",
]


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
class Signals:
    """One row: a word that speaks ``alone``, one of each of ``both``, or two of ``two_of``."""

    action: Action
    alone: tuple[str, ...] = ()
    both: tuple[tuple[str, ...], ...] = ()
    two_of: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


BUSINESS = _terms("""
    einstellen; |personal|; anbieter; landschaftsbau; pflegedienst; pflegekraefte; arbeitskraefte;
    belegschaft; |schicht; kollegen; unser team; unternehmen; firma; firmen; betrieb; gmbh;
    mitarbeiter; beschaeftigte; |kunden|; stammkunden; kundschaft; unser lager; unsere halle;
    unserer halle; company; business; employees; firm; gewerb; betriebssitz; bedrijf; onderneming;
    medewerkers; sirket; firmamiz; isletme; selbststaendig; selbstaendig; monteure; unsere fahrer;
    filiale; werkstatt; produktion; werk; werksgelaende; |laden; ladenlokal; geschaeft|; kiosk;
    cafe; café; restaurant; imbiss; gaststaette; kneipe; bar; hotel; praxis; kanzlei; agentur;
    baeckerei; metzgerei; friseur; salon; studio; startup; start-up; |gruend; existenzgruend;
    handwerk; meisterbrief; meisterbetrieb; lkw; lieferant; angestellt; auszubildende; eroeffn;
    niederlassung; investor; investier; auftrag; auftraege; unsere rechnung; rechnung an; umsatz;
    gaeste; gastronom; caterer; catering; makler; onlinehandel; onlineshop; spedition;
    bauunternehm; bautraeger; architekt; shop; store; office; warehouse; factory; customers;
    branch; suppliers; invoice; open a; winkel; kantoor; klanten; dukkan; magaza; musteri;
    fabrika; lokanta; foodtruck; food truck; verkaufswagen; marktstand; taxi; ferienwohnung;
    vermiet; landwirt; hof; geschaefte; geschaefts|; geschaeftsr; geschaeftslokal; geschaeftshaus;
    geschaeftspartner; geschaeftskunde; geschaeftssitz; geschaeftsadresse; geschaeftseroeffnung;
    geschaeftsidee; geschaeftskonzept; geschaeftszeit; geschaeftsbetrieb; ich bin geschaeftsfuehrer;
    ich bin prokurist; ich als geschaeftsfuehrer; mein chef bittet; mein chef hat mich; mein chef
    beauftragt; mein chef moechte; meine chefin bittet; meine chefin hat mich; meine chefin
    beauftragt; meine chefin moechte; von meinem chef beauftragt; von meinem chef gebeten; von
    meiner chefin beauftragt; von meiner chefin gebeten; fuer meinen chef; fuer meine chefin;
    my boss asked; my boss asks; my boss wants
""")
# of the author only: "mein Nachbar, Geschäftsführer eines Vereins" is none
TITLES = _terms("geschaeftsfuehrung; geschaeftsfuehrer; geschaeftsleitung; prokurist")
SINGULAR = re.compile(r"\b(?:ich|mein(?:e[nmrs]?)?|mir|mich|i|my|ik|mijn)\b")
PLURAL = re.compile(r"\b(?:wir|uns(?:er(?:e[nmrs]?)?)?|we|us|our|wij|we|ons|onze)\b")

_ACUTE = _terms("""
    ausgelaufen; laeuft aus; laeuft * aus; laufen aus; laeuft * kanal; ausgetreten; tritt * aus;
    austretend; auslaufend; in die kanalisation; oelfilm; havarie; |rauch|; rauchwolke; rauchsaeule;
    qualm; |brennt; |feuer|; flammen; eingestuerzt; stuerzt ein; abgesackt; sackt ab; rohr *
    gebrochen; leitung * gebrochen; wasserleitung gebrochen; hauptleitung; steht schon im keller;
    umgekippt; umgestuerzt; richtung gully; fliesst auf; fliesst in; fliesst aus; in den gully; in
    den bach; in den fluss; rohr * geplatzt; geborsten; herabgestuerzt; abgestuerzt; strasse
    gestuerzt; gehweg gestuerzt; boden gestuerzt; heruntergefallen; gehweg gefallen; strasse
    gefallen; leckage; |leck|; verletzte; verletzt worden; bewusstlos; leitung * abgerissen; leitung
    * getroffen; leitung * beschaedigt; kabel * getroffen; chemikalien * aus; saeure * aus; spill;
    spilled; leaking; leaked; leaks; collapsed; smoke; injured; |explosion|; lekt; gewond; sizinti;
    dokuldu; duman; yarali
""")
_HAZARDS = (
    *_ACUTE,
    *("laeuft in", "laufen in den", "steht unter wasser", "alles unter wasser"),
    *("ueberflutet", "flooded", "broeckel"),
)

GENERATED = Signals(
    Action.AUTO,
    alone=_terms("""
        automatisch generierte nachricht; automatisch erzeugte nachricht; diese nachricht wurde
        automatisch; automatisch versandt; undelivered mail; delivery status notification; mail
        delivery failed; unzustellbar:; lesebestaetigung; read receipt
    """),
)
"""What programs write, also under what somebody told them, and persons about them."""

TABLE: Sequence[Signals] = (
    Signals(
        Action.AUTO,
        alone=_terms("""
            automatische antwort; abwesenheitsnotiz; abwesenheitsmitteilung; automatische
            abwesenheit; abwesend:; abwesenheit:; out of office; automatic reply; auto-reply;
            autoreply; automatisch antwoord; afwezigheidsbericht; bin * nicht im buero; bin *
            nicht im hause; bin * im urlaub; bin * ausser haus; bin * abwesend; wir haben
            betriebsferien; i am currently out of; i am out of the office; i will be out of; on
            annual leave; ofis disinda; afwezig
        """),
    ),
    Signals(
        Action.EMERGENCY,
        alone=_terms("""
            gasgeruch; riecht * nach gas; riecht nach gas; es brennt; lebensgefahr; akute gefahr;
            akuter gefahr; gefahr im verzug; einsturzgefahr; einsturzgefaehrdet; droht
            einzustuerzen; wasserrohrbruch; rohrbruch; gasleck; gasaustritt; gas leak; smell of
            gas; smell gas; is on fire; life-threatening; acute danger; immediate danger; gaslek;
            gaslucht; staat in brand; levensgevaar; gaz kokusu; gaz kacagi; yangin var;
            bombendrohung; amoklauf; die 112; 112 gerufen; 112 gewaehlt; notruf; blindgaenger;
            fliegerbombe; bomb threat; schwer verletzt; schwerverletzt; explodiert; notarzt;
            oelteppich; stoffaustritt; gefahrstoffaustritt
        """),
        both=(
            _HAZARDS,
            _terms("""
                soeben; |eben|; |gerade|; seit wenigen minuten; in diesem moment; |jetzt|; sofort
                jemand; muss sofort; sofort kommen; sofortige hilfe; |notfall; seit heute morgen;
                seit heute frueh; seit einer stunde; seit einer halben stunde; vor wenigen
                minuten; vor einer stunde; heute nacht; heute morgen; heute frueh; noch immer aus;
                erreichen * niemand; emergency; right now; just now; at this moment; acil durum;
                su anda; spoedgeval; nu net; hilfe!
            """),
        ),
        two_of=_ACUTE,
        unless=_terms("""
            bei jedem; immer wieder; regelmaessig; notfallplan; notfallkonzept; notfalluebung;
            emergency exit; emergency plan; emergency access; notfallmanagement; oeffnungsantrag
        """),
    ),
    Signals(
        Action.GDPR,
        alone=_terms("""
            auskunft nach art * 15; artikel 15 ds; art. 15 ds; art 15 ds; art. 17 ds; artikel 17 ds;
            art. 16 ds; art. 18 ds; art. 20 ds; art. 21 ds; art. 15 gdpr; article 15 gdpr; article
            17 gdpr; art. 15 der ds; art. 17 der ds; article 15 of the; article 17 of the; art. 17
            gdpr; selbstauskunft; woher haben sie meine; deren loeschung; alle gespeicherten;
            verlange auskunft; recht auf loeschung; recht auf vergessenwerden; recht auf
            datenuebertrag; datenauskunft; auskunftsersuchen; daten ueber mich; daten zu meiner
            person; daten ueber meine person; daten zu unserer person; ueber mich gespeichert; ueber
            uns gespeichert; zu mir gespeichert; zu meiner person gespeichert; subject access
            request; data subject; right of access; right to erasure; right to be forgotten; data
            you hold about; data you store about; personal data you; data held about; copy of my
            data; copy of my personal; stored about me; data * hold about; data * store about;
            daten * von mir * gespeichert; daten * von uns * gespeichert; speichern sie * von mir|;
            speichern sie * von uns|; inzageverzoek; mijn persoonsgegevens; recht
            op inzage; kisisel verilerim; datenschutzbeschwerde; datenschutzverstoss; datenpanne;
            einwilligung widerruf; widerrufe * einwilligung; avg-verzoek; kvkk
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
                auskunft; loesch; berichtig; gespeichert; speichern sie|; sie * speichern|;
                |speichert|; |speicherung; kopie; uebermittelt; weitergegeben; verteiler; entfern;
                streichen sie; erase; erasure; delete; remove; |stored|; you store|; copy;
                verwijder; inzage; silin; bilgi; welche daten; which data; what data
            """),
        ),
    ),
    Signals(
        Action.GDPR,
        both=(
            _terms("""
                daten * ueber unsere firma; daten * ueber unser unternehmen; daten * ueber unseren
                betrieb; daten * ueber meine firma; daten * ueber mein unternehmen; daten * ueber
                meinen betrieb; daten * ueber meine person; daten * ueber mich|; daten * ueber uns|;
                daten * zu unserer firma; daten * zu unserem unternehmen; daten * zu meiner person;
                daten * zu meiner firma; daten * zu meinem unternehmen; data * about me|;
                data * about us|; data * about our company; data * about my company
            """),
            _terms("""
                gespeichert; speichern sie|; sie * speichern|; |speichert|; gesammelt;
                erhoben haben; |stored|; collected
            """),
        ),
    ),
    Signals(
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
    Signals(
        Action.PRESS,
        alone=_terms("""
            presseanfrage; pressestelle; redaktion; redakteur; journalist; |reporter;
            pressesprecher; press inquiry; press enquiry; press request; media inquiry; media
            enquiry; media request; medienanfrage; newsroom; presseauskunft; pressegesetz;
            |rundfunk; o-ton; persvraag; nachrichtenagentur; |dpa|; |dpa-; |wdr|; |ndr|; |zdf|;
            |rtl|; korrespondent; basin mensubu; gazeteci; muhabir; recherchiere fuer; recherchieren
            fuer; recherchieren zu; recherchiere zu; recherchieren zurzeit; lokalzeitung;
            tageszeitung; fernsehteam; kamerateam; dreharbeiten; drehgenehmigung; tv-beitrag;
            fernsehbeitrag; redaktionsschluss; presseausweis; pressefoto; press deadline
        """),
        both=(
            _terms("""
                zeitung; |magazin|; |sender|; radio; fernsehen; mikrofon; lokalzeit; |kamera|;
                |leser|; leserinnen; reportage; podcast; nachrichtenportal; |presse|; medien;
                newspaper; magazine; broadcaster; krant; gazete; |tv
            """),
            _terms("""
                |artikel; |beitrag; |bericht|; |berichte; |berichten; recherche; interview;
                veroeffentlich; stellungnahme; erscheint; ausgabe; zitier; article; publish;
                statement; comment; coverage; haber; artikel
            """),
        ),
        unless=_terms("zeitungsdruck; anzeige schalten"),
    ),
    Signals(
        Action.SPAM,
        alone=_terms("""
            seo; suchmaschinenoptimierung; backlink; google-ranking; google ranking; seite 1 bei
            google; erste seite bei google; first page of google; erotik; viagra; online-casino;
            bitcoin; kryptowaehrung; cryptocurrency; krypto; lotterie; lottery; erbschaft von;
            inheritance; million dollar; million usd; usd * million; million euro * erbe; ohne
            schufa; kredit ohne; unsubscribe; newsletter abmelden; hier abmelden; vom newsletter;
            abmeldelink; webinar; dear friend; dear beneficiary; geldgewinn; gewinnbenachrichtigung;
            verify your account; konto verifizieren; konto wurde * gesperrt; konto wurde *
            eingeschraenkt; bestaetigen sie ihre daten; bestaetigen sie * konto; unter folgendem
            link; postfach ist voll; mit ihrem passwort; dokument * freigegeben; document * shared
            with you; mailbox is full; passwort laeuft; password expires; password will expire; bank
            details; guest post; gastbeitrag auf; follower kaufen; adressdaten kaufen;
            firmenadressen; kaltakquise; leadgenerierung; lead generation; qualified leads;
            qualifizierte leads; web design; webdesign angebot; wir erstellen ihre webseite; wir
            erstellen ihre website; klicken sie hier; click here; klik hier; jetzt sichern; jetzt
            zugreifen; limited time; nur fuer kurze zeit; nur noch heute; nur noch diese woche;
            sonderaktion; gutscheincode; discount code; black friday; cold call; business proposal;
            investment opportunity; loan offer; kreditangebot; wire transfer; whatsapp marketing;
            rank better; higher ranking; special offer; sonderangebot; messestand buchen;
            branchenbuch; gewerbeverzeichnis; eintragungsofferte; korrekturabzug
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
            price list; interested?; leading factory; best
            quality; |moq; looking forward to your order; ranking; ihre seite; sichtbarkeit;
            kurzer call; kurzen call; nachlass auf
        """),
    ),
    Signals(
        Action.TRIAGE,
        alone=_terms("""
            anonym; ohne meinen namen; ohne unseren namen; nicht namentlich; namentlich nicht;
            meinen namen nicht; mein name nicht; mein name soll; nicht * mein name; nicht * meinen
            namen; ungenannt; unerkannt; nicht genannt werden; wer das schreibt; not * my name; my
            name out; without my name; not tell anyone; ohne papiere; mitbewerber; konkurrent;
            konkurrenz; wettbewerber; schwarzarbeit; schwarz beschaeftig; beschaeftigt * schwarz;
            beschaeftigen * schwarz; arbeiten schwarz; arbeitet schwarz; schwarzbau; schwarz gebaut;
            steuerhinterziehung; korruption; bestech; strafanzeige; anzeige erstatten; hinweisgeber;
            whistleblow; fraktion; ratsmitglied; ratsgruppe; ratsherr; ratsfrau; im rat|; im
            stadtrat; im gemeinderat; mitglied des rates; mitglied im rat; bezirksbuergermeister;
            ortsvorsteher; abgeordnete; |mdl|; |mdb|; |mdep|; |cdu|; |spd|; |fdp|; |afd|; |bsw|;
            buendnis 90; freie waehler; waehlergemeinschaft; kleine anfrage; stadtverordnet;
            oberbuergermeister; oberbuergermeisterin; petition; an den buergermeister; an die
            buergermeisterin; schadensersatz; schadenersatz; mandant; the mayor; burgemeester; city
            council; member of parliament
        """),
    ),
    Signals(
        Action.TRIAGE,
        both=(
            _terms("""
                ohne jede genehmigung; ohne genehmigung; ohne baugenehmigung; ohne erlaubnis; ohne
                anmeldung; ohne gewerbeanmeldung; ohne konzession; illegal; kippt; kippen;
                gekippt; vergraben; vergraebt; heimlich; kakerlaken; ungeziefer; without a permit;
                without * permit; without permission; illegally; they dump; they bury; secretly
            """),
            _terms("""
                schauen sie sich; sehen sie sich; sie sollten mal; sie sollten sich; gehen sie dem
                nach; gehen sie der sache; wollte nur mal; wollte nur melden; besorgter;
                beobachtet; die firma; diese firma; die leute dort; mein chef; meinem chef; mein
                arbeitgeber; ehemaliger mitarbeiter; ehemalige mitarbeiterin; hochgezogen; you
                should check; tip-off; my boss; my employer; i work for
            """),
        ),
    ),
    Signals(
        Action.TRIAGE,
        both=(
            _terms("""
                stadtrat; gemeinderat; kreistag; landtag; bundestag; bezirksvertret; bezirksrat;
                ortsverband; |rat|; |rates|; ausschuss; buergerinitiative
            """),
            _terms("""
                zur sitzung; zur naechsten sitzung; bittet die verwaltung; bitten die verwaltung;
                bittet um auskunft; um auskunft gebeten; anfrage der; anfrage des; anfrage aus
                dem; wahlkreis; sachstandsbericht; unsere mitglieder fordern
            """),
        ),
    ),
    Signals(
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
    Signals(
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
            wohnung; meiner wohnung; unsere wohnung; unserer wohnung; mein vermieter; mieterhoehung;
            mein hund; meinen hund; welpe; meine katze; mein garten; meinem garten; wahlschein;
            briefwahl; kirchenaustritt; namensaenderung; einbuergerung; strafzettel; knoellchen;
            anwohnerparkausweis; bewohnerparkausweis; my daughter; my son; my child; my passport; my
            id card; my apartment; my flat; my landlord; as a resident; as a private person; mijn
            dochter; mijn zoon; mijn paspoort; kizim icin; oglum icin; pasaportum; parking fine;
            speeding ticket; bussgeld wegen * geschwindigkeit; freibad; hallenbad; schwimmbad;
            theaterkarten; stadtbibliothek; buecherei; volkshochschule; umzug in eine andere
            wohnung; einfamilienhaus; gartenhaus; gartenlaube; kleingarten; schrebergarten;
            reihenhaus; doppelhaushaelfte; eigenheim; wir wohnen; ich wohne; wohnen wir; wohne ich;
            wohnen seit; we live in; i live in; my family and i; our kids; our children; primary
            school; register our address; register my address; ueber mir wohnt; wohnung ueber;
            wohnung unter; in rente
        """),
        two_of=_terms("""
            |privat|; mein nachbar; meinem nachbarn; wohnhaus; spielplatz; meine familie; meine
            frau; mein mann; wohnsitz; umgezogen; rentner; fuehrerschein; anwohner; mieter;
            ehrenamt; schueler; schule; garten; carport; wohnung; sofa; haustier
        """),
        unless=BUSINESS,
    ),
)

FLAGS: Mapping[Flag, tuple[str, ...]] = {
    Flag.DEADLINE: _terms("""
        frist|; |fristverl; |fristen; fristgerecht; fristwahrend; due on; due by;
        widerspruchsfrist; anhoerungsfrist; einspruchsfrist; ablauf der; stichtag; spaetestens;
        bis zum; bis ende; deadline; no later than; by the end of; due date; rate zum;
        gebuehrenbescheid; steuerbescheid; bussgeldbescheid; verfuegung vom; anhoerung; uiterlijk;
        son tarih; son gun; binnen; rechtzeitig
    """),
    Flag.COMPLAINT: _terms("""
        beschwerde; beschweren; veraergert; aergerlich; unzumutbar; nicht hinnehm; nicht laenger
        hinnehm; unverschaemt; enttaeuscht; skandal; untragbar; niemand hat uns; niemand fuehlt
        sich; seit wochen; seit monaten; unbezahlt; nicht beglichen; inakzeptabel; frechheit;
        zumutung; verlieren taeglich; immer noch nicht; noch immer nicht; einfach nicht; stinkt;
        wann * endlich; trotz * mahnung; trotz * erinnerung; hat uns * niemand; uns vorher niemand;
        schon zweimal; schon dreimal; mehrfach angerufen; mehrmals angerufen; entschaedigung;
        eingebrochen; niemand fuer uns; sich niemand; reagiert niemand; kommen nicht weiter; ist
        seit * offen; sind seit * offen; verantwortungslos; schikane; nicht arbeiten; laengst
        verstrichen; laengst ueberfaellig; seit * wochen; seit * monaten; al drie weken; al weken;
        behoerdenwillkuer; mangelhaft; reicht es uns; geduld; complain; unacceptable; disappointed;
        annoyed; klacht; ontevreden; onacceptabel; sikayet; kabul edilemez
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
        vertraulich; |geheim; ohne meinen namen; ohne unseren namen; nicht genannt werden; nicht *
        mein name; nicht * meinen namen; mein name genannt; name bekannt wird; meinen namen nicht;
        ungenannt; not tell anyone; darf noch niemand; nicht oeffentlich; noch nicht bekannt;
        diskret; verschwiegen; stillschweigen; confidential; in confidence; non-disclosure; nda; not
        public; discreet; vertrouwelijk; gizli
    """),
}

NO_CONFIDENCE_ASKED = _terms("""
    enthaelt vertrauliche; vertrauliche und * geschuetzte; contains confidential; confidential and
    * privileged; may contain confidential; bevat vertrouwelijke
""")
DATED = re.compile(
    r"\bbis (?:spaetestens )?(?:zum )?\d{1,2}\.|\b(?:kw|kalenderwoche) ?\d{1,2}\b"
    r"|(?<!tag )(?<!woch )(?<!mo )\bbis (?:spaetestens |zum |naechsten |kommenden ){0,2}"
    r"(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)\b"
    r"|(?<!day )\bby (?:next |this )?(?:mon|tues|wednes|thurs|fri)day\b"
    r"|\bby \d{1,2} ?(?:st|nd|rd|th)?\b|\bby (?:january|february|march|april|may|june|july"
    r"|august|september|october|november|december)\b"
    r"|\b(?:voor|vóór|tot) \d{1,2} \w{3,10}\b"
)
THANKS = _terms("""
    vielen dank fuer; danke fuer; herzlichen dank; besten dank; danke schoen; dankeschoen; vielen
    dank; danke; thank you; thanks; bedankt; dank u; hartelijk dank; tesekkur; 谢谢
""")
REQUESTS = _terms("""
    need; looking for; search; wait for; waiting; interested; gibt es; would; zoeken; nodig;
    ariyor; gerekli; bekomm; warten; wollen; moechte; wuerde; suchen; erwarten; bitte; hiermit;
    erbitten; fragen; anfrage; benoetig; brauche; koennen sie; koennten sie; bitte teilen; bitte
    um; bitten um; bitten wir; bitten sie; bitte ich; wir moechten; ich moechte; moechten wir;
    wuerden gern; wuerde gern; wir suchen; welche unterlagen; wie lange; an wen; beantrag; antrag;
    beabsichtig; planen; could you; can you; please; we would like; we plan; we need; we are
    looking; kunt u; graag; wij willen; rica ed; istiyoruz; lutfen; 请问; 需要
""")
PRESS_SIGNS = (
    "|dpa|",
    "|dpa-",
    "landesstudio",
    "redaktion",
    "redakteur",
    "journalist",
    "reporter",
    "newsroom",
    "tageszeitung",
)
PRAISE = _terms("""
    bedanken; grosses lob; ein lob; weiter so; alles geklappt; hat geklappt; alles bestens; sehr
    geholfen; weitergeholfen; hat sich erledigt; bereits erledigt; that helped; very helpful; well
    done; goed geholpen
""")
HOME_SIGNS = ("|fam.", "|familie ")
HOME = _terms("""
    |kinder; kindern; familie; wohnung; mein haus; meinem haus; vorgarten; balkon; hergezogen;
    zugezogen; umgezogen; rentner; privat; eltern; schwanger; elternzeit; mieter; nachbar * laut;
    meine nachbarn; mein nachbar; hund; children; family; flat; kinderen; gezin; cocuklar; aile;
    fuehrerschein
""")
