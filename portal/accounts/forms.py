"""Forms. What a field refuses stands at the field, in the reader's language; WTForms' own words are not used."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import Field, HiddenField, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from portal.identity.names import MAX_NAME, normalised
from portal.identity.passwords import LONGEST, SHORTEST, PasswordProblem, password_problem
from portal.models import OrganisationKind, Role
from portal.register.registration import UEI, USCC, number_problem
from portal.web.forms import REQUIRED, Form, at_most
from portal.web.presenters.labels import role_labels


class SignInForm(Form):
    """GET, POST /sign-in."""

    sign_in = StringField(lazy_gettext("E-mail address or phone number"), [REQUIRED, at_most(MAX_NAME)])
    password = PasswordField(lazy_gettext("Password"), [REQUIRED])
    next = HiddenField()


class CodeForm(Form):
    """The code of an authenticator app, or a recovery code."""

    code = StringField(lazy_gettext("One-time code"), [REQUIRED, at_most(40)])


def sign_in_name(_form: Form, field: Field) -> None:
    """Validator: an e-mail address or a phone number; the field's data becomes the normalised one."""
    name = normalised(field.data or "")
    if not name:
        raise ValidationError(
            _("Enter an e-mail address such as wang@example.com, or a phone number such as 138 0013 8000 or +49 …")
        )
    field.data = name


def registration_number(_form: Form, field: Field) -> None:
    """Validator: a number of a scheme the register knows; the field's data becomes (scheme, number)."""
    number = "".join(unicodedata.normalize("NFKC", field.data or "").upper().split())
    for scheme in (USCC, UEI):
        if not number_problem(scheme, number):
            field.data = number
            field.scheme = scheme
            return
    problem = number_problem(USCC, number)
    if len(number) == 18 and "digit" in problem:
        raise ValidationError(
            _("The check digit of this unified social credit code is wrong. Is there a typing error?")
        )
    raise ValidationError(_("Enter the unified social credit code (18 characters), or a UEI (12 characters)."))


class SignUpForm(Form):
    """GET, POST /sign-up."""

    kind = SelectField(
        lazy_gettext("Your organisation"),
        [REQUIRED],
        choices=[
            SelectChoice(OrganisationKind.BUYER.value, lazy_gettext("buys: a manufacturer that looks for suppliers")),
            SelectChoice(
                OrganisationKind.SUPPLIER.value, lazy_gettext("supplies: a small or medium-sized manufacturer")
            ),
        ],
    )
    organisation = StringField(lazy_gettext("Name of the organisation"), [REQUIRED, at_most(200)])
    number = StringField(lazy_gettext("Registration number"), [REQUIRED, at_most(64), registration_number])
    name = StringField(lazy_gettext("Your name"), [REQUIRED, at_most(120)])
    sign_in = StringField(lazy_gettext("E-mail address or phone number"), [REQUIRED, at_most(MAX_NAME), sign_in_name])


class NameForm(Form):
    """Only a sign-in name: whom to send a message."""

    sign_in = StringField(lazy_gettext("E-mail address or phone number"), [REQUIRED, at_most(MAX_NAME), sign_in_name])


class TypedCodeForm(NameForm):
    """The code that was sent by SMS."""

    code = StringField(lazy_gettext("Code from the message"), [REQUIRED, at_most(20)])


class NewPasswordForm(Form):
    """A new password, twice; `own_names` are refused as passwords."""

    own_names: Iterable[str] = ()
    password = PasswordField(lazy_gettext("New password"), [REQUIRED])
    again = PasswordField(lazy_gettext("The same again"), [REQUIRED])

    def validate_password(self, field: Field) -> None:
        """The rules of `portal.identity.passwords`."""
        problem = password_problem(field.data or "", self.own_names)
        if problem is not None:
            raise ValidationError(PASSWORD_WORDS[problem]())

    def validate_again(self, field: Field) -> None:
        """Both are the same."""
        if field.data != self.password.data:
            raise ValidationError(_("The two are not the same."))


class InvitedForm(NewPasswordForm):
    """Who was invited says their name too."""

    name = StringField(lazy_gettext("Your name"), [REQUIRED, at_most(120)])


class ProfileForm(Form):
    """Name and language."""

    name = StringField(lazy_gettext("Your name"), [REQUIRED, at_most(120)])
    language = SelectField(
        lazy_gettext("Language of messages and pages"),
        [REQUIRED],
        choices=[SelectChoice("zh", "中文"), SelectChoice("en", "English")],
    )


class ChangePasswordForm(NewPasswordForm):
    """The present password and a new one."""

    present = PasswordField(lazy_gettext("Present password"), [REQUIRED])


class PresentPasswordForm(Form):
    """For what a thief of an open browser must not do."""

    present = PasswordField(lazy_gettext("Your password"), [REQUIRED])


class InviteForm(Form):
    """Whom to invite; the roles are those of the organisation's kind."""

    sign_in = StringField(lazy_gettext("E-mail address or phone number"), [REQUIRED, at_most(MAX_NAME), sign_in_name])
    role = SelectField(lazy_gettext("Role"), [REQUIRED])

    def offer(self, roles: Iterable[Role]) -> InviteForm:
        """The same form with these roles to choose from."""
        self.role.choices = [SelectChoice(role.value, role_label(role)) for role in roles]
        return self


class RoleForm(Form):
    """A member's role."""

    role = SelectField(lazy_gettext("Role"), [REQUIRED])

    def offer(self, roles: Iterable[Role]) -> RoleForm:
        """The same form with these roles to choose from."""
        self.role.choices = [SelectChoice(role.value, role_label(role)) for role in roles]
        return self


PASSWORD_WORDS: dict[PasswordProblem, Callable[[], str]] = {
    PasswordProblem.TOO_SHORT: lambda: _("At least %(count)s characters.", count=SHORTEST),
    PasswordProblem.TOO_LONG: lambda: _("At most %(max)d characters.", max=LONGEST),
    PasswordProblem.COMMON: lambda: _(
        "Too many people use this one, or one like it. Several unrelated words are better."
    ),
    PasswordProblem.OWN_NAME: lambda: _("It is hardly more than your name, address or organisation."),
}


def role_label(role: str) -> str:
    """A role in the reader's language."""
    return role_labels()[Role(role)]
