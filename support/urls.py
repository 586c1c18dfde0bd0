"""URLs of the operators' console."""

from django.urls import path

from support.views import accounts, audit, console, enrolment, grants, login, new_restore, restores

app_name = "support"

urlpatterns = [
    path("", console.console_home, name="console"),
    path("login/", login.login, name="login"),
    path("logout/", login.log_out, name="logout"),
    path("enrol/<str:uid>/<str:token>/", enrolment.enrol, name="enrol"),
    path("account/", accounts.account, name="account"),
    path("account/unlock-night/", accounts.unlock_night, name="unlock_night"),
    path("account/unlock-login/", accounts.unlock_login, name="unlock_login"),
    path("grants/", grants.start_grant, name="start_grant"),
    path("grants/end/", grants.end_grant, name="end_grant"),
    path("grants/<int:grant>/revoke/", grants.revoke_grant, name="revoke_grant"),
    path("restores/", restores.restores, name="restores"),
    path("restores/restores.csv", restores.billable_csv, name="billable_csv"),
    path("restores/new/", new_restore.new_restore, name="new_restore"),
    path("restores/new/request/", new_restore.request_restore, name="request_restore"),
    path("restores/<str:reference>/", restores.restore, name="restore"),
    path("restores/<str:reference>/take-on/", restores.take_on_restore, name="take_on_restore"),
    path("restores/<str:reference>/plan/", restores.plan_restore, name="plan_restore"),
    path("restores/<str:reference>/run/", restores.run_restore, name="run_restore"),
    path("restores/<str:reference>/refuse/", restores.refuse_restore, name="refuse_restore"),
    path("restores/<str:reference>/cancel/", restores.cancel_restore, name="cancel_restore"),
    path("audit/", audit.audit_log, name="audit"),
]
