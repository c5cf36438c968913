"""Bytes to text: the declared charset, then UTF-8, then Windows-1252; never a statistical guess.

Guessing over the whole text fails on short German ("Grüße" becomes Urdu), so the only thing asked
of the bytes is whether they are valid in the charset at hand.
"""

import codecs
import re
from functools import lru_cache

__all__ = ["clean", "decode", "usable_charset"]

# What mail programs write, and what they mean by it (the WHATWG encoding labels and more).
_MEANT: dict[str, str] = {
    "": "us-ascii",
    "ascii": "us-ascii",
    "ansi_x3.4-1968": "us-ascii",
    "646": "us-ascii",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "iso-8859-1-windows-3.1-latin-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "8859_1": "cp1252",
    "cp-1252": "cp1252",
    "windows1252": "cp1252",
    "win-1252": "cp1252",
    "x-ansi": "cp1252",
    "ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cn-gb": "gb18030",
    "euc-cn": "gb18030",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "ksc5601": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_2",
    "utf8": "utf-8",
    "utf-8": "utf-8-sig",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "koi8": "koi8-r",
    "dos-850": "cp850",
    "x-cp1250": "cp1250",
}
# Codecs of the standard library that are no charset of text, or take quadratic time.
_REFUSED = frozenset(
    {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
)
_SINGLE_BYTE_WEST = frozenset({"cp1252", "us-ascii", "iso-8859-15", "latin-1"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,60}")
_WINDOWS = re.compile(r"(?:windows|win|cp|x-cp)-?(125[0-8])$")
_RESCUE = "mailflow-windows-1252"
# Above this size, invalid UTF-8 is read as Windows-1252 at once instead of byte by byte.
_RESCUE_LIMIT = 2_000_000
# Controls that no reader wants to see; tab, line feed, form feed and carriage return stay.
_CONTROLS = dict.fromkeys((*range(9), 11, *range(14, 32), 127, *range(128, 160), 65279))
_CONTROLS[0x85] = 10
_SURROGATE = re.compile("[\ud800-\udfff]")


def _rescue(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    end = max(error.end, error.start + 1)
    return error.object[error.start : end].decode("cp1252", "replace"), end


codecs.register_error(_RESCUE, _rescue)


@lru_cache(maxsize=512)
def usable_charset(name: str) -> str:
    """Give the codec meant by a charset label, or "" where there is none of text by that name."""
    label = name.strip(" \t\r\n\"'<>;,").lower()
    label = re.sub(r"^charset\s{0,9}=\s{0,9}", "", label).strip("\"'")
    windows = _WINDOWS.match(label)
    meant = f"cp{windows.group(1)}" if windows else _MEANT.get(label, label)
    if not _NAME.fullmatch(meant):
        return ""
    try:
        codec = codecs.lookup(meant)
    except (LookupError, ValueError, UnicodeError):
        return ""
    is_text = getattr(codec, "_is_text_encoding", True)
    refused = codec.name.replace("-", "_") in _REFUSED
    return meant if is_text and not refused else ""


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """Give the text of ``data`` and what was wrong with its charset ("" when nothing was).

    An 8-bit western label on valid UTF-8 is a wrong label: such sequences do not occur in
    western prose, while every mail system relabels now and then.
    """
    codec = usable_charset(declared)
    if data.isascii() and (not codec or codec in _SINGLE_BYTE_WEST or codec == "utf-8-sig"):
        unknown = declared and not codec
        return data.decode("ascii"), f"unknown charset {declared[:40]!r}" if unknown else ""
    if codec and codec not in _SINGLE_BYTE_WEST:
        try:
            return _whole(data.decode(codec)), ""
        except (UnicodeError, ValueError):
            text = _as_utf8_or_1252(data, codec)
            return text, f"text is not valid {declared[:40]}"
    return _western(data, declared, codec)


def _western(data: bytes, declared: str, codec: str) -> tuple[str, str]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeError:
        if codec in ("", "us-ascii"):
            text = _as_utf8_or_1252(data, "")
            name = f"unknown charset {declared[:40]!r}" if declared and not codec else ""
            return text, name or "8-bit text without a charset"
        return data.decode(codec, _RESCUE), ""
    if not codec:
        return text, f"unknown charset {declared[:40]!r}" if declared else ""
    return text, "" if codec == "us-ascii" else f"UTF-8 labelled {declared[:40]}"


def _as_utf8_or_1252(data: bytes, codec: str) -> str:
    """Read bytes that broke their charset: its valid part where it is a multi-byte one."""
    if codec and not codec.startswith("utf-8"):
        text = _whole(data.decode(codec, "replace"))
        # a few broken characters are a truncation; many are a wrong label
        if text.count("\ufffd") * 10 <= len(text):
            return text
    if len(data) > _RESCUE_LIMIT:
        return data.decode("cp1252", "replace")
    return data.decode("utf-8-sig", _RESCUE)


def _whole(text: str) -> str:
    """Replace lone surrogates (UTF-7 and UTF-16 can smuggle them): they break every encoder."""
    return _SURROGATE.sub("\ufffd", text)


def clean(text: str) -> str:
    """Give the text without control characters, its line ends as line feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
