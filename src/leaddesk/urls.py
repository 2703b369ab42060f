"""Addresses of the desk."""

from django.urls import include, path

urlpatterns: list[object] = [
    path("", include("leaddesk.api.app")),
]
