"""Messages to people: kept in the database with what they tell of, and sent by mail or SMS from there. No Flask."""

from portal.notices.channels import Channels, Undelivered
from portal.notices.courier import Courier, deliver_due
from portal.notices.language import texts
from portal.notices.message import Notice, post

__all__ = ["Channels", "Courier", "Notice", "Undelivered", "deliver_due", "post", "texts"]
