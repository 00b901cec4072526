"""Settings: read once, typed, with one clear sentence about what is wrong."""

from datetime import time
from pathlib import Path

import pytest

from ffapp.core.config import SettingError
from ffapp.providers.registry import read_settings, variables

ROOT = Path(__file__).parents[2]

LEAST = {"DATABASE_URL": "postgres://u:p@db/x", "SECRET_KEY": "k3V9xQ2mZ7pL4tR8wB1nC6yH0sD5fGjA"}
ZOOM = {
    "ZOOM_ACCOUNT_ID": "a",
    "ZOOM_CLIENT_ID": "b",
    "ZOOM_CLIENT_SECRET": "c",
    "ZOOM_WEBHOOK_SECRET": "d",
}
SENDGRID = {"SENDGRID_API_KEY": "SG.x", "SENDGRID_WEBHOOK_PUBLIC_KEY": "k"}
AISENSY = {"AISENSY_API_KEY": "jwt"}
BOLNA = {"BOLNA_API_KEY": "bn-1", "BOLNA_DEFAULT_AGENT_ID": "2"}


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
    ("change", "sentence"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set (Postgres, also as postgres://…)."),
        (
            {"DATABASE_URL": "mysql://x/y"},
            "DATABASE_URL must name a Postgres database (postgres://…).",
        ),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL cannot be understood."),
        (
            {"SECRET_KEY": "short"},
            "SECRET_KEY is too short: give it at least 16 random characters.",
        ),
        (
            {"TIME_ZONE": "Mars/Base"},
            "TIME_ZONE is wrong: “Mars/Base” is not the name of a time zone.",
        ),
        ({"JOIN_OPENS_MINUTES": "soon"}, "JOIN_OPENS_MINUTES must be a whole number, not “soon”."),
        ({"JOIN_OPENS_MINUTES": "500"}, "JOIN_OPENS_MINUTES must be at most 120, not 500."),
        ({"SIMULATOR_SPEED": "-1"}, "SIMULATOR_SPEED must be at least 0, not -1."),
        (
            {"PROVIDER_DEADLINE_SECONDS": "x"},
            "PROVIDER_DEADLINE_SECONDS must be a number, not “x”.",
        ),
        (
            {"LOG_LEVEL": "loud"},
            "LOG_LEVEL must be 'debug', 'info', 'warning' or 'error', not “loud”.",
        ),
        ({"QUIET_HOURS": "22"}, "QUIET_HOURS must look like 21:00-08:00, or be off."),
        (
            {"SENTRY_DSN": "https://key@reports.test"},
            "SENTRY_DSN must look like https://KEY@HOST/PROJECT.",
        ),
        (
            {"USE_REAL_EXTERNAL_APIS": "maybe"},
            "USE_REAL_EXTERNAL_APIS must be true or false, not “maybe”.",
        ),
        (
            {"USE_REAL_EXTERNAL_APIS": "true"},
            "ZOOM_ACCOUNT_ID is not set (the Server-to-Server OAuth app's account).",
        ),
        ({"ZOOM_MODE": "fake"}, "ZOOM_MODE must be real or simulated, not “fake”."),
        (
            {"ZOOM_MODE": "real", **ZOOM, "ZOOM_WEBHOOK_SECRET": ""},
            "ZOOM_WEBHOOK_SECRET is not set (the app's secret token, which signs webhooks).",
        ),
        (
            {"ZOOM_PERSONAL_LINKS": "perhaps"},
            "ZOOM_PERSONAL_LINKS must be true or false, not “perhaps”.",
        ),
        (
            {"AISENSY_MODE": "real"},
            "AISENSY_API_KEY is not set (the project's API key, from Manage › API Key).",
        ),
        (
            {"AISENSY_MODE": "real", **AISENSY, "AISENSY_PROJECT_ID": "6"},
            "AISENSY_WEBHOOK_SECRET is not set (the webhook's shared secret).",
        ),
        (
            {"AISENSY_MODE": "real", **AISENSY, "AISENSY_WEBHOOK_SECRET": "6"},
            "AISENSY_PROJECT_ID is not set (the project whose webhooks are let in).",
        ),
        ({"BOLNA_MODE": "real"}, "BOLNA_API_KEY is not set (the API key, from Developers)."),
        (
            {"BOLNA_MODE": "real", "BOLNA_API_KEY": "bn-1"},
            "BOLNA_DEFAULT_AGENT_ID is not set (the agent of calls for which no other is chosen).",
        ),
        (
            {"AISENSY_CAMPAIGNS": "class_moved"},
            "AISENSY_CAMPAIGNS is wrong: “class_moved” is not of the form name=value.",
        ),
        (
            {"AISENSY_CAMPAIGNS": "=x"},
            "AISENSY_CAMPAIGNS is wrong: “=x” is not of the form name=value.",
        ),
        ({"AISENSY_CAMPAIGNS": "a=x, a=y"}, "AISENSY_CAMPAIGNS names “a” twice."),
    ],
)
def test_one_sentence_says_what_is_wrong(change, sentence):
    with pytest.raises(SettingError) as refused:
        read_settings({**LEAST, **change})

    assert str(refused.value) == sentence


def test_empty_variables_and_those_of_others_count_for_nothing(monkeypatch):
    monkeypatch.setenv("TIME_ZONE", "Europe/Berlin")  # of the process, which nobody asked about

    settings = read_settings({**LEAST, "LOG_LEVEL": " ", "PROVIDERS": "none", "SIMULATED": "no"})

    assert (settings.log_level, settings.time_zone) == ("info", "Asia/Kolkata")
    assert settings.providers["zoom"].simulated


def test_values_are_read_in_the_forms_that_people_write():
    given = {"LOG_LEVEL": "INFO", "SIMULATOR_SPEED": " 0.5 ", "USE_REAL_EXTERNAL_APIS": "No"}

    settings = read_settings({**LEAST, **given, "QUIET_HOURS": "off", "PUBLIC_URL": "https://x/"})

    assert (settings.log_level, settings.simulator_speed) == ("info", 0.5)
    assert settings.quiet_hours == (time(0), time(0))
    assert (settings.public_url, settings.secure) == ("https://x", True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, True), ({"ZOOM_MODE": "real", **ZOOM}, True), ({"ZOOM_PERSONAL_LINKS": "false"}, False)],
)
def test_students_have_links_of_their_own_unless_somebody_switches_them_off(given, expected):
    assert read_settings({**LEAST, **given}).providers["zoom"].personal_links is expected


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "running.md").read_text()

    assert [name for name in variables() if f"| `{name}` |" not in text] == []


def test_one_provider_can_be_real_beside_simulated_others():
    settings = read_settings({**LEAST, "ZOOM_MODE": "real", **ZOOM})

    assert (settings.providers["zoom"].simulated, settings.providers["sendgrid"].simulated) == (
        False,
        True,
    )
    assert settings.providers["zoom"].base_url == "https://api.zoom.us/v2"
    assert settings.providers["zoom"].client_id == "b"


def test_a_mode_beats_the_flag():
    real = {"USE_REAL_EXTERNAL_APIS": "true", "SENDGRID_MODE": "simulated"}
    real |= {**ZOOM, **AISENSY, **BOLNA}

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
    all_real = {"USE_REAL_EXTERNAL_APIS": "true", **ZOOM, **SENDGRID, **AISENSY, **BOLNA}
    real = read_settings({**LEAST, **all_real})

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


@pytest.mark.parametrize("key", ["0123456789abcdef", "k" * 40, "abcdefgh" * 5, "our-secret-" * 4])
def test_a_weak_key_is_refused_where_others_reach_us(key):
    local = {**LEAST, "SECRET_KEY": key}
    assert read_settings({**local, "PUBLIC_URL": "http://localhost:8000"}).is_local

    for public in ({"PUBLIC_URL": "https://x.test"}, {"PUBLIC_URL": "http://10.0.0.7:8000"}):
        with pytest.raises(SettingError, match="SECRET_KEY "):
            read_settings({**local, **public})
