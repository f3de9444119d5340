"""Addresses of the whole site."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from conversations.views import hooks, sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", sign_in.healthz, name="healthz"),
    path("sign-in/", sign_in.SignInView.as_view(), name="sign-in"),
    path("sign-in/link/<str:token>/", sign_in.sign_in_link, name="sign-in-link"),
    path("hooks/<str:token>/", hooks.hook, name="hook"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    # Ahead of the admin's own page: there is one way in.
    path("admin/login/", sign_in.admin_sign_in),
    path("admin/", admin.site.urls),
    path("", include("conversations.urls")),
]

if settings.ENGINE_ENABLED:
    urlpatterns.append(path("engine/", include("conversations.engine.urls")))
