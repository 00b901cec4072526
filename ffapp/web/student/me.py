"""What a student says about themself: time zone, reminders, sessions."""

import flask
import flask_login
import wtforms

from ffapp import clock, config
from ffapp.db import transaction
from ffapp.events import record
from ffapp.notifications.choices import choose, declined
from ffapp.people.sign_in import sign_out_everywhere
from ffapp.web import guard
from ffapp.web.forms import Form, ZoneField
from ffapp.web.page import page, see
from ffapp.web.student.calendar_link import link_of
from ffapp.web.student.door import student


class MeForm(Form):
    time_zone = ZoneField("Your time zone")
    reminders = wtforms.BooleanField("Remind me by e-mail before a class")


@student.route("/me", methods=["GET", "POST"])
def me() -> flask.typing.ResponseReturnValue:
    person = guard.me()
    wanted = person.id not in declined("class_reminders", "email", [person.id])
    zone = person.time_zone or config.current().time_zone
    form = MeForm(time_zone=zone, reminders=wanted)
    if form.validate_on_submit():
        transaction(_save, form)
        flask.flash("Saved")
        return see(flask.url_for("student.me"))
    return page(
        "student/me.html",
        form=form,
        person=person,
        zones=sorted(clock.zone_names()),
        calendar=link_of(person),
        status=422 if form.is_submitted() else 200,
    )


@student.post("/me/sessions")
def end_sessions() -> flask.typing.ResponseReturnValue:
    """Sign out everywhere, here as well."""
    person = guard.me()
    transaction(sign_out_everywhere, person.user, person)
    flask_login.logout_user()
    return see(flask.url_for("public.sign_in"))


def _save(form: MeForm) -> None:
    person = guard.me()
    if form.time_zone.data and form.time_zone.data != person.time_zone:
        changed = {"time_zone": [person.time_zone, form.time_zone.data]}
        record("person_changed", by=person, on=person, changed=changed)
        person.time_zone = form.time_zone.data
    choose(person, "class_reminders", "email", form.reminders.data)
