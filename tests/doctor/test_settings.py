"""What the doctor says of settings that can be read."""

import pytest

from ffapp.doctor import settings as of_settings
from ffapp.doctor.findings import Mark


@pytest.fixture
def real_zoom(settings):
    """Zoom is real, everything else is as it ought to be."""
    zoom = settings.providers["zoom"].changed(simulated=False, host_email="maya@school.test")
    return settings.with_provider(zoom).changed(
        public_url="https://founders.test", secret_key="k3V9xQ2mZ7pL4tR8wB1nC6yH0sD5fGjA"
    )


def findings(settings):
    return {each.what: each for each in of_settings.look(settings)}


def test_it_says_which_provider_is_real(real_zoom):
    said = findings(real_zoom)

    assert "Zoom is real, SendGrid is simulated, AiSensy is simulated" in said["settings"].says
    assert {each.mark for each in said.values()} == {Mark.OK}


def test_a_real_provider_needs_https(real_zoom, settings):
    plain = findings(real_zoom.changed(public_url="http://founders.test"))["PUBLIC_URL"]
    assert (plain.mark, "is not https" in plain.says) == (Mark.WRONG, True)

    assert findings(settings)["PUBLIC_URL"].mark is Mark.OK, "simulated ones do not"


@pytest.mark.parametrize("key", ["k" * 40, "abc" * 15, "change-me-please-0123456789-qwertz"])
def test_a_weak_key_is_wrong_where_others_reach_us(real_zoom, settings, key):
    assert findings(real_zoom.changed(secret_key=key))["SECRET_KEY"].mark is Mark.WRONG
    assert findings(settings.changed(secret_key=key))["SECRET_KEY"].mark is Mark.NOTE


def test_the_example_of_a_sender_is_wrong_where_mail_is_real(real_zoom, settings):
    mail = settings.providers["sendgrid"].changed(simulated=False)
    assert mail.from_email.endswith(".example")

    said = findings(real_zoom.with_provider(mail))["SENDGRID_FROM_EMAIL"]
    assert (said.mark, "verified at SendGrid" in said.says) == (Mark.WRONG, True)

    verified = mail.changed(from_email="hello@founders.test")
    assert "SENDGRID_FROM_EMAIL" not in findings(real_zoom.with_provider(verified))


def test_the_example_of_a_host_is_worth_a_note_where_zoom_is_real(real_zoom, settings):
    example = real_zoom.providers["zoom"].changed(host_email=settings.providers["zoom"].host_email)

    assert findings(real_zoom.with_provider(example))["ZOOM_HOST_EMAIL"].mark is Mark.NOTE
    assert "ZOOM_HOST_EMAIL" not in findings(settings)


def test_it_says_where_mistakes_are_reported(settings):
    reported = settings.changed(sentry_dsn="https://key@reports.test/7")

    assert "the log only" in findings(settings)["SENTRY_DSN"].says
    assert "is reported there" in findings(reported)["SENTRY_DSN"].says
    assert "key@" not in findings(reported)["SENTRY_DSN"].says
