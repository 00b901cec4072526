"""Settings that can be read, and still are not right."""

from collections.abc import Iterator

from ffapp.core.config import Settings
from ffapp.core.secret_key import MAKE_KEY, weakness_of_key
from ffapp.doctor.findings import Finding, note, ok, wrong
from ffapp.providers.registry import PROVIDERS


def look(settings: Settings) -> Iterator[Finding]:
    yield _modes(settings)
    yield _address(settings)
    yield _key(settings)
    yield from _senders(settings)
    yield _reports(settings)


def _modes(settings: Settings) -> Finding:
    words = [
        f"{each.title} is {'simulated' if settings.of(each.settings).simulated else 'real'}"
        for each in PROVIDERS
    ]
    return ok("settings", f"They can be read: {', '.join(words)}.")


def _address(settings: Settings) -> Finding:
    address = settings.public_url
    if settings.secure or not _any_real(settings):
        return ok("PUBLIC_URL", f"People and providers reach us at {address}.")
    return wrong(
        "PUBLIC_URL",
        f"{address} is not https, and a real provider posts its webhooks there. Set PUBLIC_URL to"
        " the https address under which the world reaches this app.",
    )


def _key(settings: Settings) -> Finding:
    weakness = weakness_of_key(settings.secret_key)
    if weakness is None:
        return ok("SECRET_KEY", "It is long and looks random.")
    says = f"It {weakness}; {MAKE_KEY} A weak one does not go into SECRET_KEY_FALLBACKS."
    return (note if settings.is_local else wrong)("SECRET_KEY", says)


def _senders(settings: Settings) -> Iterator[Finding]:
    """Some defaults are examples, which no real provider knows."""
    for own in settings.providers.values():
        for each in () if own.simulated else own.warnings():
            yield (wrong if each.is_wrong else note)(each.variable, each.sentence)


def _reports(settings: Settings) -> Finding:
    if settings.sentry_dsn:
        return ok("SENTRY_DSN", "What breaks is reported there, and stands in the log.")
    return ok("SENTRY_DSN", "It is not set: what breaks stands in the log only.")


def _any_real(settings: Settings) -> bool:
    return not all(provider.simulated for provider in settings.providers.values())
