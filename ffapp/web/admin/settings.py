"""The Settings page: what the educator decides, beside the environment variables."""

from datetime import time
from typing import Any

import flask

from ffapp.core import clock, settings
from ffapp.web import auth
from ffapp.web.auth import admin
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.forms import (
    EmailField,
    Length,
    NumberField,
    Required,
    TextField,
    TimeField,
    ZoneField,
)
from ffapp.web.kit.page import page
from ffapp.web.kit.resource import ResourceForm, respond
from ffapp.web.kit.timeline import (
    Label,
    changed,
    edits_in_words,
    newest_events,
    plain,
    quoted,
    timeline,
)
from ffapp.web.navigation import Entry

# Field of the form → the setting (`core/settings.py`). Quiet hours are two fields of one setting.
FIELDS = {
    "programme_name": "programme_name",
    "sender_name": "sendgrid.from_name",
    "time_zone": "time_zone",
    "host": "zoom.host_email",
    "join_opens": "join_opens_minutes",
    "recording_wait": "recording_ready_minutes",
    "present_percent": "present_percent",
    "present_minutes": "present_minutes",
}
QUIET_HOURS = "quiet_hours"


class SettingsForm(ResourceForm):
    programme_name = TextField("Programme name", [Required("Give the name."), Length(60)])
    sender_name = TextField("Sender of e-mails", [Required("Give a name."), Length(60)])
    time_zone = ZoneField("Time zone", [Required("Choose a time zone.")])
    host = EmailField("Zoom host", [Required("Give the e-mail address of a Zoom user.")])
    join_opens = NumberField(
        "Join opens before the start", 0, 120, " minutes", validators=[Required("Say how long.")]
    )
    recording_wait = NumberField(
        "Recording is ready after", 1, 2880, " minutes", validators=[Required("Say how long.")]
    )
    present_percent = NumberField(
        "Present means there for", 0, 100, " % of the class", validators=[Required("Say how much.")]
    )
    present_minutes = NumberField(
        "Or, if that is less, for", 0, 1440, " minutes", validators=[Required("Say how long.")]
    )
    quiet_begins = TimeField("Quiet hours begin", [Required("Give a time, such as 21:00.")])
    quiet_ends = TimeField("Quiet hours end", [Required("Give a time, such as 08:00.")])

    @property
    def values(self) -> dict[str, Any]:
        """The settings as they are stored."""
        quiet = (self.quiet_begins.data, self.quiet_ends.data)
        return {
            **{setting: self[field].data for field, setting in FIELDS.items()},
            QUIET_HOURS: settings.to_json(quiet),
        }


@admin.route("/settings", methods=["GET", "POST"])
def settings_edit() -> flask.typing.ResponseReturnValue:
    row = settings.stored_row()
    form = SettingsForm(**_values(row), revision=str(row.revision) if row else "0")

    def save() -> str:
        changed = settings.save(form.values, form.typed_revision, auth.me())
        flask.flash("Saved" if changed else "Nothing was different, so nothing was saved")
        return flask.url_for("admin.settings_edit")

    def show(status: int, conflict: int | None = None) -> flask.Response:
        row = settings.stored_row()  # the first decision of all may have been somebody else's
        if conflict is not None:
            form.renew(row)
        return page(
            "admin/settings/edit.html",
            form=form,
            conflict=edits_in_words(row, conflict),
            zones=sorted(clock.zone_names()),
            timeline=timeline(newest_events(row)) if row else [],
            status=status,
        )

    answer = respond(form, save, show)
    settings.forget()
    return answer


def _values(row: settings.EducatorSettings | None) -> dict[str, Any]:
    """What the form shows before anybody types."""
    stored = settings.values_of(row, [*FIELDS.values(), QUIET_HOURS])
    begins, ends = map(time.fromisoformat, stored[QUIET_HOURS])
    return {
        **{field: stored[setting] for field, setting in FIELDS.items()},
        "quiet_begins": begins,
        "quiet_ends": ends,
    }


LABELS: dict[str, Label] = {
    "programme_name": ("the programme name", quoted),
    "sendgrid.from_name": ("the sender of e-mails", quoted),
    "zoom.host_email": ("the Zoom host", plain),
    "join_opens_minutes": ("when Join opens", lambda value, zone: f"{value} min before the start"),
    "recording_ready_minutes": (
        "when a recording is ready",
        lambda value, zone: f"{value} min after the end",
    ),
    "present_percent": (
        "how long is present",
        lambda value, zone: f"{value} % of the class",
    ),
    "present_minutes": ("how long is present in any case", lambda value, zone: f"{value} min"),
    "quiet_hours": ("the quiet hours", lambda value, zone: "–".join(value)),
}
DOMAIN = Domain(
    navigation=Entry("Settings", "admin.settings_edit", "sliders-horizontal"),
    sentences={"settings_changed": changed},
    labels=LABELS,
)
