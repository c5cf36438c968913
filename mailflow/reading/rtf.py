"""Outlook's rich text: compressed (MS-OXRTFCP), and text or HTML wrapped in it (MS-OXRTFEX)."""

import re
import struct

from mailflow.reading.charsets import clean, decode

__all__ = ["decompressed", "rtf_body"]

_PRELOAD = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_HEADER = struct.Struct("<II4sI")
_WINDOW = 4096
_LARGEST = 20_000_000
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])"
    rb"|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.DOTALL | re.IGNORECASE,
)
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer generator listtable "
    b"listoverridetable rsidtbl themedata datastore xmlnstbl latentstyles pntext mhtmltag".split()
)
_BREAKS = {b"par": "\n", b"line": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t", b"page": "\n"}
_SIGNS = {
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d",
    b"bullet": "\u2022", b"endash": "\u2013", b"emdash": "\u2014",
}  # fmt: skip


def decompressed(data: bytes) -> bytes | None:
    """Undo Outlook's RTF compression (MS-OXRTFCP §3.1); None where it is none."""
    if len(data) < _HEADER.size:
        return None
    size, raw_size, kind, _ = _HEADER.unpack_from(data)
    if kind == _PLAIN:
        return data[_HEADER.size : _HEADER.size + raw_size]
    if kind != _COMPRESSED or raw_size > _LARGEST:
        return None
    window = bytearray(_PRELOAD.ljust(_WINDOW, b"\0"))
    return _expanded(data[_HEADER.size : size + 4], raw_size, window)


def _expanded(source: bytes, size: int, window: bytearray) -> bytes:
    written = len(_PRELOAD)
    out = bytearray()
    position = 0
    while position < len(source) and len(out) < size:
        flags = source[position]
        position += 1
        for bit in range(8):
            if position >= len(source):
                break
            if not flags >> bit & 1:
                run = source[position : position + 1]
                position += 1
                out += run
                window[written % _WINDOW] = run[0]
                written += 1
                continue
            token = int.from_bytes(source[position : position + 2])
            position += 2
            offset, length = token >> 4, (token & 15) + 2
            if offset == written % _WINDOW:
                return bytes(out[:size])
            for step in range(length):
                byte = window[(offset + step) % _WINDOW]
                out.append(byte)
                window[written % _WINDOW] = byte
                written += 1
    return bytes(out[:size])


def rtf_body(source: bytes) -> tuple[str | None, str | None]:
    """Give the text of an RTF body as (plain, HTML); the HTML where it was only wrapped."""
    is_html = b"\\fromhtml1" in source[:1000]
    text = _Rtf(html=is_html).read(source[:_LARGEST])
    return (None, text) if is_html else (text, None)


class _Rtf:
    """Reads RTF tokens; groups nest on a stack of (silent, html tag, skip after unicode)."""

    def __init__(self, *, html: bool) -> None:
        self._html = html
        self._out: list[str] = []
        self._bytes = bytearray()
        self._charset = "cp1252"
        self._stack: list[tuple[bool, bool]] = []
        self._silent = False
        self._off = False
        self._skip = 0
        self._unicode_skip = 1

    def read(self, source: bytes) -> str:
        """Give the text."""
        for match in _TOKEN.finditer(source):
            word, number, code, symbol, brace, plain = match.groups()
            if brace:
                self._brace(brace)
            elif word:
                self._word(word.lower(), number)
            elif code:
                self._byte(bytes([int(code, 16)]))
            elif symbol:
                self._symbol(symbol)
            elif plain:
                self._plain(plain)
        self._emit("")
        return clean("".join(self._out)).strip()

    def _brace(self, brace: bytes) -> None:
        self._emit("")
        if brace == b"{":
            self._stack.append((self._silent, self._off))
        elif self._stack:
            self._silent, self._off = self._stack.pop()

    def _word(self, word: bytes, number: bytes | None) -> None:
        if word in _SILENT:
            self._silent = True
        elif word == b"htmltag":
            self._silent = False
            self._off = False
        elif word == b"htmlrtf":
            self._off = number != b"0"
        elif word == b"ansicpg" and number:
            self._charset = f"cp{number.decode()}"
        elif word == b"uc" and number:
            self._unicode_skip = max(0, min(int(number), 8))
        elif word == b"u" and number:
            self._emit(chr(int(number) % 65536))
            self._skip = self._unicode_skip
        else:
            self._emit(_BREAKS.get(word) or _SIGNS.get(word, ""))

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._silent = True
        elif symbol in b"{}\\":
            self._byte(symbol)
        elif symbol == b"~":
            self._emit("\u00a0")
        elif symbol in b"\r\n":
            self._emit("\n")

    def _byte(self, byte: bytes) -> None:
        if self._skip:
            self._skip -= 1
        elif not (self._silent or self._off):
            self._bytes += byte

    def _plain(self, plain: bytes) -> None:
        plain, self._skip = plain[self._skip :], max(0, self._skip - len(plain))
        if not (self._silent or self._off):
            self._bytes += plain

    def _emit(self, text: str) -> None:
        if self._bytes:
            self._out.append(decode(bytes(self._bytes), self._charset)[0])
            self._bytes.clear()
        if text and not (self._silent or self._off):
            self._out.append(text)
