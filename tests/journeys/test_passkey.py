"""An admin adds a passkey and signs in with it, in a browser that has an authenticator."""

import os
import re

import psycopg
import pytest

from tests.journeys.visitor import Visitor
from tests.processes.running_app import RunningApp

pytestmark = pytest.mark.slow
PASSWORD = "marigold and teal"


@pytest.fixture
def app_with_a_name(postgres, tmp_path):
    """A web process under a name, since browsers make no passkeys for an address of numbers."""
    name = f"passkey_{os.getpid()}"
    with RunningApp(postgres.create_database(name), tmp_path) as app:
        port = app.url_of("web").rpartition(":")[2]
        app.environment["PUBLIC_URL"] = f"http://localhost:{port}"
        yield app.migrate().open()
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def admin(app_with_a_name, chromium):
    context = chromium.new_context(base_url=app_with_a_name.environment["PUBLIC_URL"])
    admin = Visitor("Nila", context)
    devtools = context.new_cdp_session(admin.page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield admin
    context.close()


def test_a_passkey_is_added_and_asked_for_after_the_password(app_with_a_name, admin):
    made = app_with_a_name.command("-m", "ffapp.cli", "admin", "nila@school.test", "Nila Das")
    admin.go(re.search(r"http://localhost\S+", made)[0])
    admin.fill(password=PASSWORD)
    admin.press("Set password and sign in")

    admin.go("/account/factors")
    admin.fill(name="My laptop")
    admin.press("Add a passkey")
    admin.sees("Your recovery codes")
    admin.press("I have kept them")
    admin.sees("My laptop")

    admin.context.clear_cookies()
    admin.go("/sign-in")
    admin.fill(email="nila@school.test", password=PASSWORD)
    admin.press("Sign in")
    admin.sees("One more step")
    admin.page.get_by_role("button", name="Use a passkey").click()
    admin.page.wait_for_url("**/admin/today")
