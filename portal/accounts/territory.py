"""GET, POST /organisation/members/<id>/territory: the regions and sectors that a member of staff is limited to."""

from __future__ import annotations

import re

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.exceptions import NotFound
from wtforms import SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from portal.accounts.blueprint import INVALID, blueprint
from portal.accounts.words import refusal_words
from portal.extensions import db
from portal.identity.organisations import Refused, set_territory
from portal.models import OrganisationKind, User
from portal.register.catalogue import Catalogue
from portal.services import services
from portal.web.forms import Form, at_most
from portal.web.guard import owned
from portal.web.i18n import language
from portal.web.permissions import Permission, needs
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing

CODES = re.compile(r"[,，;；、\s]+")


class TerritoryForm(Form):
    """Provinces to tick, smaller places by their codes, sectors to tick; nothing of a kind: not limited by it."""

    provinces = SelectMultipleField(lazy_gettext("Provinces"))
    places = StringField(lazy_gettext("Cities, counties and other places, by their codes"), [at_most(400)])
    sectors = SelectMultipleField(lazy_gettext("Sectors"))

    def offer(self, catalogue: Catalogue) -> TerritoryForm:
        """The same form with what the catalogue has."""
        lang = language()
        provinces = (region for region in catalogue.regions.values() if region.kind == "province")
        self.provinces.choices = [SelectChoice(region.code, region.name(lang)) for region in provinces]
        self.sectors.choices = [SelectChoice(code, named.name(lang)) for code, named in catalogue.sectors.items()]
        return self

    def show(self, user: User) -> TerritoryForm:
        """What is set now."""
        tops = {choice.value for choice in self.provinces.choices}
        self.provinces.data = [code for code in user.regions if code in tops]
        self.places.data = ", ".join(code for code in user.regions if code not in tops)
        self.sectors.data = list(user.sectors)
        return self

    @property
    def codes(self) -> list[str]:
        """The codes that were typed."""
        return [code for code in CODES.split(self.places.data or "") if code]

    def validate_places(self, _field: StringField) -> None:
        """Places that there are."""
        unknown = [code for code in self.codes if code not in services().catalogue.regions]
        if unknown:
            raise ValidationError(_("There is no place of the code %(codes)s.", codes=", ".join(unknown)))


@blueprint.route("/organisation/members/<int:identifier>/territory", methods=["GET", "POST"])
@needs(Permission.MANAGE_ORGANISATIONS)
def territory(identifier: int) -> ResponseReturnValue:
    """`accounts/territory.html`: `form`, `member`. Of the administrator's own organisation, which is a ministry."""
    member = owned(db.session(), User, identifier)
    if signed_in().organisation_kind != OrganisationKind.MINISTRY:
        raise NotFound
    form = TerritoryForm().offer(services().catalogue)
    if not form.is_submitted():
        return render_template("accounts/territory.html", form=form.show(member), member=member)
    if not form.validate():
        return render_template("accounts/territory.html", form=form, member=member), INVALID
    try:
        with writing() as session:
            found = owned(session, User, identifier)
            codes = [*form.provinces.data, *form.codes]
            changed = set_territory(act_of(session, signed_in()), found, codes, form.sectors.data)
        done = _("The territory of %(name)s was saved.", name=member.name)
        flash(done if changed else _("Nothing was changed: it was so already."))
    except Refused as refused:
        flash(refusal_words(refused.reason), "warn")
    return redirect(url_for("accounts.organisation"))
