"""The form of an alert."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from portal.models import Alert, AlertChannel, Cadence
from portal.notices.guarded import MAX_URL, Fault, Refused
from portal.services import services
from portal.web.forms import Form
from portal.workspace.alerts import Way


class AlertForm(Form):
    """How often, and where to. The address is asked for a webhook only, and refused where it leads inside."""

    cadence = SelectField(
        lazy_gettext("How often"),
        choices=[
            SelectChoice(Cadence.DAILY.value, lazy_gettext("daily, at 08:00 China time")),
            SelectChoice(Cadence.WEEKLY.value, lazy_gettext("weekly, Mondays at 08:00 China time")),
        ],
    )
    channel = SelectField(
        lazy_gettext("Where to"),
        choices=[
            SelectChoice(AlertChannel.MAIL.value, lazy_gettext("to me, at the address I sign in with")),
            SelectChoice(AlertChannel.WEBHOOK.value, lazy_gettext("to a program of ours (webhook)")),
        ],
    )
    url = StringField(lazy_gettext("Address of the webhook"))

    def __init__(self, alert: Alert | None = None, **stated: object) -> None:
        super().__init__(obj=alert, **stated)
        self._kept = alert

    def validate_url(self, field: Field) -> None:
        """It leads to a public machine; one that was kept already is not looked up again."""
        if self.channel.data != AlertChannel.WEBHOOK:
            return
        if not field.data:
            raise ValidationError(_("Say to which address the digests go."))
        if self._kept is not None and self._kept.channel == AlertChannel.WEBHOOK and self._kept.url == field.data:
            return
        try:
            services().guard.check(field.data)
        except Refused as refused:
            raise ValidationError(fault_words(refused.fault)) from None

    def way(self) -> Way:
        """What was chosen."""
        channel = AlertChannel(self.channel.data)
        return Way(Cadence(self.cadence.data), channel, self.url.data if channel is AlertChannel.WEBHOOK else "")


def fault_words(fault: Fault) -> str:
    """Why an address is not taken."""
    words = {
        Fault.NO_URL: _(
            "An address begins with https:// and a host, without a password, and has at most %(most)s characters.",
            most=MAX_URL,
        ),
        Fault.NOT_HTTPS: _("The address must begin with https://."),
        Fault.UNKNOWN_HOST: _("There is no host of this name."),
        Fault.NOT_PUBLIC: _(
            "This host is in a private or local network, where the portal sends nothing. Whoever runs the portal can"
            " allow such a network (WEBHOOK_ALLOWED_NETWORKS)."
        ),
    }
    return str(words[fault])
