"""What every request passes before a page is made."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse

from access.middleware import CrossSiteMiddleware, ReaderRequiredMiddleware
from access.readers import SESSION_KEY, Owner, stored_form
from snapshots.types import Account

pytestmark = pytest.mark.django_db


def page(request):
    return HttpResponse("page")


@login_not_required
def open_page(request):
    return HttpResponse("page")


def pass_cross_site(request):
    return CrossSiteMiddleware(page)(request).status_code


def pass_reader(request, view=page):
    request.user = AnonymousUser()
    return ReaderRequiredMiddleware(page).process_view(request, view, (), {})


@pytest.fixture(autouse=True)
def login_url(settings):
    settings.LOGIN_URL = "/login/"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_form_another_site_sent_is_refused(request_from, method):
    assert pass_cross_site(request_from(method=method, sec_fetch_site="cross-site")) == 403


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_form_of_ours_passes(request_from, site):
    assert pass_cross_site(request_from(sec_fetch_site=site)) == 200


def test_browser_that_says_nothing_passes_to_the_csrf_check(request_from):
    assert pass_cross_site(request_from()) == 200


@pytest.mark.parametrize(
    ("mode", "destination", "status"),
    [("navigate", "document", 200), ("navigate", "iframe", 403), ("no-cors", "image", 403), ("cors", "empty", 403)],
)
def test_other_sites_may_link_but_not_embed(request_from, mode, destination, status):
    fetch = {"sec_fetch_site": "cross-site", "sec_fetch_mode": mode, "sec_fetch_dest": destination}

    assert pass_cross_site(request_from(method="get", **fetch)) == status


def test_anonymous_is_sent_to_the_login_and_back(request_from):
    answer = pass_reader(request_from(method="get", path="/2026-11-19/inbox/?page=2"))

    assert answer.status_code == 302
    assert answer["Location"] == "/login/?next=/2026-11-19/inbox/%3Fpage%3D2"


def test_anonymous_form_comes_back_to_no_page(request_from):
    answer = pass_reader(request_from(path="/2026-11-19/download/"))

    assert answer["Location"] == "/login/"


def test_htmx_is_sent_to_the_login_as_a_whole_page(request_from):
    answer = pass_reader(request_from(method="get", path="/2026-11-19/", hx_request="true"))

    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/login/?next=/2026-11-19/"
    assert answer.content == b""


def test_reader_passes(request_from):
    request = request_from(method="get")
    request.session[SESSION_KEY] = stored_form(Owner(Account("alice", "example.com")))

    assert pass_reader(request) is None


def test_page_that_needs_no_reader_is_open(request_from):
    assert pass_reader(request_from(method="get"), open_page) is None
