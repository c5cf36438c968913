"""Which attachments are passed on: by checked name and type, never by what a mail claims alone."""

__all__ = ["is_dangerous", "is_mail", "passable_names"]

_ENDINGS = """
    .ade .adp .apk .app .appx .bat .chm .cmd .com .cpl .dll .dmg .docm .dotm .exe .hta .htm
    .html .img .inf .ins .iso .isp .jar .jnlp .js .jse .lnk .mde .msc .msi .msp .mst .ocx .pif
    .potm .ppam .ppsm .pptm .ps1 .psm1 .reg .scf .scr .sct .settingcontent-ms .library-ms .mht
    .mhtml .xhtml .xht .rdp .iqy .slk .msu .shb .svg .sys .url .vb .vbe .vbs .vhd .vhdx .vxd
    .wsc .wsf .wsh .xlam .xll .xlsb .xlsm .xltm .xz .ace .cab .one
"""
_DANGEROUS_ENDINGS = frozenset(_ENDINGS.split())
"""What runs, or makes a program run, when somebody opens it."""

_LAST_ENDINGS = """
    .accde .appinstaller .application .appref-ms .bash .command .csh .deb .desktop .diagcab .gadget
    .maf .mam .maq .mar .mas .mav .maw .mda .mdb .msh .msix .msixbundle .pkg .ps1xml .ps2 .psc1
    .psd1 .py .pyw .rpm .search-ms .searchconnector-ms .sh .theme .website .wim .xla .xlw
"""
_DANGEROUS_LAST_ENDINGS = frozenset(_LAST_ENDINGS.split())
"""The same, where the word may as well stand in the middle of an honest name."""

_DANGEROUS_TYPES = frozenset(
    {
        "application/x-msdownload",
        "application/x-msdos-program",
        "application/x-dosexec",
        "application/x-executable",
        "application/x-sh",
        "application/javascript",
        "text/javascript",
        "text/html",
        "application/hta",
        "application/java-archive",
        "image/svg+xml",
    }
)


def is_dangerous(name: str, content_type: str) -> bool:
    """Whether a file is held back; every ending counts, so that ``rechnung.exe.pdf`` is one too."""
    plain = "".join(letter for letter in name.casefold() if letter.isprintable()).strip(". ")
    endings = [f".{ending.strip()}" for ending in plain.split(".")[1:]]
    if not _DANGEROUS_ENDINGS.isdisjoint(endings):
        return True
    if not _DANGEROUS_LAST_ENDINGS.isdisjoint(endings[-1:]):
        return True
    return content_type.casefold() in _DANGEROUS_TYPES


def is_mail(name: str, content_type: str) -> bool:
    """Whether a file is a whole mail: it may hold a thread that its reader must not see."""
    name = name.casefold().rstrip(". ")
    return content_type.casefold().startswith("message/") or name.endswith((".eml", ".msg"))


def passable_names(files: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Give (name, type) pairs as names to show; those held back say so."""
    return tuple(
        f"{name} (zurückgehalten)" if is_dangerous(name, content_type) else name
        for name, content_type in files
    )
