"""The pages for sellers, managers, HR and finance."""

from collections.abc import Callable, Sequence
from datetime import datetime

import flask

from services.commission.handlers import Leagues
from services.commission.handlers.overview import Overviews
from services.commission.pages.hr import Hr, hr_page
from services.commission.pages.hr_forms import hr_forms
from services.commission.pages.statements import statement_pages
from services.commission.store import Desks
from services.commission.store.payroll import PayrollDocuments


def people(
    desks: Desks,
    documents: PayrollDocuments,
    leagues: Leagues,
    overviews: Overviews,
    clock: Callable[[], datetime],
) -> Sequence[flask.Blueprint]:
    """Return the blueprints of the pages."""
    hr = Hr(desks, documents, leagues, overviews, clock)
    return [statement_pages(desks, leagues, overviews, clock), hr_page(hr), hr_forms(hr)]
