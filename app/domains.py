"""The nouns this product is made of: one line each for routes, projections and background work.

A new noun is a folder and its lines here. It must not hold logic.
"""

from __future__ import annotations

from app import health
from app.activities.table import ACTIVITY
from app.areas.table import AREA
from app.auth.table import ACCOUNT, ENROLMENT
from app.batches import api as batches
from app.checklists.table import CHECKLIST, SETTING
from app.hazards.table import HAZARD
from app.http import Routes
from app.imports import table as _imports  # noqa: F401 - its table belongs to the metadata
from app.inspections.table import INSPECTION
from app.jobs.runner import JobKind
from app.jobs.table import job as _job  # noqa: F401 - the same
from app.ledger import api as ledger
from app.photos import table as _photos  # noqa: F401 - the same
from app.projections import register
from app.sites.table import SITE

JOB_KINDS: list[JobKind] = []

ROUTES: list[Routes] = [
    health.routes,
    batches.routes,
    ledger.routes,
]

register(
    AREA,
    ACCOUNT,
    ENROLMENT,
    SITE,
    INSPECTION,
    HAZARD,
    CHECKLIST,
    SETTING,
    ACTIVITY,
)
