"""Addresses of the dashboard's screens and of the fragments they are made of."""

from django.urls import URLPattern, URLResolver, include, path

from conversations.views import (
    appends,
    conversation,
    conversation_list,
    exports,
    imports,
    media,
    naming,
    panels,
    speaker_events,
)

app_name = "conversations"

append_urls: list[URLPattern | URLResolver] = [
    path("append/", appends.conversation_append, name="conversation-append"),
    path("activity/", appends.conversation_activity, name="conversation-activity"),
    path("appends/<int:pk>/<slug:decision>/", appends.append_decide, name="append-decide"),
]
member_urls: list[URLPattern | URLResolver] = [
    path("", naming.member_card, name="member-card"),
    path("rename/", naming.member_rename, name="member-rename"),
    path("merge/", naming.member_merge, name="member-merge"),
    path("push/", naming.member_push, name="member-push"),
]
batch_urls: list[URLPattern | URLResolver] = [
    path("", speaker_events.speaker_batch, name="speaker-batch"),
    path("status/", speaker_events.speaker_batch_status, name="speaker-batch-status"),
    path("fix/", speaker_events.speaker_batch_fix, name="speaker-batch-fix"),
    path("people/", speaker_events.speaker_batch_people, name="speaker-batch-people"),
    path("send/", speaker_events.speaker_batch_send, name="speaker-batch-send"),
    path("reopen/", speaker_events.speaker_batch_reopen, name="speaker-batch-reopen"),
    path("discard/", speaker_events.speaker_batch_discard, name="speaker-batch-discard"),
    path("<slug:format>/", speaker_events.speaker_batch_export, name="speaker-batch-export"),
]
speaker_event_urls: list[URLPattern | URLResolver] = [
    path("", speaker_events.speaker_event_list, name="speaker-events"),
    path("<uuid:batch>/", include(batch_urls)),
    path("<slug:format>/", speaker_events.speaker_event_export, name="speaker-events-export"),
]
conversation_urls: list[URLPattern | URLResolver] = [
    path("", conversation.conversation_page, name="conversation"),
    path("row/", conversation_list.conversation_row, name="conversation-row"),
    path("name/", conversation.conversation_title, name="conversation-title"),
    path("rename/", conversation.conversation_rename, name="conversation-rename"),
    path("speakers/", conversation.conversation_speakers, name="conversation-speakers"),
    path("transcript/", conversation.conversation_transcript, name="conversation-transcript"),
    path("timeline/", conversation.conversation_timeline, name="conversation-timeline"),
    path("panels/", panels.conversation_panels, name="conversation-panels"),
    path("export.txt", exports.export_text, name="conversation-text"),
    path("export.json", exports.export_json, name="conversation-json"),
    path("fetch/", imports.conversation_fetch, name="conversation-fetch"),
    path("fetching/", imports.conversation_fetching, name="conversation-fetching"),
    path("differences/", imports.conversation_differences, name="conversation-differences"),
    *append_urls,
    path("members/<int:pk>/", include(member_urls)),
    path("speaker-events/", include(speaker_event_urls)),
]
urlpatterns = [
    path("", conversation_list.conversation_list, name="list"),
    path("upload/", conversation_list.recording_upload, name="recording-upload"),
    path("samples/", conversation_list.sample_start, name="sample-start"),
    path("import/", imports.import_list, name="import-list"),
    path("import/chosen/", imports.import_chosen, name="import-chosen"),
    path("import/id/", imports.import_by_id, name="import-by-id"),
    path("conversations/<uuid:uuid>/", include(conversation_urls)),
    path("recordings/<uuid:uuid>/media", media.recording_media, name="recording-media"),
]
