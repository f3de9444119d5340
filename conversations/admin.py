"""Django admin: a look behind the screens for admins. History is read only."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from conversations.models import (
    Append,
    AppendEvent,
    Change,
    Conversation,
    Gate,
    Heartbeat,
    Insight,
    Member,
    Membership,
    Message,
    Recording,
    Report,
    SpeakerEventBatch,
    Team,
    UnreadableAnswer,
    WebhookHit,
)

# django-q2 registers its own tables, whose rows hold pickles: looking at a list of them
# would run whatever somebody managed to write there.
for queue_model in [m for m in admin.site._registry if m._meta.app_label == "django_q"]:
    admin.site.unregister(queue_model)


class ReadOnly(admin.options.BaseModelAdmin):
    """Rows that only the pipeline and the review may write."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 1
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    inlines = (MembershipInline,)
    search_fields = ("name",)


class EventInline(ReadOnly, admin.TabularInline):
    model = AppendEvent
    fields = ("at", "from_state", "to_state", "cause", "actor", "attempt_id", "evidence")
    readonly_fields = fields


@admin.register(Append)
class AppendAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("conversation", "seq", "recording", "state", "state_since", "error")
    list_filter = ("state",)
    list_select_related = ("conversation", "recording")
    search_fields = ("conversation__name", "recording__original_name", "job_id")
    inlines = (EventInline,)


class MemberInline(ReadOnly, admin.TabularInline):
    model = Member
    fk_name = "conversation"
    fields = ("name", "email", "remote_name", "remote_email", "merged_into", "gone")
    readonly_fields = fields


@admin.register(Conversation)
class ConversationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "team", "review_status", "created_at", "remote_id")
    list_filter = ("team", "review_status")
    list_select_related = ("team",)
    search_fields = ("name", "remote_id", "uuid")
    inlines = (MemberInline,)


@admin.register(Member)
class MemberAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "email", "conversation", "remote_name", "remote_email", "gone")
    list_filter = ("gone",)
    list_select_related = ("conversation",)
    search_fields = ("name", "email", "remote_id", "conversation__name")


@admin.register(Recording)
class RecordingAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("original_name", "media_type", "size", "duration_ms", "created_at")
    list_filter = ("media_type",)
    search_fields = ("original_name", "sha256")


@admin.register(Message)
class MessageAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("conversation", "position", "member", "text")
    list_select_related = ("conversation", "member")
    search_fields = ("text",)
    show_full_result_count = False


@admin.register(Change)
class ChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "conversation", "kind", "member", "actor", "push_state", "push_error")
    list_filter = ("kind", "push_state")
    list_select_related = ("conversation", "member", "actor")


@admin.register(Insight)
class InsightAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("conversation", "kind", "text", "member", "assignee", "due_by")
    list_filter = ("kind",)
    list_select_related = ("conversation", "member", "assignee")
    search_fields = ("text", "remote_id")


@admin.register(Report)
class ReportAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("conversation", "kind", "fetched_at")
    list_filter = ("kind",)
    list_select_related = ("conversation",)
    search_fields = ("conversation__name", "conversation__remote_id")


@admin.register(WebhookHit)
class WebhookHitAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "append", "status", "job_id", "attempt_id")
    list_select_related = ("append__recording",)
    search_fields = ("job_id",)


@admin.register(SpeakerEventBatch)
class SpeakerEventBatchAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("conversation", "file_name", "source_format", "state", "created_at", "sent_at")
    list_filter = ("state", "source_format")
    list_select_related = ("conversation",)
    search_fields = ("file_name", "conversation__name")


@admin.register(UnreadableAnswer)
class UnreadableAnswerAdmin(ReadOnly, admin.ModelAdmin):
    """What the API answered and nobody understood; the list leaves the long bodies alone."""

    list_display = ("at", "request", "place", "problem")
    ordering = ("-at",)
    search_fields = ("request", "problem")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnreadableAnswer]:
        """Return the rows; their bodies, up to a megabyte each, are read only one at a time."""
        return super().get_queryset(request).defer("body")


@admin.register(Heartbeat, Gate)
class ServiceAdmin(ReadOnly, admin.ModelAdmin):
    """The running service: signs of life, and the gate before the API."""
