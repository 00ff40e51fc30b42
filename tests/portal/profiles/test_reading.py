"""What a form's fields become: whatever is typed, the content is clean and bounded, and what is wrong has a name."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import PROFILE_GROUPS
from portal.profiles.cleaning import clean_line, clean_text
from portal.profiles.content import GROUPS, Content, decoded, encoded, items_of
from portal.profiles.places import place_names
from portal.profiles.reading import Read, Typed, read, typed_content, typed_of
from portal.register.catalogue import Catalogue
from tests.portal.profiles.strategies import CONTENTS

TYPED = st.text(max_size=60) | st.sampled_from(
    [
        "",
        "a" * 5000,
        "<script>alert(1)</script>",
        "\u202egnp.exe",
        "a\u200bb",
        "2026-02-30",
        "javascript:alert(1)",
        "－１",
    ]
)
FIELDS = st.dictionaries(
    st.sampled_from(
        [
            f"{name}-{place}-{column.name}"
            for name, group in GROUPS.items()
            for column in group.columns
            for place in (0, 1)
        ]
        + [f"{name}-audience" for name in GROUPS]
        + ["products-0-remove", "products-999999-zh", "nonsense", "-0-", "products--zh"]
    ),
    TYPED,
)


def typed(catalogue: Catalogue, **fields: str) -> Read:
    return read(typed_of({name.replace("_0_", "-0-"): text for name, text in fields.items()}.items()), catalogue)


@given(fields=FIELDS)
def test_whatever_is_typed_nothing_hidden_and_nothing_too_long_is_kept(
    catalogue: Catalogue, fields: dict[str, str]
) -> None:
    done = read(typed_of(fields.items()), catalogue)
    for group in GROUPS.values():
        items: tuple[Any, ...] = items_of(done.content, group)
        assert len(items) <= max(group.many, 1)
        for item in items:
            for column in group.columns:
                value = getattr(item, column.name)
                text = "" if value is None else str(value)
                assert len(text) <= column.most
                assert not [
                    sign for sign in text if unicodedata.category(sign) in {"Cc", "Cf"} and sign not in "\n\u200d"
                ]
    assert all(re.match(rf"({'|'.join(GROUPS)})(-\d+-[a-z_]+)?$", name) for name in done.faults)
    assert decoded(encoded(done.content)) == done.content


@given(content=CONTENTS)
def test_a_content_comes_back_from_its_form_as_it_was(catalogue: Catalogue, content: Content) -> None:
    content = decoded(encoded(content))
    once = read(typed_content(content, catalogue, "zh"), catalogue)
    assert once.faults == {}
    again = read(typed_content(once.content, catalogue, "en"), catalogue)
    assert again.content == once.content


@pytest.mark.parametrize(
    "address",
    [
        *(
            "javascript:alert(1)",
            "www.example.com",
            "http://",
            "https://localhost",
            "ftp://example.com",
            "http:// a.com",
        ),
        *("https://user:pass@example.com", "http://[::1", 'https://example.com/"onclick=', "data:text/html,x"),
    ],
)
def test_an_address_that_is_none_is_refused(catalogue: Catalogue, address: str) -> None:
    done = typed(catalogue, website_0_url=address)
    assert done.faults["website-0-url"].code == "url"
    assert done.content.website.url == ""


def test_a_hundred_thousand_characters_are_refused_and_kept_in_the_form(catalogue: Catalogue) -> None:
    long = "长" * 100_000
    done = typed(catalogue, description_0_zh=long, products_0_zh="轴承")
    assert (done.faults["description-0-zh"].code, done.faults["description-0-zh"].bound) == ("long", 3000)
    assert done.typed.items["description"][0]["zh"] == long
    assert done.content.products[0].zh == "轴承"


def test_lists_are_bounded(catalogue: Catalogue) -> None:
    done = read(typed_of((f"contacts-{place}-person", "王") for place in range(150)), catalogue)
    assert (done.faults["contacts"].code, done.faults["contacts"].bound) == ("items", 10)


def test_an_entry_must_say_what_it_is_about(catalogue: Catalogue) -> None:
    assert typed(catalogue, equipment_0_year="2020").faults["equipment-0-name"].code == "missing"
    assert typed(catalogue, processes_0_capacity="5 t").faults["processes-0-code"].code == "missing"
    assert typed(
        catalogue,
        certificates_0_name="A",
        certificates_0_issued_on="2026-02-01",
        certificates_0_expires_on="2026-01-01",
    ).faults.keys() == {"certificates-0-expires_on"}


def test_entries_taken_out_and_empty_ones_are_gone(catalogue: Catalogue) -> None:
    fields = {"products-0-zh": "甲", "products-0-remove": "1", "products-1-zh": " ", "products-5-zh": "乙"}
    assert [one.zh for one in read(typed_of(fields.items()), catalogue).content.products] == ["乙"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_places_are_understood_in_either_language(catalogue: Catalogue, lang: str) -> None:
    label = place_names(catalogue).label("330206", lang)
    for place in ("330206", label, label.replace(" ", ""), label.replace(" ", ", ").upper()):
        done = typed(catalogue, sites_0_region=place)
        assert (done.faults, done.content.sites[0].region) == ({}, "330206")


def test_a_place_that_is_none_or_many_is_refused(catalogue: Catalogue) -> None:
    for place in ("亚特兰蒂斯", "市中区"):
        assert typed(catalogue, sites_0_region=place).faults["sites-0-region"].code == "place"


def test_emoji_stay_and_marks_nobody_sees_go() -> None:
    assert clean_line("👩\u200d🔧 ✂\ufe0f 工厂🏭") == "👩\u200d🔧 ✂\ufe0f 工厂🏭"
    assert clean_line("轴\u200b承\u202e\u2066abc\ufeff\u200d") == "轴承abc"
    assert clean_text("a\r\n\r\n\r\n\r\nb\u2028c\x00\x07") == "a\n\nb\nc"


def test_the_setting_names_the_groups_there_are() -> None:
    assert set(PROFILE_GROUPS) == set(GROUPS)


def test_an_empty_form_is_an_empty_content(catalogue: Catalogue) -> None:
    assert read(Typed(), catalogue).content == Content()
