"""Links to pages: first, last, and those around the present one, with gaps between."""

from __future__ import annotations

from collections.abc import Callable

from portal.web.screens import PageLink

AROUND = 2
"""Pages linked on either side of the present one."""


def page_links(present: int, last: int, url: Callable[[int], str]) -> tuple[PageLink, ...]:
    """The links; `url` gives the address of a page."""
    near = range(present - AROUND, present + AROUND + 1)
    numbers = sorted({number for number in (1, *near, last) if 1 <= number <= last})
    links: list[PageLink] = []
    before = 0
    for number in numbers:
        if number > before + 1:
            links.append(PageLink(label="…", url=None, current=False))
        current = number == present
        links.append(PageLink(label=str(number), url=None if current else url(number), current=current))
        before = number
    return tuple(links)
