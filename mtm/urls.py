"""The whole site's URLs: each audience brings its own."""

from django.urls import include, path

from mtm.monitoring import healthz, metrics, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("support/", include("support.urls")),
    path("restores/", include("restores.urls")),
    path("", include("webmail.urls")),
]
handler403 = "webmail.views.errors.forbidden"
handler404 = "webmail.views.errors.not_found"
handler500 = "webmail.views.errors.server_error"
