"""The calls for what a server makes of a conversation (contract 4.4 to 4.10).

Mixed into the client (client.py). All of them only read. Before the last job has
ended they answer in part, with success.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from conversations.symbl import payloads
from conversations.symbl.connection import JSON_HEADERS, Connection, Value
from conversations.symbl.conversations import conversation_path
from conversations.symbl.encoding import json_of
from conversations.symbl.payloads import Analytics, Entity, Insight, SummaryItem, Topic, Tracker
from conversations.symbl.wire import Call

TranscriptType = Literal["text/markdown", "text/srt"]
Highlights = Literal["none", "insights", "all"]


class IntelligenceCalls(Connection):
    """Insights, topics, entities, trackers, analytics, summary and transcript."""

    def insights(self, conversation_id: str) -> tuple[Insight, ...]:
        """Return questions, action items and follow-ups together."""
        return self._read_part(conversation_id, "insights", payloads.read_insights)

    def questions(self, conversation_id: str) -> tuple[Insight, ...]:
        """Return the questions."""
        return self._read_part(conversation_id, "questions", payloads.read_questions)

    def action_items(self, conversation_id: str) -> tuple[Insight, ...]:
        """Return the action items."""
        return self._read_part(conversation_id, "action-items", payloads.read_action_items)

    def follow_ups(self, conversation_id: str) -> tuple[Insight, ...]:
        """Return the follow-ups."""
        return self._read_part(conversation_id, "follow-ups", payloads.read_follow_ups)

    def topics(
        self,
        conversation_id: str,
        *,
        sentiment: bool = False,
        parents: bool = False,
        refresh: bool = False,
        vocabulary: Sequence[str] = (),
    ) -> tuple[Topic, ...]:
        """Return the topics, with what was asked for; servers may not combine the first two.

        `refresh` has the server make them anew, with `vocabulary` as hints.
        """
        return self._read_part(
            conversation_id,
            "topics",
            payloads.read_topics,
            sentiment=sentiment,
            parentRefs=parents,
            refresh=refresh or None,
            customTopicVocabulary=list(vocabulary) or None,
        )

    def entities(self, conversation_id: str) -> tuple[Entity, ...]:
        """Return the entities; none unless they were asked for with the recording."""
        return self._read_part(conversation_id, "entities", payloads.read_entities)

    def trackers(self, conversation_id: str) -> tuple[Tracker, ...]:
        """Return the trackers; none unless they were asked for with the recording.

        The deprecated path `/trackers` is never tried: a server that lacks the present
        one answers 404, as it does for an unknown conversation, and both are NotFound.
        """
        return self._read_part(conversation_id, "trackers-detected", payloads.read_trackers)

    def analytics(self, conversation_id: str) -> Analytics:
        """Return talk time, silence, overlap and pace."""
        return self._read_part(conversation_id, "analytics", payloads.read_analytics)

    def summary(self, conversation_id: str, *, refresh: bool = False) -> tuple[SummaryItem, ...]:
        """Return the summary, made anew if `refresh`. Raises NotFound while a job runs."""
        return self._read_part(
            conversation_id, "summary", payloads.read_summary, refresh=refresh or None
        )

    def transcript(
        self,
        conversation_id: str,
        *,
        content_type: TranscriptType,
        paragraphs: bool = False,
        highlight_phrases: Highlights = "none",
        speakers: bool = True,
    ) -> str:
        """Return the transcript as the server formats it.

        Markdown has `<br/><br/>` between speakers and `<mark>` around highlights: it is
        the server's HTML, not to be trusted. SRT takes `speakers` only; its times need
        not be padded with zeros.
        """
        options: dict[str, object] = {
            "contentType": content_type,
            "showSpeakerSeparation": speakers,
        }
        if content_type == "text/markdown":
            options["createParagraphs"] = paragraphs
            options["phrases"] = {
                "highlightOnlyInsightKeyPhrases": highlight_phrases == "insights",
                "highlightAllKeyPhrases": highlight_phrases == "all",
            }
        call = Call(
            method="POST",
            path=f"{conversation_path(conversation_id)}/transcript",
            acts=False,
            headers=JSON_HEADERS,
            content=json_of(options),
        )
        return self._ask(call, payloads.read_transcript)

    def _read_part(
        self,
        conversation_id: str,
        part: str,
        read: Callable[[object], Value],
        **options: object,
    ) -> Value:
        return self._read(f"{conversation_path(conversation_id)}/{part}", read, **options)
