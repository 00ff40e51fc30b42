"""`make screenshot`: pictures of the portal with sample firms; the one in README is docs/search.png."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from pathlib import Path

import requests
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.conftest import ROOT, Portal, start_portal
from tests.conftest import CHROMIUM_FLAGS

SIZES: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def pages(portal: Portal) -> dict[str, str]:
    """Names and addresses of the pictures."""
    items = requests.get(
        f"{portal.url}/api/v1/suppliers?has=certificate&has=assessment&sort=rank&per_page=3", timeout=10
    ).json()["items"]
    ids = "&".join(f"id={item['id']}" for item in items)
    edition = requests.get(f"{portal.url}/api/v1/editions", timeout=10).json()["items"][0]["code"]
    return {
        "home": "/",
        "search": "/suppliers?q=轴承&has=certificate",
        "criteria-facet": "/suppliers?has=certificate&sector=machinery&panel=criteria&criteria=X01-20,X03-01&sort=fit",
        "table": "/suppliers?has=certificate&sort=rank&view=table",
        "nothing": "/suppliers?q=轴称&has=certificate&sector=textiles",
        "supplier": f"/suppliers/{items[0]['id']}",
        "compare": f"/compare?{ids}",
        "criteria": "/criteria?find=能耗",
        "edition": f"/editions/{edition}",
        "about": "/about",
        "api": "/api",
        "error": "/suppliers/CN-USCC/nothing",
    }


def take(browser: Browser, portal: Portal, folder: Path) -> None:
    """A picture of every page in both languages and sizes."""
    for lang in ("en", "zh"):
        for size, viewport in SIZES.items():
            context = browser.new_context(
                base_url=portal.url, viewport=viewport, extra_http_headers={"Accept-Language": lang}
            )
            page = context.new_page()
            for name, address in pages(portal).items():
                page.goto(address)
                page.screenshot(path=folder / f"{name}-{lang}-{size}.png", full_page=size == "phone")
            context.close()


def main(folder: Path) -> None:
    """Start a portal, take the pictures, renew README's, stop it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        portal, server = start_portal(Path(data), firms=3000)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))
                take(browser, portal, folder)
                shutil.copy(folder / "search-en-wide.png", ROOT / "docs" / "search.png")
                browser.close()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"))
