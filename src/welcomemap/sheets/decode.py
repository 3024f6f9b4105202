"""Which encoding is this text in?"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass

from welcomemap.errors import EncodingError, Place, TextEncodingWarning

SAMPLE_BYTES = 4096
SHARE_OF_NULS_IN_UTF16 = 0.3
UTF8_SEQUENCES = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
HIGH_BYTES = re.compile(rb"[\x80-\xff]")
MEND = "Save the table as CSV UTF-8."


@dataclass(frozen=True)
class DecodedText:
    """Text with the encoding it was read in, and a warning where that was not plain UTF-8."""

    text: str
    encoding: str
    warnings: tuple[TextEncodingWarning, ...]


def decode_text(content: bytes, name: str) -> DecodedText:
    """Decode the bytes of a text file: UTF-8, with byte-order mark, UTF-16 or Windows-1252.

    Parameters
    ----------
    content
        The whole file.
    name
        File name for messages.

    Raises
    ------
    EncodingError
        If the bytes fit none of these, or mix UTF-8 with something else.
    """
    if content.startswith(BOM_UTF8):
        text = _decode(content, "utf-8-sig", name)
        return _warned(text, "utf-8-sig", name, "begins with a byte-order mark (UTF-8 with BOM)")
    utf16 = _find_utf16(content)
    if utf16 is not None:
        return _warned(_decode(content, utf16, name), "utf-16", name, "is UTF-16, not UTF-8")
    try:
        return DecodedText(content.decode("utf-8"), "utf-8", ())
    except UnicodeDecodeError as error:
        if _is_mostly_utf8(content):
            raise _encoding_error(content, "utf-8", error.start, name) from error
    text = _decode(content, "cp1252", name)
    return _warned(text, "windows-1252", name, "is not UTF-8; it was read as Windows-1252")


def _find_utf16(content: bytes) -> str | None:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    sample = content[:SAMPLE_BYTES]
    if len(sample) < 4:
        return None
    half = len(sample) / 2
    if sample[1::2].count(0) / half > SHARE_OF_NULS_IN_UTF16 and not sample[0::2].count(0):
        return "utf-16-le"
    if sample[0::2].count(0) / half > SHARE_OF_NULS_IN_UTF16 and not sample[1::2].count(0):
        return "utf-16-be"
    return None


def _is_mostly_utf8(content: bytes) -> bool:
    """Tell broken UTF-8 from another encoding: most high bytes form valid sequences."""
    in_sequences = sum(len(match) for match in UTF8_SEQUENCES.findall(content))
    return 2 * in_sequences > len(HIGH_BYTES.findall(content))


def _decode(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _encoding_error(content, encoding, error.start, name) from error


def _encoding_error(content: bytes, encoding: str, start: int, name: str) -> EncodingError:
    line = content.count(b"\n", 0, start) + 1
    return EncodingError(
        f"the text is not valid {encoding.upper()}: byte 0x{content[start]:02X} in line {line}",
        where=Place(name, row=max(line - 1, 1)),
        how=f"Expected UTF-8. {MEND}",
    )


def _warned(text: str, encoding: str, name: str, finding: str) -> DecodedText:
    message = f"the text {finding} ({Place(name)}). Check the umlauts. {MEND}"
    return DecodedText(text, encoding, (TextEncodingWarning(message),))
