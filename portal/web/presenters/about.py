"""What the register holds, from whom, and how rankings are computed."""

from __future__ import annotations

from portal.services import services
from portal.web.presenters.context import Context
from portal.web.presenters.direct import registers
from portal.web.presenters.editions import edition_view
from portal.web.presenters.notices import all_notices
from portal.web.screens import AboutPage


def about_page(at: Context) -> AboutPage:
    """The page about the data. Needs no engine."""
    catalogue, settings = at.catalogue, services().settings
    title = catalogue.title_en if at.lang == "en" else catalogue.title_zh
    return AboutPage(
        catalogue_title=title,
        catalogue_authority=catalogue.authority,
        catalogue_version=catalogue.version,
        catalogue_as_of=catalogue.as_of,
        registers=registers(at.session),
        notices=all_notices(at),
        editions=tuple(edition_view(code, at) for code in at.editions),
        criteria=len(catalogue.criteria),
        criteria_verified=sum(criterion.verified == "yes" for criterion in catalogue.criteria.values()),
        data_version=at.data_version,
        search_log=settings.search_log,
        search_log_days=settings.search_log_days,
    )
