"""From the bytes of a text file to its lines: which encoding it is in, and which of its lines are not.

UTF-8 (with and without a byte order mark), UTF-16 and GB18030 (so GBK and GB2312) are told apart by content. A file
pasted together from two encodings is read line by line, and the lines that fall out are named, never guessed at.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from portal.register.importing.problems import ImportFileError

CHUNK = 1 << 16
MAX_LINE = 32 << 20
"""Bytes of a line; a longer one is no line of a table."""

_THREE_BYTES = re.compile(rb"[\xe1-\xef][\x80-\xbf]{2}")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(slots=True)
class TextLines:
    """A text file's lines, decoded. `encoding` is its own; `strange` gathers the numbers of lines in another one.

    Iterating starts from the top each time. Raises ImportFileError for what no encoding reads.
    """

    path: Path
    encoding: str
    mark: int = 0
    strange: set[int] = field(default_factory=set)

    def __iter__(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            file.seek(self.mark)
            if self.encoding.startswith("utf-16"):
                yield from self._wide(file)
                return
            for number, raw in enumerate(_raw_lines(file), start=1):
                yield self._decoded(number, raw)

    def _wide(self, file: BinaryIO) -> Iterator[str]:
        try:
            with io.TextIOWrapper(file, encoding=self.encoding, newline="") as lines:
                yield from lines
        except UnicodeDecodeError as error:
            raise ImportFileError(f"not a CSV, XLSX or NDJSON file, or broken UTF-16: {error.reason}") from None

    def _decoded(self, number: int, raw: bytes) -> str:
        if raw.isascii():
            return raw.decode("ascii")
        other = "gb18030" if self.encoding == "utf-8" else "utf-8"
        if self.encoding == "gb18030" and _is_utf8(raw) and _THREE_BYTES.search(raw):
            self.strange.add(number)
            return raw.decode("utf-8")
        try:
            return raw.decode(self.encoding)
        except UnicodeDecodeError:
            self.strange.add(number)
            return raw.decode(other, errors="replace")


def text_lines(path: Path) -> TextLines:
    """The lines of a text file in the encoding it is in. Raises ImportFileError for a file that is no text."""
    with path.open("rb") as file:
        head = file.read(CHUNK)
        for mark, encoding in _MARKS:
            if head.startswith(mark):
                return TextLines(path, encoding, len(mark))
        if b"\0" in head:
            return TextLines(path, _wide_without_mark(head))
        file.seek(0)
        return TextLines(path, _eight_bit(file))


def _wide_without_mark(head: bytes) -> str:
    """UTF-16 shows by zero bytes on one side only."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 8 * even:
        return "utf-16-le"
    if even > 8 * odd:
        return "utf-16-be"
    raise ImportFileError("not a CSV, XLSX or NDJSON file: it holds bytes that no text has")


def _eight_bit(file: BinaryIO) -> str:
    """UTF-8 or GB18030: whichever reads more of the lines that are not plain ASCII."""
    utf8 = gb = neither = 0
    for raw in _raw_lines(file):
        if raw.isascii():
            continue
        if _is_utf8(raw):
            utf8 += 1
        elif _is_gb18030(raw):
            gb += 1
        else:
            neither += 1
    if neither > max(utf8, gb):
        raise ImportFileError("not a CSV, XLSX or NDJSON file: neither UTF-8, UTF-16 nor GB18030 reads it")
    return "gb18030" if gb > utf8 else "utf-8"


def _raw_lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines with their ends; a file with carriage returns alone (old Macs) is split at these."""
    start = file.tell()
    head = file.read(CHUNK)
    file.seek(start)
    if b"\n" in head or b"\r" not in head:
        while line := file.readline(MAX_LINE):
            if len(line) == MAX_LINE:
                raise ImportFileError(f"not a CSV or NDJSON file: a line has more than {MAX_LINE >> 20} MB")
            yield line
        return
    rest = b""
    while chunk := file.read(CHUNK):
        *lines, rest = (rest + chunk).split(b"\r")
        yield from (line + b"\n" for line in lines)
    if rest:
        yield rest


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_gb18030(raw: bytes) -> bool:
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
