"""The API's read of a job."""

import uuid

from django.http import HttpRequest

from conversations.engine import answers
from conversations.engine.errors import ApiError
from conversations.engine.models import Job
from conversations.engine.parameters import Flag
from conversations.engine.routing import Paths
from conversations.engine.schemas import REFUSALS, JobAnswer

router = Paths(tags=["jobs"])


@router.get("/job/{job_id}", response={200: JobAnswer, **REFUSALS})
def job(request: HttpRequest, job_id: str, progress: Flag = False) -> JobAnswer:
    """Return the job's status, with `progress=true` also how far it is (an extension)."""
    try:
        found = Job.objects.filter(pk=uuid.UUID(job_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise ApiError(404, "The job id is invalid or unknown.")
    return answers.job_answer(found, with_progress=progress)
