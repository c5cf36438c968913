"""Which attachments are passed on: by checked name and type, never by what a mail claims alone."""

import re

from mailflow.core.remark_words import INTERNAL

__all__ = [
    "is_dangerous",
    "is_hung_on",
    "is_mail",
    "is_perhaps_hung_on",
    "is_readable",
    "may_be_content",
    "names_internal",
    "passable_names",
    "smallest_picture",
]

_LOGO_BYTES = 30_000
"""Pictures of an office's mail below this size are letterheads, unless it points at one."""

_ICON_BYTES = 3_000
"""Smaller pictures are never content."""

_POINTING = (
    r"\b(?:siehe|s\. ?u\.|s\. ?o\.|unten|oben|hier|anbei|beigefügt\w{0,2}|nachfolgend\w{0,2}"
    r"|nachstehend\w{0,2}|folgend\w{0,2}|see|below|above|here|following|attached|enclosed)"
)
_PICTURE = (
    r"\b(?:\w{0,20}(?:karte|ausschnitt|skizze|zeichnung|bild|foto|abbildung|grafik|diagramm"
    r"|lageplan)(?:e[nrs]?|n|s)?|screenshots?|maps?|sketch|drawing|pictures?|images?|figure|photos?)\b"
)
_POINTS_AT_PICTURE = re.compile(
    rf"{_POINTING}[^.!?]{{1,60}}{_PICTURE}|{_PICTURE}[^.!?]{{1,60}}{_POINTING}", re.IGNORECASE
)
_HUNG_ON = re.compile(
    r"(?:text|application)/(?:x-)?(?:vcard|directory|pkcs7-signature|pgp-signature|pgp-keys)"
    r"|.*\.(?:vcf|vcard|p7s|asc|sig)",
    re.IGNORECASE | re.DOTALL,
)
"""Cards, keys and signatures, by type or name: mail programs hang them on by themselves."""

_APPOINTMENT = re.compile(
    r"(?:text|application)/(?:x-)?(?:calendar|ics)|.*\.(?:ics|vcs)", re.IGNORECASE | re.DOTALL
)
_ARMOURED = re.compile(rb"(?:\xef\xbb\xbf)?\s*-----BEGIN PGP ")

_READABLE = re.compile(
    r"text/(?!rtf|richtext).*|application/(?:x-)?(?:calendar|ics|csv|json|xml|yaml|geo\+json|gpx\+xml)"
    r"|.*\.(?:txt|text|csv|tsv|md|log|ini|xml|json|geojson|gpx|kml|gml|yaml|yml|ics|vcs)",
    re.IGNORECASE | re.DOTALL,
)
"""Files that are plain text, by type or name."""

_PICTURE_NAME = re.compile(r".*\.(?:png|gif|jpe?g|bmp)", re.IGNORECASE | re.DOTALL)

_ENDINGS = """
    .ade .adp .apk .app .appx .bat .chm .cmd .com .cpl .dll .dmg .docm .dotm .exe .hta .htm
    .html .img .inf .ins .iso .isp .jar .jnlp .js .jse .lnk .mde .msc .msi .msp .mst .ocx .pif
    .potm .ppam .ppsm .pptm .ps1 .psm1 .reg .scf .scr .sct .settingcontent-ms .library-ms .mht
    .mhtml .xhtml .xht .rdp .iqy .slk .msu .shb .svg .sys .url .vb .vbe .vbs .vhd .vhdx .vxd
    .wsc .wsf .wsh .xlam .xll .xlsb .xlsm .xltm .xz .ace .cab .one
    .shtml .shtm .dhtml .phtml .mhtm .svgz .htc .xbap .mjs .cjs .vhdset .onepkg .oqy .dqy .rqy
"""
_DANGEROUS_ENDINGS = frozenset(_ENDINGS.split())
"""What runs, or makes a program run, when somebody opens it."""

_LAST_ENDINGS = """
    .accde .appinstaller .application .appref-ms .bash .command .csh .deb .desktop .diagcab .gadget
    .maf .mam .maq .mar .mas .mav .maw .mda .mdb .msh .msix .msixbundle .pkg .ps1xml .ps2 .psc1
    .psd1 .py .pyw .rpm .search-ms .searchconnector-ms .sh .theme .website .wim .xla .xlw
    .accda .accdr .accdu .appcontent-ms .appimage .arj .cdxml .contact .daa .deskthemepack .fxp
    .grp .hlp .hpj .inetloc .ipa .isz .ksh .lzh .mdt .mdw .mdz .mobileconfig .nrg .odc .ops .osd
    .pcd .pl .plg .ppa .prf .prg .printerexport .pyc .pyz .pyzw .run .scptd .terminal .themepack
    .udl .vsmacros .vsto .vsw .wab .webloc .webpnp .wiz .wll .ws .wsb .xlm .xnk .zsh
"""
_DANGEROUS_LAST_ENDINGS = frozenset(_LAST_ENDINGS.split())
"""The same, for endings that may also stand in the middle of an honest name."""

_TYPES = """
    application/dos-exe application/ecmascript application/exe application/hta
    application/java-archive application/java-vm application/javascript application/msaccess
    application/msi application/msix application/msonenote application/onenote
    application/svg+xml application/vnd.android.package-archive
    application/vnd.apple.installer+xml application/vnd.debian.binary-package
    application/vnd.microsoft.portable-executable application/vnd.ms-access
    application/vnd.ms-appx application/vnd.ms-cab-compressed application/vnd.ms-htmlhelp
    application/vnd.ms-officetheme application/vnd.ms-windows.msix application/winexe
    application/x-ace-compressed application/x-apple-diskimage application/x-bat
    application/x-cab application/x-cd-image application/x-chm application/x-csh
    application/x-deb application/x-debian-package application/x-desktop application/x-dosexec
    application/x-ecmascript application/x-elf application/x-exe application/x-executable
    application/x-hta application/x-iso9660-image application/x-java-applet
    application/x-java-archive application/x-java-jnlp-file application/x-javascript
    application/x-mach-binary application/x-mimearchive application/x-ms-application
    application/x-ms-dos-executable application/x-ms-installer application/x-ms-shortcut
    application/x-ms-wim application/x-ms-xbap application/x-msaccess application/x-msdos-batch
    application/x-msdos-program application/x-msdownload application/x-msi
    application/x-mswinurl application/x-object application/x-pie-executable
    application/x-powershell application/x-python application/x-python-code
    application/x-raw-disk-image application/x-rdp application/x-redhat-package-manager
    application/x-rpm application/x-sh application/x-sharedlib application/x-shellscript
    application/x-vbs application/x-virtualbox-vhd application/x-windows-installer
    application/x-winexe application/x-xz application/xhtml+xml image/svg image/svg+xml
    image/svg+xml-compressed image/svg-xml text/ecmascript text/html text/javascript
    text/jscript text/scriptlet text/vbs text/vbscript text/x-component text/x-javascript
    text/x-ms-regedit text/x-msdos-batch text/x-powershell text/x-python text/x-sh
    text/x-shellscript text/x-vbscript
"""
_DANGEROUS_TYPES = frozenset(_TYPES.split())
"""The same by type: mail programs go by it where a name has no ending, or another one."""

_WITH_MACROS = "macroenabled.12"  # how the types of all such Office files end


_MAIL_ENDINGS = frozenset(
    {
        *(".eml", ".emlx", ".emltpl", ".msg", ".oft", ".mbox", ".mbx", ".pst", ".ost", ".olm"),
        *(".nsf", ".mlm", ".tnef"),
    }
)
_MAIL_TYPES = frozenset(
    {
        *("application/vnd.ms-outlook", "application/vnd.ms-outlook-pst", "application/msoutlook"),
        *("application/x-msg", "application/mbox", "application/vnd.lotus-notes"),
        *("application/ms-tnef", "application/vnd.ms-tnef", "text/rfc822-headers"),
    }
)
"""What holds whole mails, or whole mailboxes, in the programs offices use."""

# A file's name is no sentence: in it the word alone is enough, and so is the kind of paper.
_INTERNAL_NAME = re.compile(
    r"(?<!\w)(?:(?:verwaltungs|haus|behörden|amts|dienst|stadt|nur)-?)?intern(?:al)?(?!\w)"
    r"|(?<!\w)interne[rsnm]? (?:\w{0,20}(?:vermerk|notiz|stellungnahme|bewertung|einschätzung"
    r"|abstimmung|mail|mails|prüfung|information|hinweise?|kommentare?|besprechung|entwurf))(?!\w)"
    r"|(?<!\w)akten(?:vermerk|notiz)(?!\w)|(?<!\w)nfd(?!\w)",
    re.IGNORECASE,
)
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def is_dangerous(name: str, content_type: str) -> bool:
    """Whether a file is held back; every ending counts, so that ``rechnung.exe.pdf`` is one too."""
    plain = "".join(letter for letter in name.casefold() if letter.isprintable()).strip(". ")
    endings = [f".{ending.strip()}" for ending in plain.split(".")[1:]]
    if not _DANGEROUS_ENDINGS.isdisjoint(endings):
        return True
    if not _DANGEROUS_LAST_ENDINGS.isdisjoint(endings[-1:]):
        return True
    kind = content_type.casefold()
    return kind in _DANGEROUS_TYPES or kind.endswith(_WITH_MACROS)


def is_mail(name: str, content_type: str) -> bool:
    """Whether a file is a whole mail: it may hold a thread that its reader must not see."""
    kind = content_type.casefold()
    return kind.startswith("message/") or kind in _MAIL_TYPES or _has_mail_ending(name)


def _has_mail_ending(name: str) -> bool:
    """Whether any of a name's endings is a mail's: programs add theirs (``AW.eml.txt``)."""
    endings = {f".{ending.strip()}" for ending in name.casefold().split(".")[1:]}
    return not _MAIL_ENDINGS.isdisjoint(endings)


def smallest_picture(words: str) -> int:
    """Give how many bytes a picture beside these words has at least, if it is content."""
    return _ICON_BYTES if _POINTS_AT_PICTURE.search(words) else _LOGO_BYTES


def is_hung_on(name: str, content_type: str) -> bool:
    """Whether a mail program adds such a file by itself: a card, a key or a signature.

    It is about who wrote the mail, with his own address and telephone, and not what he says.
    """
    return _is_of(_HUNG_ON, name, content_type)


def is_perhaps_hung_on(name: str, content_type: str, content: bytes) -> bool:
    """Whether a file is called like a key, and is none: surveyors' grids are called so, too."""
    is_named = is_hung_on(name, "") and name.casefold().endswith(".asc")
    return is_named and not is_hung_on("", content_type) and not _ARMOURED.match(content[:100])


def is_readable(name: str, content_type: str) -> bool:
    """Whether a file is plain text, in which words can be looked for."""
    return _is_of(_READABLE, name, content_type)


def _is_of(pattern: re.Pattern[str], name: str, content_type: str) -> bool:
    return bool(pattern.fullmatch(content_type) or pattern.fullmatch(name))


def may_be_content(name: str, content_type: str, size: int, words: str) -> bool:
    """Whether a file may say what the few words beside it do not."""
    if is_hung_on(name, content_type) or _is_of(_APPOINTMENT, name, content_type):
        return False
    is_picture = content_type.casefold().startswith("image/") or _PICTURE_NAME.fullmatch(name)
    return not is_picture or size >= smallest_picture(words)


def names_internal(name: str) -> bool:
    """Whether a file's name says that it is for the city only.

    What is only suspicious in a sentence, such as "Entwurf", is everyday in a plan's name.
    """
    words = _BETWEEN_WORDS.sub(" ", name.rpartition(".")[0] or name).strip()
    return any(pattern.search(words) for pattern in (_INTERNAL_NAME, INTERNAL))


def passable_names(files: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Give (name, type) pairs as names to show; those held back say so."""
    return tuple(
        f"{name} (zurückgehalten)" if is_dangerous(name, content_type) else name
        for name, content_type in files
    )
