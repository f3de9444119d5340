"""What a file is, from its first bytes; the name and the browser's word are not trusted.

Used while a recording is uploaded and when it is accepted. The list is the formats
that the API documents (contract 2.6), plus WebM.
"""

#: How much of a file has to be there for a verdict.
HEAD_BYTES = 4096

# Types that a few bytes at a fixed place tell: (media type, ((offset, bytes), ...)).
SIGNATURES: tuple[tuple[str, tuple[tuple[int, bytes], ...]], ...] = (
    ("audio/wav", ((0, b"RIFF"), (8, b"WAVE"))),
    ("audio/wav", ((0, b"RF64"), (8, b"WAVE"))),
    ("audio/flac", ((0, b"fLaC"),)),
    ("audio/ogg", ((0, b"OggS"),)),
    ("audio/aiff", ((0, b"FORM"), (8, b"AIFF"))),
    ("audio/aiff", ((0, b"FORM"), (8, b"AIFC"))),
    ("audio/amr", ((0, b"#!AMR"),)),
    ("audio/ac3", ((0, b"\x0b\x77"),)),
    ("audio/x-ms-wma", ((0, bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")),)),
    ("video/webm", ((0, b"\x1a\x45\xdf\xa3"),)),
)
# A second look where the signature alone is carried by other things as well.
MUST_CONTAIN = {"audio/wav": (b"fmt ",), "video/webm": (b"webm", b"matroska")}
AUDIO_ONLY_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
MP4_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"qt  ",
              b"M4V ", b"MSNV", b"dash", b"3gp4", b"3gp5", b"3gp6")  # fmt: skip
# Per MPEG version, sample rates by index; per version and layer III, bit rates by index.
MPEG_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
MPEG_KBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def sniff(head: bytes) -> str | None:
    """Return the media type that the first 4096 bytes (or all) show; None if not accepted."""
    for media_type, marks in SIGNATURES:
        if all(head[place : place + len(mark)] == mark for place, mark in marks):
            needed = MUST_CONTAIN.get(media_type)
            return media_type if not needed or any(mark in head for mark in needed) else None
    return _mp4(head[8:12]) if head[4:8] == b"ftyp" else _mpeg(head)


def _mp4(brand: bytes) -> str | None:
    if brand in AUDIO_ONLY_BRANDS:
        return "audio/mp4"
    return "video/mp4" if brand in MP4_BRANDS else None


def _mpeg(head: bytes) -> str | None:
    if head[:3] == b"ID3":
        plausible = len(head) >= 10 and head[3] in (2, 3, 4) and max(head[6:10]) < 0x80
        return "audio/mpeg" if plausible else None
    if len(head) >= 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    length = _frame_length(head)
    # One frame header is four bytes that text can show by chance; two in a row are not.
    if length and (len(head) < length + 4 or _frame_length(head[length:])):
        return "audio/mpeg"
    return None


def _frame_length(head: bytes) -> int | None:
    """Return the length in bytes of the MPEG layer III frame that `head` starts with."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    kbit_index, rate_index, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if layer != 1 or version == 1 or kbit_index in (0, 15) or rate_index == 3:
        return None
    newest = version == 3
    return (144 if newest else 72) * MPEG_KBITS[newest][kbit_index] * 1000 // MPEG_RATES[version][
        rate_index
    ] + padding
