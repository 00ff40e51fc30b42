"""What axe finds on a page, every fold open."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(page: Page) -> list[str]:
    """A line for each place, with the page's address."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    report = Axe().run(page)
    return [
        f"{page.url}: {found['id']}: {node['html'][:160]}"
        for found in report.response["violations"]
        for node in found["nodes"][:3]
    ]
