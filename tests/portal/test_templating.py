"""Texts in templates: put in when a language's template is compiled, and formatted as if they were looked up."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.web.templating import PortalEnvironment

DAY = "<b>1 May</b>"
TEXTS = {
    "{{ _('Sort by') }}": ("排序", "Sort by"),
    "{{ _('to %(day)s', day=day) }}": ("至 &lt;b&gt;1 May&lt;/b&gt;", "to &lt;b&gt;1 May&lt;/b&gt;"),
    "{{ _('top %(top)s %%', top=3) }}": ("前 3 %", "top 3 %"),
    "{{ _('to %(day)s', day=_('Sort by')) }}": ("至 排序", "to Sort by"),
    "{{ _('Sort by') if day else day }}": ("排序", "Sort by"),
    "{% set labels = {'a': _('Sort by')} %}{{ labels.a|upper }}": ("排序", "SORT BY"),
    "{{ ['<', 'b']|join(_('; ')) }}": ("&lt;；b", "&lt;; b"),
    "{% set text = 'Sort by' %}{{ _(text) }}": ("排序", "Sort by"),
    "{{ (_('to %(day)s', day=day)|string)[:2] }}": ("至 ", "to"),
    "{{ ngettext('%(num)s day left', '%(num)s days left', 2) }}": ("还剩 2 天", "2 days left"),
    "{% macro m() %}{{ _('Sort by') }}{% endmacro %}{{ m() }}": ("排序", "Sort by"),
}
"""A template → what it makes of DAY in Chinese and in English."""


@pytest.mark.parametrize("template", TEXTS)
def test_each_language_has_its_texts(portal_app: Flask, template: str) -> None:
    for lang, expected in zip(("zh", "en"), TEXTS[template], strict=True):
        with portal_app.test_request_context(f"/?lang={lang}"):
            environment = portal_app.jinja_env
            assert isinstance(environment, PortalEnvironment)
            assert environment.localised().from_string(template).render(day=DAY) == expected
            # As Jinja does it by itself, text by text.
            assert environment.from_string(template).render(day=DAY) == expected


def test_what_is_compiled_for_one_language_is_not_shown_in_the_other(portal_app: Flask) -> None:
    visitor = portal_app.test_client()
    for lang, word in (("zh", "排序"), ("en", "Sort by"), ("zh", "排序")):
        assert f'<label for="sort">{word}</label>' in visitor.get(f"/suppliers?lang={lang}").text
