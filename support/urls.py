"""URLs of the operators' console."""

from django.urls import path

from support.views import accounts, audit, console, enrolment, grants, login

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
    path("audit/", audit.audit_log, name="audit"),
]
