"""Files that people hand in as proof, good ones and hostile ones, made here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


def pdf(pages: int = 1, *, password: str = "", action: str = "", attached: bool = False) -> bytes:
    """Blank pages, with what is asked for."""
    writer, out = PdfWriter(), io.BytesIO()
    for _page in range(pages):
        writer.add_blank_page(595, 842)
    if attached:
        writer.add_attachment("x.exe", b"MZ")
    if action:
        does = DictionaryObject({NameObject("/S"): NameObject(action), NameObject("/F"): TextStringObject("calc")})
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(does)
    if password:
        writer.encrypt("", password)
    writer.write(out)
    return out.getvalue()


def image(form: str = "JPEG", size: tuple[int, int] = (400, 300)) -> bytes:
    """A picture, such as a phone takes."""
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, form)
    return out.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few KB that says it is 3.6 thousand million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def archive() -> bytes:
    """A ZIP, which readers find by its end."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("x.html", "<script>alert(1)</script>")
    return out.getvalue()
