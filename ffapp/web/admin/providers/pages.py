"""The providers, each with its mode, its health, and what is left to do before it is live."""

import flask

from ffapp.web import auth
from ffapp.web.admin.providers.overview import Overview, checklist, overviews
from ffapp.web.admin.providers.self_tests import self_test_of
from ffapp.web.auth import admin
from ffapp.web.kit.idempotency import new_key, submit
from ffapp.web.kit.page import page, see


@admin.get("/providers")
def provider_index() -> flask.typing.ResponseReturnValue:
    return page("admin/providers/index.html", shown=overviews())


@admin.get("/providers/<provider_key>")
def provider_show(provider_key: str) -> flask.typing.ResponseReturnValue:
    shown, test = _find(provider_key), self_test_of(provider_key)
    return page(
        "admin/providers/show.html",
        shown=shown,
        steps=checklist(shown),
        test=test,
        why_not=test.why_not(auth.me()) if test else None,
        new_key=new_key,
    )


@admin.post("/providers/<provider_key>/tests")
def provider_test(provider_key: str) -> flask.typing.ResponseReturnValue:
    """Plan a test to the admin who asks; a double click sends one."""
    _find(provider_key)
    test = self_test_of(provider_key)
    if test is None:
        flask.abort(404)
    url = flask.url_for("admin.provider_show", provider_key=provider_key)
    if reason := test.why_not(auth.me()):
        flask.flash(reason, "warn")
        return see(url)

    def work() -> str:
        flask.flash(test.request(auth.me()))
        return url

    return submit(work)


def _find(provider_key: str) -> Overview:
    found = next((each for each in overviews() if each.provider.key == provider_key), None)
    return found or flask.abort(404)
