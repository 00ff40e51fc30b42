"""What the import says of files and cells, in the reader's language: the register speaks English, as its log does.

A text below is a pattern as well: what stands at its places is put into the translation. What no text fits is shown as
it is.
"""

from __future__ import annotations

import re
from functools import cache

from flask_babel import gettext

from portal.register.catalogue import Catalogue
from portal.register.importing.naming import label


def N_(text: str) -> str:  # noqa: N802  (the name by which texts are found that are translated later)
    """Mark a text that is translated where it is shown."""
    return text


TEXTS = (
    N_("is missing"),
    N_("%(name)s is missing"),
    N_("is missing: %(scheme)s has levels"),
    N_("a new firm needs a name"),
    N_("the check digit is wrong"),
    N_("not a unified social credit code (18 characters)"),
    N_("write it in capitals, without spaces or signs"),
    N_("not a UEI (12 capitals and digits, no O or I, no leading 0)"),
    N_("not a UEI of 12 letters and digits"),
    N_("stored as a number, its digits beyond the 15th are lost: enter it as text"),
    N_("a number that a table program has rounded: enter it as text"),
    N_("a registration number as text, not a date or yes/no"),
    N_("unknown %(what)s: the catalogue's codes and names are known"),
    N_("means several things: the catalogue's codes and names are known"),
    N_("unknown level of %(scheme)s (known: %(known)s)"),
    N_("unknown level of %(scheme)s"),
    N_("%(scheme)s has no levels"),
    N_("unknown place"),
    N_("several places are called so: give the code"),
    N_("not a country: unknown, or the columns are shifted"),
    N_("not a date"),
    N_("not a date like 2024-03-05, 2024年3月5日 or 20240305"),
    N_("no such day: %(why)s"),
    N_("the year %(year)s is not plausible"),
    N_("before %(day)s, when it begins"),
    N_("before %(day)s"),
    N_("not a number"),
    N_("not a whole number"),
    N_("not a number of a possible size"),
    N_("less than 1"),
    N_("not from 0 to 100"),
    N_("not a web address"),
    N_("not an http(s) address"),
    N_("not in the form this list has"),
    N_("longer than %(most)s characters (%(count)s)"),
    N_("%(name)s without a certificate's scheme"),
    N_("an assessment needs its date and assessor"),
    N_("no criterion has a result"),
    N_("a value or evidence without a result"),
    N_("%(stated)s, but %(figure)s means %(found)s by the catalogue's threshold"),
    N_("a risk answer needs the day it was checked"),
    N_("line %(line)s says something else of the same, so all such rows are refused: which one is right?"),
    N_("line %(line)s says something else of the same edition"),
    N_("is not in the register: import its firm first"),
    N_("is not in the register"),
    N_("lies outside your territory"),
    N_("is being computed already"),
    N_("is there already as a draft: discard that first"),
    N_("is under public notice already"),
    N_("is published already, and editions never change"),
    N_("was taken back: a corrected list needs a code of its own"),
    N_("a firm is ranked twice"),
    N_("is held: an import that changed it is being undone, so try again later"),
    N_("%(cells)s cells below %(headings)s headings: columns shifted or the row cut off"),
    N_("cells to the right of the last heading: columns shifted"),
    N_("in another encoding than the rest of the file (%(encoding)s)"),
    N_("a cell of %(count)s characters, to line %(line)s: a quotation mark not closed?"),
    N_("unknown %(what)s"),
    N_("%(file)s: the file is empty"),
    N_("%(file)s: there are no rows below the headings"),
    N_("%(file)s: a JSON array; NDJSON has one object on each line"),
    N_("%(file)s: not a readable workbook: %(why)s"),
    N_("%(file)s: none of the source's headings in the first %(rows)s rows: not such a list"),
    N_("%(file)s: unpacked it has %(size)s MB: save it as CSV"),
    N_("not a CSV, XLSX or NDJSON file: it holds bytes that no text has"),
    N_("not a CSV, XLSX or NDJSON file: neither UTF-8, UTF-16 nor GB18030 reads it"),
    N_("the file lacks the column %(columns)s (it has: %(there)s)"),
    N_("the file has the column %(column)s twice"),
    N_("the file has columns twice: %(columns)s"),
    N_("the file is not the one that was handed in: hand it in again"),
    N_("the file is not there any more: hand it in again"),
    N_("more than %(most)s rows are refused by the register"),
    N_("more than %(most)s rows are refused, e.g. %(why)s"),
    N_("created"),
    N_("unchanged"),
    N_("not written: rows are refused"),
    N_("not written: refused"),
)

_WHAT = {
    "register": "supplier.scheme",
    "registration scheme": "supplier.scheme",
    "sector": "supplier.sector",
    "size": "supplier.size",
    "size class": "supplier.size",
    "status": "supplier.status",
    "registration status": "supplier.status",
    "industry": "supplier.industries",
    "process": "supplier.processes",
    "scheme": "certificate.scheme",
    "basis": "certificate.basis",
    "state": "certificate.state",
    "tier": "recognition.tier",
    "criterion": "assessment.criterion",
    "result": "assessment.result",
    "achievement": "achievement.kind",
}


def told(text: str, lang: str, catalogue: Catalogue) -> str:
    """A reason or message, in the reader's language."""
    for english, pattern in _patterns():
        if found := pattern.fullmatch(text):
            given = found.groupdict()
            if given.get("what") in _WHAT:
                given["what"] = label(_WHAT[given["what"]], lang, catalogue)
            return str(gettext(english, **given))
    return text


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for text in TEXTS:
        parts = re.split(r"%\((\w+)\)s", text)
        body = "".join(f"(?P<{part}>.+)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
        found.append((text, re.compile(body, re.DOTALL)))
    # the more a text says itself, the surer it is meant
    return sorted(found, key=lambda pair: len(re.sub(r"%\(\w+\)s", "", pair[0])), reverse=True)
