"""Settings: read once, typed, and loud about what is wrong."""

import pytest

from ffapp.core.config import SettingError
from ffapp.providers.registry import read_settings

LEAST = {"DATABASE_URL": "postgres://u:p@db/x", "SECRET_KEY": "0123456789abcdef"}
ZOOM = {
    "ZOOM_ACCOUNT_ID": "a",
    "ZOOM_CLIENT_ID": "b",
    "ZOOM_CLIENT_SECRET": "c",
    "ZOOM_WEBHOOK_SECRET": "d",
}
SENDGRID = {"SENDGRID_API_KEY": "SG.x", "SENDGRID_WEBHOOK_PUBLIC_KEY": "k"}
AISENSY = {"AISENSY_API_KEY": "jwt"}


def test_without_any_variable_of_a_provider_everything_is_simulated():
    settings = read_settings(LEAST)

    assert settings.providers["zoom"].simulated
    assert settings.providers["sendgrid"].simulated
    assert settings.providers["aisensy"].simulated
    assert settings.providers["zoom"].base_url == "http://127.0.0.1:8001/zoom/v2"


def test_herokus_form_of_the_database_address_is_taken():
    settings = read_settings(LEAST)

    assert settings.database_url == "postgresql+psycopg://u:p@db/x"
    assert settings.libpq_url == "postgresql://u:p@db/x"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://x/y"}, "Postgres"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "16"),
        ({"TIME_ZONE": "Mars/Base"}, "Mars/Base"),
        ({"JOIN_OPENS_MINUTES": "soon"}, "JOIN_OPENS_MINUTES"),
        ({"JOIN_OPENS_MINUTES": "500"}, "120"),
        ({"USE_REAL_EXTERNAL_APIS": "maybe"}, "true or false"),
        ({"ZOOM_MODE": "fake"}, "ZOOM_MODE"),
        ({"USE_REAL_EXTERNAL_APIS": "true"}, "ZOOM_ACCOUNT_ID"),
        ({"ZOOM_MODE": "real", **ZOOM, "ZOOM_WEBHOOK_SECRET": ""}, "ZOOM_WEBHOOK_SECRET"),
        ({"AISENSY_MODE": "real"}, "AISENSY_API_KEY"),
        ({"AISENSY_MODE": "real", **AISENSY, "AISENSY_PROJECT_ID": "6"}, "AISENSY_WEBHOOK_SECRET"),
        ({"AISENSY_MODE": "real", **AISENSY, "AISENSY_WEBHOOK_SECRET": "6"}, "AISENSY_PROJECT_ID"),
        ({"AISENSY_CAMPAIGNS": "class_moved"}, "“class_moved” is not of the form"),
        ({"AISENSY_CAMPAIGNS": "=x"}, "AISENSY_CAMPAIGNS"),
        ({"AISENSY_CAMPAIGNS": "a=x, a=y"}, "“a” twice"),
    ],
)
def test_what_is_wrong_is_named(change, word):
    with pytest.raises(SettingError, match=word):
        read_settings({**LEAST, **change})


def test_one_provider_can_be_real_beside_simulated_others():
    settings = read_settings({**LEAST, "ZOOM_MODE": "real", **ZOOM})

    assert (settings.providers["zoom"].simulated, settings.providers["sendgrid"].simulated) == (
        False,
        True,
    )
    assert settings.providers["zoom"].base_url == "https://api.zoom.us/v2"
    assert settings.providers["zoom"].client_id == "b"


def test_a_mode_beats_the_flag():
    real = {"USE_REAL_EXTERNAL_APIS": "true", "SENDGRID_MODE": "simulated", **ZOOM, **AISENSY}

    settings = read_settings({**LEAST, **real})

    assert (settings.providers["zoom"].simulated, settings.providers["sendgrid"].simulated) == (
        False,
        True,
    )


def test_simulated_credentials_are_the_same_in_each_process_and_no_others():
    first, again = read_settings(LEAST), read_settings(LEAST)
    other = read_settings({**LEAST, "SECRET_KEY": "fedcba9876543210"})

    assert first.providers["zoom"] == again.providers["zoom"]
    assert first.providers["zoom"].client_secret != other.providers["zoom"].client_secret
    assert first.providers["aisensy"] == again.providers["aisensy"]
    assert first.providers["aisensy"].webhook_secret != other.providers["aisensy"].webhook_secret
    assert (
        first.providers["sendgrid"].webhook_public_key
        != other.providers["sendgrid"].webhook_public_key
    )


def test_a_real_provider_never_takes_a_simulated_credential():
    simulated = read_settings(LEAST)
    real = read_settings({**LEAST, "USE_REAL_EXTERNAL_APIS": "true", **ZOOM, **SENDGRID, **AISENSY})

    assert real.providers["zoom"].client_secret == "c"
    assert real.providers["sendgrid"].api_key != simulated.providers["sendgrid"].api_key
    assert real.providers["aisensy"].api_key == "jwt"
    assert not real.any_simulated


def test_a_real_aisensy_may_be_without_webhooks():
    settings = read_settings({**LEAST, "AISENSY_MODE": "real", **AISENSY}).providers["aisensy"]

    assert (settings.project_id, settings.webhook_secret) == ("", "")
    assert settings.base_url == "https://backend.aisensy.com/campaign/t1/api"


def test_campaigns_are_named_by_notice():
    names = {"AISENSY_CAMPAIGNS": " class_moved = moved v2 ,class_scheduled=new=1,"}

    settings = read_settings({**LEAST, **names}).providers["aisensy"]

    assert settings.campaigns == {"class_moved": "moved v2", "class_scheduled": "new=1"}
