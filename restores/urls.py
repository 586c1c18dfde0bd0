"""URLs of restores: an owner's requests, and the way to a new one."""

from django.urls import path

from restores.views import new, restores

app_name = "restores"

urlpatterns = [
    path("", restores.restores, name="restores"),
    path("new/", new.new, name="new"),
    path("new/messages/", new.choose_messages, name="choose_messages"),
    path("new/request/", new.request_restore, name="request_restore"),
    path("<str:reference>/", restores.restore, name="restore"),
    path("<str:reference>/report.csv", restores.report_csv, name="report_csv"),
    path("<str:reference>/cancel/", restores.cancel_restore, name="cancel_restore"),
    path("<str:reference>/now/", restores.restore_now, name="restore_now"),
]
