"""What a file is by its content, and whether it is harmless: `python -m portal.company.looking FILE PAGES`.

It runs as a process of its own (portal.company.files): whoever hands in a file chooses every byte of it, and a parser
that hangs or eats memory must take nothing else down. It prints one JSON object, and needs nothing of the portal.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import warnings
import zipfile
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

CPU_SECONDS = 10
MEMORY = 1 << 30

MOST_PIXELS = 64_000_000
"""More than phones take by default; decoded it fits into MEMORY."""

MOST_OBJECTS = 50_000
TAIL = 1024
"""So many bytes may follow the %%EOF of a PDF, as readers allow."""

ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"})
ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/RichMediaExecute"}
)
ACTIVE_KINDS = frozenset({"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})


class Fault(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    OTHER_TYPE = "other_type"
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    ACTIVE = "active"
    TWO_FILES = "two_files"
    TOO_MANY = "too_many"


class Refused(Exception):
    """The file is not taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Seen(NamedTuple):
    """What a file is."""

    type: str
    pages: int


def looked_at(path: Path, most_pages: int) -> Seen:
    """Look at a file. Raises Refused."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise Refused(Fault.EMPTY)
    if head.startswith(b"%PDF-"):
        seen = Seen("application/pdf", _pdf(path, most_pages))
    elif head.startswith(b"\xff\xd8\xff"):
        seen = Seen("image/jpeg", _image(path, "JPEG"))
    elif head.startswith(b"\x89PNG\r\n\x1a\n"):
        seen = Seen("image/png", _image(path, "PNG"))
    else:
        raise Refused(Fault.OTHER_TYPE)
    if zipfile.is_zipfile(path):
        raise Refused(Fault.TWO_FILES)
    return seen


def _image(path: Path, form: str) -> int:
    try:
        with Image.open(path, formats=(form,)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Refused(Fault.TOO_MANY_PIXELS)
            image.draft("L", (image.width // 8, image.height // 8))  # a JPEG is read to its end, in little memory
            image.load()
    except Image.DecompressionBombError:
        raise Refused(Fault.TOO_MANY_PIXELS) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, OverflowError):  # as Pillow's readers do
        raise Refused(Fault.BROKEN) from None
    if form == "PNG" and not path.read_bytes().rstrip(b"\0").endswith(b"IEND\xaeB`\x82"):
        raise Refused(Fault.TWO_FILES)
    return 1


def _pdf(path: Path, most_pages: int) -> int:
    _before, end, after = path.read_bytes().rpartition(b"%%EOF")
    if not end:
        raise Refused(Fault.BROKEN)
    if len(after) > TAIL:
        raise Refused(Fault.TWO_FILES)
    try:
        with PdfReader(path) as reader:
            if reader.is_encrypted:
                raise Refused(Fault.ENCRYPTED)
            _refuse_active(reader)
            pages = sum(1 for _page in zip(reader.pages, range(most_pages + 1), strict=False))
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError):
        raise Refused(Fault.BROKEN) from None
    if pages > most_pages:
        raise Refused(Fault.TOO_MANY_PAGES)
    if not pages:
        raise Refused(Fault.BROKEN)
    return pages


def _refuse_active(reader: PdfReader) -> None:
    """Whatever is in the file, whether a page leads to it or not."""
    plain = [(number, generation) for generation, found in reader.xref.items() for number in found]
    packed = [(number, 0) for number in reader.xref_objStm]
    if len(plain) + len(packed) > MOST_OBJECTS:
        raise Refused(Fault.BROKEN)
    for number, generation in (*plain, *packed):
        if number:
            _refuse_active_object(reader.get_object(IndirectObject(number, generation, reader)))
    _refuse_active_object(reader.trailer)


def _refuse_active_object(found: Any) -> None:
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            names = {str(one.raw_get(key)) for key in ("/S", "/Type", "/Subtype") if key in one}
            if ACTIVE_KEYS & one.keys() or names & (ACTIVE_ACTIONS | ACTIVE_KINDS):
                raise Refused(Fault.ACTIVE)
            waiting += (one.raw_get(key) for key in one)
        elif isinstance(one, ArrayObject):
            waiting += list.__iter__(one)  # what is referred to is looked at by itself


def main(path: str, pages: str) -> None:
    """Look at one file, within bounds."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    logging.disable()
    warnings.simplefilter("ignore")
    try:
        answer: dict[str, Any] = looked_at(Path(path), int(pages))._asdict()
    except Refused as refused:
        answer = {"fault": refused.fault}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
