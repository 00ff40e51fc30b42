"""The lookup: pages that anyone may read."""

from portal.lookup import announcements as announcements  # adds its views
from portal.lookup import badge as badge  # adds its view
from portal.lookup import by_number as by_number  # adds its view
from portal.lookup import editions as editions  # adds its views
from portal.lookup.views import blueprint

__all__ = ["blueprint"]
