"""Every limit that phone and server share, with its unit last in its name.

A limit that is reached is a named outcome (problems.py, admission.py), never a crash or a cut.
This file must not know who enforces a limit; TypeScript reads the generated copy in
pwa/src/contract/limits.ts.
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# A fact and its parts.
FACT_BYTES_MAX: Final = 64 * KIB
CHECKLIST_CONTENT_BYTES_MAX: Final = 128 * KIB
# checklist.published carries a whole checklist; the rest of such a fact is small.
CHECKLIST_FACT_BYTES_MAX: Final = CHECKLIST_CONTENT_BYTES_MAX + 8 * KIB
PRIVATE_BYTES_MAX: Final = 8 * KIB
DEPTH_MAX: Final = 20
INTEGER_MAX: Final = 2**53  # what a JavaScript number holds exactly
AFTER_FACTS_MAX: Final = 64
PHOTOS_PER_FACT_MAX: Final = 30
ANSWERS_MAX: Final = 200
HAZARDS_PER_INSPECTION_MAX: Final = 100
# A notice tells each of them in full, so that all of it stays under FACT_BYTES_MAX; a visit with
# more hazards leaves more than one.
NOTICE_HAZARDS_MAX: Final = 20
COMPANIONS_MAX: Final = 10
ACTIVITY_ENTRIES_MAX: Final = 60
REMARKS_PER_REVIEW_MAX: Final = 30
REMARKS_PER_HAZARD_MAX: Final = 10
JSON_VALUE_BYTES_MAX: Final = 2 * KIB
ATTRIBUTES_MAX: Final = 60

# What a row shows of its conflicts; every fact stays in the history.
CONFLICTS_MAX: Final = 50
CONFLICT_FACTS_MAX: Final = 64

# A batch.
BATCH_FACTS_MAX: Final = 2000
BATCH_BYTES_MAX: Final = 4 * MIB  # inflated
DECISION_FACTS_MAX: Final = 200

# Photos.
# scaled photos are near 200 KB; one that cannot be scaled is kept whole
PHOTO_BYTES_MAX: Final = 20 * MIB
PHOTO_PIXELS_MAX: Final = 50_000_000
PHOTO_PART_BYTES_MIN: Final = 32 * KIB
PHOTO_PART_BYTES_START: Final = 256 * KIB
PHOTO_PART_BYTES_MAX: Final = 1 * MIB
PREVIEW_BYTES_MAX: Final = 24 * KIB
# circles and arrows on one photo; thirty photos full of them leave most of a fact's bytes free
MARKS_PER_PHOTO_MAX: Final = 8

# Rescue files: what a chat program or a cable carries in one piece; the largest photo and
# the largest batch fit together.
RESCUE_FILE_BYTES_MAX: Final = 25 * MIB
RESCUE_HEADER_BYTES_MAX: Final = 2 * KIB
RESCUE_CHUNK_BYTES: Final = 256 * KIB  # closed and opened at once
RESCUE_PHOTOS_PER_FILE_MAX: Final = 400
RESCUE_VERSION: Final = 1

# Bounded so that a broken phone cannot fill the station's disk; past it the whole batch is told to
# wait.
QUARANTINED_FACTS_PER_ENROLMENT_DAY_MAX: Final = 2000

# How long a judgement made offline still counts by a role that was taken away meanwhile: somebody
# who is out for a week must not lose the week's work.
ROLE_GRACE_DAYS: Final = 7

# Changes and snapshots.
CHANGES_PAGE_MAX: Final = 500

# A phone whose clock is further off than this is told so; nothing is ever decided by it.
CLOCK_OFFSET_SHOWN_MS: Final = 10 * 60 * 1000

# China keeps one time all year, so a day in the station's zone needs no time-zone tables.
STATION_ZONE_HOURS: Final = 8

# What the wire calls itself; every released version is accepted for ever.
WIRE_VERSION: Final = 1
