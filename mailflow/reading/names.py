"""File names from outside, made safe to show and to store: normalise first, then validate."""

import mimetypes
import re
import unicodedata

__all__ = ["safe_name", "suffix_for", "type_of"]

# bytes; what file systems take is 255
_LONGEST = 240
_LONGEST_SUFFIX = 12
_SEPARATORS = re.compile(r"[/\\\u2044\u2215\u29f8\uff0f\uff3c]")
_SPACE = re.compile(r"\s+")
# characters that a file system or a shell takes for something else
_FORBIDDEN = str.maketrans(dict.fromkeys('<>"|?*:', "_"))
# names Windows keeps for devices
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
_SUFFIXES = {
    "application/octet-stream": ".bin",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/ms-tnef": ".dat",
    "application/rtf": ".rtf",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/tiff": ".tif",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/feedback-report": ".txt",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/rfc822-headers": ".txt",
    "text/x-vcard": ".vcf",
    "text/vcard": ".vcf",
}


def safe_name(name: str) -> str:
    """Give the last path component without controls, bidi marks or leading dots; may be ``""``."""
    name = unicodedata.normalize("NFC", name)
    name = "".join(
        " " if char.isspace() else char
        for char in name
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    name = _SEPARATORS.split(name.strip())[-1]
    name = _SPACE.sub(" ", name.translate(_FORBIDDEN)).strip(" .")
    if _DEVICE.match(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    if len(name.encode()) <= _LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    ending = f".{suffix}" if dot and stem and len(suffix) <= _LONGEST_SUFFIX else ""
    kept = (stem if ending else name).encode()[: _LONGEST - len(ending.encode())]
    return kept.decode(errors="ignore") + ending


def suffix_for(content_type: str) -> str:
    """Give the usual suffix of a content type, ``.bin`` for an unknown one."""
    known = _SUFFIXES.get(content_type)
    return known or mimetypes.guess_extension(content_type) or ".bin"


def type_of(name: str) -> str:
    """Give the content type that a file name tells."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
