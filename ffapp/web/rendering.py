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
        "relative": relative,
        "phone": phone.display,
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
            "simulated": settings.any_simulated,
            "simulators_url": "/simulators/",
            "lang": i18n.current_language(),
            "product_name": config.current().programme_name,
            "theme": theme if theme in THEMES else None,
            "home_url": flask.url_for("public.front"),
        }


def local_time(instant: datetime, zone_name: str | None = None) -> str:
    """`Sat 6 Dec, 5:00 pm IST`, in the zone, or else in the viewer's own."""
    text = clock.spell(instant, zone_name or own_zone())
    # The time of day and its zone must not be torn apart at the end of a line.
    return text.replace(" pm", "\N{NO-BREAK SPACE}pm").replace(" am", "\N{NO-BREAK SPACE}am")


def to_the_second(instant: str) -> str:
    """`17:05:30` in the viewer's own zone, of an instant as ISO text."""
    return f"{clock.local(datetime.fromisoformat(instant), own_zone()):%H:%M:%S}"


def seconds_left(instant: str) -> int:
    """How many whole seconds are left until an instant (ISO text); 0 when it is past."""
    left = datetime.fromisoformat(instant) - clock.now()
    return max(0, int(left.total_seconds()))


def own_zone() -> str:
    """The zone of whoever is looking."""
    from ffapp.core import config

    person = auth.viewer()
    return (person and person.time_zone) or config.current().time_zone


def relative(instant: datetime) -> str:
    """`in 2 h`, `5 min ago`; empty when it is more than a day away."""
    away = instant - clock.now()
    if abs(away) >= timedelta(days=1):
        return ""
    if abs(away) < timedelta(minutes=1):
        return "now"
    text = span(abs(away))
    return f"in {text}" if away > timedelta(0) else f"{text} ago"


def span(length: timedelta) -> str:
    """`2 h 14 min`; seconds only below a minute."""
    seconds = int(length.total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} {'day' if days == 1 else 'days'}" + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" if minutes else f"{seconds} s"


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
