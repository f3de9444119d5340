"""The formatted transcript: Markdown with its separators and marks, and SRT (contract 4.10)."""

from typing import Any

import pytest

from conversations.engine.models import Conversation, Member
from tests.engine.support import Answer, Api
from tests.engine.transcripts import add_job, add_member


@pytest.fixture
def meeting(conversation: Conversation) -> Conversation:
    """Return a conversation of two people, with a pause and a line of nobody."""
    ida = add_member(conversation, "Ida <b>")
    bo = add_member(conversation, "Bo")
    add_job(
        conversation,
        (ida, 500, 2000, "Good morning, Bo & all."),
        (ida, 2500, 4000, "I will send the deck."),
        (ida, 6000, 7000, "Well."),
        (bo, 3_723_456, 3_725_000, "1 < 2, isn't it?"),
        (None, 3_726_000, 3_727_000, "Let me send the deck --> now."),
    )
    return conversation


def ask(api: Api, body: object, conversation_id: str = "5120345678901234") -> Answer:
    path = f"v1/conversations/{conversation_id}/transcript"
    return api.call("POST", path, body, "application/json")


def markdown(api: Api, **options: Any) -> list[str]:
    """Return the paragraphs of the Markdown transcript."""
    answer = ask(api, {"contentType": "text/markdown", **options})
    assert answer.status == 200
    transcript = answer.body["transcript"]
    assert set(transcript) == {"payload", "contentType"}
    assert transcript["contentType"] == "text/markdown"
    return list(transcript["payload"].split("<br/><br/>"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {},
            [
                "Good morning, Bo &amp; all.",
                "I will send the deck.",
                "Well.",
                "1 &lt; 2, isn't it?",
                "Let me send the deck --&gt; now.",
            ],
        ),
        (
            {"createParagraphs": True},
            [
                "Good morning, Bo &amp; all. I will send the deck.",
                "Well.",
                "1 &lt; 2, isn't it?",
                "Let me send the deck --&gt; now.",
            ],
        ),
        (
            {"createParagraphs": "true", "showSpeakerSeparation": "true", "phrases": None},
            [
                "Ida &lt;b&gt;: Good morning, Bo &amp; all. I will send the deck.",
                "Ida &lt;b&gt;: Well.",
                "Bo: 1 &lt; 2, isn't it?",
                "Let me send the deck --&gt; now.",
            ],
        ),
    ],
)
def test_markdown_is_separated_and_escaped(
    api: Api, meeting: Conversation, options: dict[str, Any], expected: list[str]
) -> None:
    assert markdown(api, **options) == expected


def test_markdown_marks_the_key_phrases(api: Api, meeting: Conversation) -> None:
    lines = markdown(api, phrases={"highlightAllKeyPhrases": True})
    assert lines[1] == "I will <mark>send the deck</mark>."
    assert lines[0] == "Good morning, Bo &amp; all."


def test_markdown_marks_the_key_phrases_of_insights_only(
    api: Api, conversation: Conversation
) -> None:
    # The second job's insights are below its threshold.
    add_job(conversation, (None, 0, 1000, "I will send the deck."))
    add_job(
        conversation,
        (None, 1000, 2000, "I will send the deck."),
        options={"confidenceThreshold": 1.0},
    )
    marked, plain = "I will <mark>send the deck</mark>.", "I will send the deck."
    insights = markdown(api, phrases={"highlightOnlyInsightKeyPhrases": True})
    everything = markdown(api, phrases={"highlightAllKeyPhrases": True})
    assert (insights, everything) == ([marked, plain], [marked, marked])


def test_text_in_another_language_is_not_marked(api: Api, conversation: Conversation) -> None:
    line = (None, 0, 1000, "I will send the deck.")
    add_job(conversation, line, options={"languageCode": "fr-FR"})
    assert markdown(api, phrases={"highlightAllKeyPhrases": True}) == ["I will send the deck."]


def test_srt_has_numbered_cues_inside_of_the_payload(api: Api, meeting: Conversation) -> None:
    body = {
        "contentType": "text/srt",
        "showSpeakerSeparation": True,
        "createParagraphs": False,
        "phrases": {"highlightAllKeyPhrases": False},
    }
    content = """1
00:00:00,500 --> 00:00:02,000
Ida <b>: Good morning, Bo & all.

2
00:00:02,500 --> 00:00:04,000
Ida <b>: I will send the deck.

3
00:00:06,000 --> 00:00:07,000
Ida <b>: Well.

4
01:02:03,456 --> 01:02:05,000
Bo: 1 < 2, isn't it?

5
01:02:06,000 --> 01:02:07,000
Let me send the deck -> now.
"""
    assert ask(api, body) == (
        200,
        {"transcript": {"payload": {"content": content, "contentType": "text/srt"}}},
    )


def test_srt_leaves_out_the_speakers_and_blank_lines(api: Api, conversation: Conversation) -> None:
    ida = add_member(conversation, "Ida")
    add_job(conversation, (ida, 0, 1000, "One.\n\nTwo."))
    body = ask(api, {"contentType": "text/srt"}).body
    content = "1\n00:00:00,000 --> 00:00:01,000\nOne. Two.\n"
    assert body == {"transcript": {"payload": {"content": content, "contentType": "text/srt"}}}


def test_srt_keeps_a_cue_one_line_whatever_the_name_is(
    api: Api, conversation: Conversation
) -> None:
    ida = add_member(conversation, "Ida\n\n2\n00:00:00,000 --> 00:00:09,000\nBo")
    add_job(conversation, (ida, 0, 1000, "One ----> two."))
    body = ask(api, {"contentType": "text/srt", "showSpeakerSeparation": True}).body
    cue = "Ida 2 00:00:00,000 -> 00:00:09,000 Bo: One -> two."
    content = f"1\n00:00:00,000 --> 00:00:01,000\n{cue}\n"
    assert body == {"transcript": {"payload": {"content": content, "contentType": "text/srt"}}}


@pytest.mark.parametrize(
    ("kind", "payload"),
    [("text/markdown", ""), ("text/srt", {"content": "", "contentType": "text/srt"})],
)
def test_an_empty_conversation_has_an_empty_transcript(
    api: Api, conversation: Conversation, kind: str, payload: object
) -> None:
    answer = ask(api, {"contentType": kind, "createParagraphs": kind == "text/markdown"})
    assert (answer.status, answer.body["transcript"]["payload"]) == (200, payload)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "contentType: Field required."),
        ({"contentType": "text/html"}, "contentType must be text/markdown or text/srt."),
        (
            {"contentType": "text/markdown", "createParagraphs": 5},
            "createParagraphs must be true or false.",
        ),
        (
            {"contentType": "text/srt", "createParagraphs": True},
            "text/srt takes showSpeakerSeparation only.",
        ),
        (
            {"contentType": "text/srt", "phrases": {"highlightAllKeyPhrases": True}},
            "text/srt takes showSpeakerSeparation only.",
        ),
        ([], "The body must be a JSON object."),
    ],
)
def test_a_wrong_request_is_refused(
    api: Api, meeting: Conversation, body: object, message: str
) -> None:
    assert ask(api, body) == (400, {"message": message})


def test_names_are_those_of_now(api: Api, meeting: Conversation) -> None:
    Member.objects.filter(name="Bo").update(name="Bo Lind")
    lines = markdown(api, showSpeakerSeparation=True)
    assert lines[3] == "Bo Lind: 1 &lt; 2, isn't it?"


def test_an_unknown_conversation_is_not_found(api: Api, conversation: Conversation) -> None:
    answer = ask(api, {"contentType": "text/srt"}, "5999999999999999")
    assert answer == (404, {"message": "The conversation id is invalid or unknown."})
