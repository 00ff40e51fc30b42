"""Fields that are one of several choices."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import RadioField, SelectField, ValidationError


class _Chosen:
    """Of a field: one of its choices must be chosen. What is wrong is said in the reader's language."""

    def pre_validate(self, _form: Any) -> None:
        """Refuse nothing, and what was not offered."""
        if self.data not in {choice.value for choice in self.choices}:  # type: ignore[attr-defined]
            raise ValidationError(_("Choose one."))


class Radio(_Chosen, RadioField):
    """One of a few."""


class Select(_Chosen, SelectField):
    """One of many."""
