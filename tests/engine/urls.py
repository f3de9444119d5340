"""The engine alone, where the project mounts it."""

from django.urls import include, path

urlpatterns = [path("engine/", include("conversations.engine.urls"))]
