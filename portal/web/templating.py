"""Templates compiled once a language, with their texts put in as constants.

A result page holds about 280 texts; looking each up and formatting it anew took a fifth of the page's time. Yet a text
is known when its template is compiled, and only what is put into it differs. So each language has an environment of its
own, in which `_('Sort by')` is a constant of the compiled template, and `_('to %(day)s', day=end)` the pieces of the
text around the value. What cannot be resolved so (plurals, a text within an expression) is looked up as before.
"""

from __future__ import annotations

import re
from gettext import NullTranslations
from typing import Any

import flask
from flask import Flask
from flask.templating import Environment
from flask_babel import get_translations
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from portal.web.i18n import Lang, language

_PLACE = re.compile(r"%(?:\((\w+)\)s|(%))")
"""What texts are formatted by: `%(name)s` and `%%`."""


class PortalEnvironment(Environment):
    """Flask's environment, which makes one for each language. `texts`: those of its language; None in the first one."""

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self.texts: NullTranslations | None = None
        self._languages: dict[Lang, PortalEnvironment] = {}

    def localised(self) -> PortalEnvironment:
        """The environment of the present request's language, made when it is first asked for."""
        lang = language()
        if lang not in self._languages:
            made = self.overlay()
            made.texts = get_translations()
            self._languages[lang] = made  # of two threads the later one wins: the same, compiled twice
        return self._languages[lang]

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        # Jinja's hook for those who generate otherwise.
        if self.texts is not None:
            source = Translating(self.texts).visit(source)
        return super()._generate(source, name, filename, defer_init)


def render_template(name: str, /, **given: Any) -> str:
    """The page that a template makes of what it is given, in the request's language. In the place of Flask's."""
    environment: PortalEnvironment = flask.current_app.jinja_env  # type: ignore[assignment]  # create_app says so
    return flask.render_template(environment.localised().get_template(name), **given)


class Translating(NodeTransformer):
    """Puts one language's texts in the place of calls of `_` in a template's tree."""

    def __init__(self, texts: NullTranslations) -> None:
        self.texts = texts

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802  (Jinja's name)
        """What is written out: a text with values in it becomes its pieces and the values, in turn."""
        node.nodes = [written for child in node.nodes for written in self._pieces(child) or [self.visit(child)]]
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802
        """A text within an expression: a constant if nothing is put into it."""
        pieces = self._pieces(node)
        if len(pieces) == 1 and isinstance(pieces[0], nodes.TemplateData):
            return nodes.MarkSafe(nodes.Const(pieces[0].data), lineno=node.lineno)
        self.generic_visit(node)
        return node

    def _pieces(self, node: nodes.Expr) -> list[nodes.Expr]:
        """A call of `_` as constants and values in turn; empty for anything else."""
        if not (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "_"):
            return []
        if len(node.args) != 1 or not isinstance(node.args[0], nodes.Const) or node.dyn_kwargs is not None:
            return []
        values = {pair.key: pair.value for pair in node.kwargs}
        found: list[nodes.Expr] = []
        # split() by two groups: constant, name or None, percent sign or None, constant …
        parts = _PLACE.split(self.texts.gettext(node.args[0].value))
        for place in range(0, len(parts), 3):
            found.append(nodes.TemplateData(parts[place], lineno=node.lineno))
            if place + 3 < len(parts):
                name, percent = parts[place + 1 : place + 3]
                found.append(nodes.TemplateData(percent) if percent else self.visit(values[name]))
        return found
