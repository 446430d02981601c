"""What other nouns may ask of background work: add a job, look at one, list those of a kind.

The door to app/jobs/store.py, which stays this noun's own. It must not add anything.
"""

from app.jobs.store import Job, enqueue, find_job, jobs_of

__all__ = ["Job", "enqueue", "find_job", "jobs_of"]
