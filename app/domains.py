"""The nouns this product is made of: one line each for routes, projections and background work.

A new noun is a folder and its lines here. It must not hold logic.
"""

from __future__ import annotations

from app import field_words, health, openapi  # noqa: F401 - its words before any schema is made
from app.activities import api as activities
from app.activities.table import ACTIVITY
from app.areas import api as areas
from app.areas.table import AREA
from app.auth import api as auth
from app.auth import phones_api as phones
from app.auth import returns_api as _returns  # noqa: F401 - its route is one of phones.routes
from app.auth.table import ACCOUNT, ENROLMENT
from app.backup import api as backup
from app.backup import table as _backup  # noqa: F401 - its tables belong to the metadata
from app.batches import api as batches
from app.checklists import api as checklists
from app.checklists.table import CHECKLIST, SETTING
from app.decisions import api as decisions
from app.documents import api as documents
from app.documents.table import DOCUMENT
from app.exports import api as exports
from app.exports.job import EXPORT
from app.findings import api as findings
from app.findings import table as _findings  # noqa: F401 - the same
from app.hazards import api as hazards
from app.hazards.table import HAZARD
from app.http import Routes
from app.imports import api as imports
from app.imports import table as _imports  # noqa: F401 - its table belongs to the metadata
from app.inspections import api as inspections
from app.inspections.table import INSPECTION
from app.jobs.runner import JobKind
from app.jobs.table import job as _job  # noqa: F401 - the same
from app.ledger import api as ledger
from app.maps import api as maps
from app.matters import api as matters
from app.overview import api as overview
from app.photos import api as photos
from app.photos import marked_api as _marked  # noqa: F401 - its route is one of photos.routes
from app.photos.jobs import DERIVE, FINGERPRINTS
from app.projections import register
from app.quarantine import api as quarantine
from app.rescue import api as rescue
from app.sites import api as sites
from app.sites.table import SITE

JOB_KINDS: list[JobKind] = [DERIVE, FINGERPRINTS, EXPORT]

ROUTES: list[Routes] = [
    health.routes,
    auth.routes,
    phones.routes,
    areas.routes,
    sites.routes,
    checklists.routes,
    inspections.routes,
    hazards.routes,
    documents.routes,
    activities.routes,
    decisions.routes,
    photos.routes,
    exports.routes,
    imports.routes,
    matters.routes,
    overview.routes,
    quarantine.routes,
    batches.routes,
    backup.routes,
    ledger.routes,
    findings.routes,
    maps.routes,
    rescue.routes,
    openapi.routes,
]

register(
    AREA,
    ACCOUNT,
    ENROLMENT,
    SITE,
    INSPECTION,
    HAZARD,
    DOCUMENT,
    CHECKLIST,
    SETTING,
    ACTIVITY,
)
