"""What people are told of a job, word by word of the API, and of what the API has no more."""

import pytest
from werkzeug import Response

from conversations.models import Append, Change, ChangeKind, Member, Message, State
from conversations.pipeline.activity import Activity, activities
from conversations.pipeline.advance import advance
from conversations.pipeline.push import object_to
from tests.doubles.scripted_recognition import Turn, recording
from tests.doubles.symbl_server import Api
from tests.pipeline.conftest import Submit
from tests.support import hurry, run_queue

HELLO = recording(Turn(0.5, 2.0, 0, "Hello."), seconds=3.0)
pytestmark = pytest.mark.django_db(transaction=True)


def polled(api: Api, submit: Submit, status: str) -> tuple[Append, Activity]:
    """Return an append whose job was asked about once, and how a page shows it."""
    api.accepts()
    api.job_status = status
    append = submit(HELLO)
    for _ in range(2):
        advance(append.conversation_id)
        hurry()
    append = Append.objects.select_related("conversation").get()
    (shown,) = activities(append.conversation)
    return append, shown


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("scheduled", "Waiting for the speech server"),
        ("in_progress", "Transcribing"),
        ("paused", "Transcribing"),
    ],
)
def test_a_job_that_has_not_ended_is_said_in_words(
    api: Api, submit: Submit, status: str, sentence: str
) -> None:
    append, shown = polled(api, submit, status)
    assert (append.state, shown.sentence) == (State.PROCESSING, sentence)


def test_a_job_that_failed_without_a_reason_is_said_so(api: Api, submit: Submit) -> None:
    append, shown = polled(api, submit, "failed")
    assert (append.state, shown.sentence) == (State.FAILED, "This recording was not transcribed")
    assert shown.problem is not None
    assert shown.problem.what == "The server gave no reason."


def test_nothing_is_read_before_the_job_is_done(api: Api, submit: Submit) -> None:
    api.says("Hello.")
    polled(api, submit, "in_progress")
    assert not Message.objects.exists()
    api.job_status = "complete"
    run_queue()
    assert Message.objects.get().text == "Hello."


@pytest.mark.parametrize("status", [400, 413])
def test_a_recording_that_was_refused_is_said_to_be_not_transcribed(
    api: Api, submit: Submit, status: int
) -> None:
    api.answer = Response('{"message": "The recording is too large."}', status=status)
    append = submit(HELLO)
    advance(append.conversation_id)
    (shown,) = activities(append.conversation)
    assert shown.sentence == "This recording was not transcribed"
    assert shown.problem is not None
    assert "The recording is too large." in shown.problem.what


def test_a_member_that_the_api_has_no_more_cannot_be_named_there() -> None:
    change = Change(
        kind=ChangeKind.RENAME,
        member=Member(remote_id="m1"),
        after={"name": "Ida", "email": ""},
    )
    assert object_to(change, {}) == (
        "This speaker was merged away at the server, so there is nobody to name."
    )
