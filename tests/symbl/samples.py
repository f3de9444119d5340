"""Invented documents in the shapes that servers are known to send, older and newer."""

FULL_MESSAGE: dict[str, object] = {
    "id": "4711000000000001",
    "conversationId": "5120345678901234",
    "text": "We ship on Friday.",
    "from": {"id": "9a1c", "name": "Speaker 1"},
    "startTime": "2026-01-05T10:00:05.200Z",
    "endTime": "2026-01-05T10:00:07.900Z",
    "timeOffset": 5.2,
    "duration": 2.7,
    "phrases": [{"type": "action_phrase", "text": "ship on Friday"}, "Friday"],
    "sentiment": {"polarity": {"score": 0.41}, "suggested": "positive"},
    "words": [
        {
            "word": "We",
            "startTime": "2026-01-05T10:00:05.200Z",
            "endTime": "2026-01-05T10:00:05.380Z",
            "score": 0.94,
            "timeOffset": 5.2,
            "duration": 0.18,
            "speakerTag": 1,
        }
    ],
}

CONVERSATION: dict[str, object] = {
    "id": "5120345678901234",
    "type": "meeting",
    "name": "Weekly sync",
    "startTime": "2026-01-05T10:00:00.000Z",
    "endTime": "2026-01-05T10:41:12.300Z",
    "members": [{"id": "0b5e", "name": "Ida", "email": "ida@example.test"}],
    "metadata": {"agentId": "ida"},
}

JOB: dict[str, object] = {
    "id": "3f0d1c52",
    "status": "in_progress",
    "progress": {"stage": "transcribing", "done": 0.4, "reason": None, "note": "2 speakers"},
}

ACTION_ITEM: dict[str, object] = {
    "id": "4820000000000007",
    "type": "action_item",
    "text": "Ida will send the deck tomorrow.",
    "score": 0.93,
    "messageIds": ["4711000000000001"],
    "definitive": True,
    "phrases": [{"type": "action_phrase", "text": "send the deck"}],
    "entities": [
        {"type": "date", "text": "tomorrow", "offset": 23, "value": "2026-01-06"},
        {"type": "person", "text": "Ida", "offset": 0, "value": {"name": "Ida", "assignee": True}},
        {"type": "daterange", "text": "this week", "start": "2026-01-05", "end": "2026-01-09"},
    ],
    "from": {"id": "9a1c", "name": "Ida", "userId": "ida@example.test"},
    "assignee": {"id": "9a1c", "name": "Speaker 2", "email": "ida@example.test"},
    "dueBy": "2026-01-06T07:00:00.000Z",
    "dismissed": False,
}
QUESTION: dict[str, object] = {
    "id": 4820000000000008,
    "text": "When do we ship?",
    "messageRefs": [{"id": "4711000000000002"}, {"id": 4711000000000003}],
    "from": {},
}

TOPIC: dict[str, object] = {
    "id": "6001",
    "text": "rollout plan",
    "type": "topic",
    "score": 0.8,
    "messageIds": ["4711000000000001"],
    "sentiment": {"polarity": {"score": -0.4}, "suggested": "negative"},
    "parentRefs": [{"type": "topic", "text": "plans"}],
    "rank": 2,
}
BARE_TOPIC: dict[str, object] = {"text": "plans", "messageRefs": [{"id": "4711000000000004"}]}

SUMMARY_ITEM: dict[str, object] = {
    "id": "7001",
    "text": "The team agreed to ship on Friday.",
    "messageRefs": [{"id": "4711000000000001"}, {"id": "4711000000000002"}],
    "startTime": "2026-01-05T10:00:05.200Z",
}

OLDER_ENTITY: dict[str, object] = {
    "type": "custom",
    "customType": "product",
    "value": "Deck",
    "text": "the deck",
    "messageRefs": [{"id": "4711000000000001", "text": "Send the deck.", "offset": 5}],
    "score": 0.7,
}
NEWER_ENTITY: dict[str, object] = {
    "type": "PHONE_NUMBER",
    "subType": "mobile",
    "category": "PII",
    "source": "model",
    "matches": [
        {
            "detectedValue": "555 0100",
            "messageRefs": [
                {
                    "id": "4711000000000005",
                    "text": "Call 555 0100.",
                    "offset": 5,
                    "startTime": "2026-01-05T10:00:05.200Z",
                }
            ],
        },
        {"detectedValue": 5550199, "confidence": 0.5},
    ],
}

TRACKER: dict[str, object] = {
    "id": "8001",
    "name": "Promises",
    "matches": [
        {
            "type": "vocabulary",
            "value": "we ship",
            "messageRefs": [{"id": "4711000000000001", "text": "We ship on Friday.", "offset": 0}],
            "insightRefs": [
                {
                    "id": "4820000000000007",
                    "type": "action_item",
                    "text": "Ida will send the deck tomorrow.",
                    "offset": -1,
                }
            ],
        }
    ],
    "languageCode": "en-US",
}

ANALYTICS: dict[str, object] = {
    "metrics": [
        {"type": "total_silence", "percent": 20.0, "seconds": 20.0},
        {"type": "total_talk_time", "percentage": 80, "seconds": 80},
    ],
    "members": [
        {
            "id": "9a1c",
            "name": "Ida",
            "userId": "ida@example.test",
            "pace": {"wpm": 128},
            "talkTime": {"percentage": 62.5, "seconds": 50.0},
            "listenTime": {"percentage": 37.5, "seconds": 30.0},
            "overlap": {
                "overlapDuration": 4.0,
                "overlappingMembers": [
                    {
                        "id": "77b0",
                        "name": "Bo",
                        "userId": "bo@example.test",
                        "percent": 5.0,
                        "seconds": 4.0,
                    }
                ],
            },
        },
        {
            "talkTime": {"percent": 37.5, "seconds": 30.0},
            "listenTime": {"percent": 62.5, "seconds": 50.0},
            "overlap": {},
        },
    ],
}

MARKDOWN: dict[str, object] = {
    "transcript": {"payload": "Ida: Good morning.", "contentType": "text/markdown"}
}
NESTED_SRT: dict[str, object] = {
    "transcript": {"payload": {"content": "1\n0:0:6,800 --> 0:0:9,0", "contentType": "text/srt"}}
}
