"""What templates can use: macros as `ui`, times, and the words of the shells."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flask
from markupsafe import Markup

from ffapp.core import clock, config, i18n, phone
from ffapp.core.config import Settings
from ffapp.core.i18n import gettext as _
from ffapp.core.i18n import ngettext
from ffapp.web import auth
from ffapp.web.bell import Bell
from ffapp.web.kit import status_badges
from ffapp.web.navigation import navigation

THEMES = ("light", "dark")


class Macros:
    """All macros of `templates/ui/`, one name each: `ui.button`, `ui.join_card` …"""

    def __init__(self, app: flask.Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        return getattr(self._all(), name)

    @cache  # noqa: B019 (one instance for the application, as long as it lives)
    def _all(self) -> SimpleNamespace:
        environment = self._app.jinja_env
        found: dict[str, Any] = {}
        for template in sorted(environment.list_templates()):
            if template.startswith("ui/"):
                found.update(
                    (name, macro)
                    for name, macro in vars(environment.get_template(template).module).items()
                    if not name.startswith("_")
                )
        return SimpleNamespace(**found)


def install(app: flask.Flask, settings: Settings) -> None:
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals["ui"] = Macros(app)
    environment.globals["chip"] = status_badges.status_badge
    environment.filters |= {
        "local_time": local_time,
        "time_of_day": clock.spell_time,
        "date": i18n.format_date,
        "relative": relative,
        "phone": phone.display,
        "spaced": spaced,
        "size": size,
        "span": span,
        "to_the_second": to_the_second,
        "seconds_left": seconds_left,
    }
    app.url_defaults(_version(app))

    @app.context_processor
    def shell() -> dict[str, Any]:
        viewer = auth.viewer()
        theme = flask.request.cookies.get("theme")
        return {
            "viewer": _viewer(viewer),
            "viewer_zone": viewer.time_zone if viewer else None,
            "bell": Bell(viewer) if viewer else None,
            "navigation": navigation(viewer),
            "search_url": _search_url(viewer),
            "simulated": settings.any_simulated,
            "simulators_url": "/simulators/",
            "lang": i18n.current_language(),
            "languages": {} if viewer else i18n.LANGUAGES,
            "return_url": _return_url(),
            "product_name": config.current().programme_name,
            "theme": theme if theme in THEMES else None,
            "home_url": flask.url_for("public.front"),
        }


def _search_url(viewer: Any) -> str | None:
    """Where admins search everything; None on that page, which has a field of its own."""
    is_admin = viewer is not None and viewer.user.is_admin
    here = flask.request.endpoint == "admin.search_show"
    return flask.url_for("admin.search_show") if is_admin and not here else None


def _return_url() -> str | None:
    """This page's address, where a form that is posted elsewhere can come back to it by GET."""
    rule = flask.request.url_rule
    if rule is None or "GET" not in (rule.methods or ()):
        return None
    return auth.safe_path(flask.request.full_path.rstrip("?"))


def local_time(instant: datetime, zone_name: str | None = None) -> str:
    """`Sat 6 Dec, 5:00 pm IST`, in the zone, or else in the viewer's own."""
    zone_name = zone_name or own_zone()
    # A time of day must not be torn apart at the end of a line.
    at = clock.spell_time(instant, zone_name)
    return clock.spell(instant, zone_name).replace(at, at.replace(" ", "\N{NO-BREAK SPACE}"))


def to_the_second(instant: str) -> str:
    """`17:05:30` in the viewer's own zone, of an instant as ISO text."""
    return f"{clock.local(datetime.fromisoformat(instant), own_zone()):%H:%M:%S}"


def seconds_left(instant: str) -> int:
    """How many whole seconds are left until an instant (ISO text); 0 when it is past."""
    left = datetime.fromisoformat(instant) - clock.now()
    return max(0, int(left.total_seconds()))


def spaced(meeting_id: int | None) -> str:
    """`857 4606 5123`, as Zoom writes the number of a meeting."""
    digits = str(meeting_id or "")
    return f"{digits[:3]} {digits[3:-4]} {digits[-4:]}" if digits else ""


def own_zone() -> str:
    """The viewer's time zone."""
    person = auth.viewer()
    return (person and person.time_zone) or config.current().time_zone


def relative(instant: datetime) -> str:
    """`in 2 h`, `5 min ago`; empty when it is more than a day away."""
    away = instant - clock.now()
    if abs(away) >= timedelta(days=1):
        return ""
    if abs(away) < timedelta(minutes=1):
        return _("now")
    text = span(abs(away))
    return _("in %(span)s", span=text) if away > timedelta(0) else _("%(span)s ago", span=text)


def span(length: timedelta) -> str:
    """`2 h 14 min`; seconds only below a minute."""
    seconds = int(length.total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        parts = [_days(days), hours and _hours(hours)]
    elif hours:
        parts = [_hours(hours), minutes and _minutes(minutes)]
    else:
        parts = [_minutes(minutes) if minutes else ngettext("%(num)s s", "%(num)s s", seconds)]
    return " ".join(filter(None, parts))


def _days(count: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", count)


def _hours(count: int) -> str:
    return ngettext("%(num)s h", "%(num)s h", count)


def _minutes(count: int) -> str:
    return ngettext("%(num)s min", "%(num)s min", count)


def size(count: int) -> str:
    """`3.4 MB`."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def _viewer(person: Any) -> Any:
    if person is None:
        return None
    return SimpleNamespace(
        name=Markup.escape(person.name), initials=person.initials, is_admin=person.user.is_admin
    )


def _version(app: flask.Flask) -> Callable[[str, dict[str, Any]], None]:
    """Static addresses change with their content, so that they can be cached for ever."""

    @cache
    def digest(filename: str) -> str:
        path = Path(app.static_folder or "") / filename
        return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""

    def add(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values["v"] = digest(values["filename"])

    return add
