"""Settings that can be read, and still are not right."""

from collections.abc import Iterator

from ffapp.core.config import Settings
from ffapp.core.environment import VARIABLES
from ffapp.doctor.finding import Finding, note, ok, wrong

LONG_ENOUGH = 32  # characters of SECRET_KEY; from 16 on the programme starts


def look(settings: Settings) -> Iterator[Finding]:
    yield _modes(settings)
    yield _address(settings)
    yield _key(settings)
    yield from _senders(settings)
    yield _reports(settings)


def _modes(settings: Settings) -> Finding:
    modes = {
        "Zoom": settings.zoom.simulated,
        "SendGrid": settings.sendgrid.simulated,
        "AiSensy": settings.aisensy.simulated,
    }
    words = [f"{name} is {'simulated' if each else 'real'}" for name, each in modes.items()]
    return ok("settings", f"They can be read: {', '.join(words)}.")


def _address(settings: Settings) -> Finding:
    address = settings.public_url
    if settings.secure or not _any_real(settings):
        return ok("PUBLIC_URL", f"People and providers reach us at {address}.")
    return wrong(
        "PUBLIC_URL",
        f"{address} is not https, and a real provider posts its webhooks there. Set PUBLIC_URL to"
        " the https address under which the world reaches this house.",
    )


def _key(settings: Settings) -> Finding:
    length = len(settings.secret_key)
    if length >= LONG_ENOUGH:
        return ok("SECRET_KEY", f"It has {length} characters.")
    return note(
        "SECRET_KEY",
        f"It has {length} characters; {LONG_ENOUGH} random ones are better. A new key ends all"
        " sessions and links.",
    )


def _senders(settings: Settings) -> Iterator[Finding]:
    """The defaults are examples, which no real provider knows."""
    mail, host = settings.sendgrid, settings.zoom
    if not mail.simulated and mail.from_email == VARIABLES["SENDGRID_FROM_EMAIL"][0]:
        yield wrong(
            "SENDGRID_FROM_EMAIL",
            f"{mail.from_email} is the example. Set it to a sender that is verified at SendGrid.",
        )
    if not host.simulated and host.host_email == VARIABLES["ZOOM_HOST_EMAIL"][0]:
        yield note(
            "ZOOM_HOST_EMAIL",
            f"{host.host_email} is the example. Set it to a Zoom user, or name a host in each"
            " class.",
        )


def _reports(settings: Settings) -> Finding:
    if settings.sentry_dsn:
        return ok("SENTRY_DSN", "What breaks is reported there, and stands in the log.")
    return ok("SENTRY_DSN", "It is not set: what breaks stands in the log only.")


def _any_real(settings: Settings) -> bool:
    each = (settings.zoom, settings.sendgrid, settings.aisensy)
    return not all(provider.simulated for provider in each)
