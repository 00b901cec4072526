"""Calling people, and how each call goes."""

import io
from collections.abc import Mapping, Sequence

import flask
import wtforms
from sqlalchemy import select
from sqlalchemy.orm import undefer

from ffapp.calls.models import CallLog
from ffapp.calls.recording import note_play, recording_of
from ffapp.calls.request import AT_ONCE, BATCH, request_call, request_calls, scripts, why_not
from ffapp.calls.states import is_open, states_of_calls
from ffapp.calls.stop import NOT_STOPPABLE, stop_call
from ffapp.calls.track import refresh
from ffapp.core.db import db, transaction
from ffapp.core.jobs import defer_once
from ffapp.core.signing import BadLink, sign, unsign
from ffapp.ledger.models import Effect, State
from ffapp.people.models import Person
from ffapp.programme.models import Cohort
from ffapp.web import auth
from ffapp.web.admin.calls.list import CALLS, run_at_work, this_month
from ffapp.web.admin.calls.words import spell_cost, spell_seconds, told
from ffapp.web.admin.cohorts.pages import ROSTER
from ffapp.web.admin.people.list import PEOPLE
from ffapp.web.auth import admin
from ffapp.web.kit.bulk_actions import Confirmation, Line, Outcome, selected_ids
from ffapp.web.kit.forms import Form
from ffapp.web.kit.idempotency import new_key, submit
from ffapp.web.kit.page import is_htmx, page, see
from ffapp.web.kit.queries import get_or_404, query_int
from ffapp.web.kit.resource import ResourceForm, respond
from ffapp.web.kit.timeline import newest_events, timeline
from ffapp.web.kit.undo import UndoView, counted, show_undo_as

PLAY, PLAY_SECONDS = "call recording", 3600


def _options() -> list[tuple[str, str]]:
    return [(each, each) for each in scripts()]


class CallForm(ResourceForm):
    script = wtforms.SelectField("What is said", choices=_options)


class SeveralForm(Form):
    script = wtforms.SelectField("What is said", choices=_options)


@admin.get("/calls")
def call_index() -> flask.typing.ResponseReturnValue:
    return CALLS.respond(month=this_month, run=run_at_work)


@admin.route("/people/<int:person_id>/calls/new", methods=["GET", "POST"])
def call_new(person_id: int) -> flask.typing.ResponseReturnValue:
    person = get_or_404(Person, person_id)
    form = CallForm()

    def save() -> str:
        call = request_call(person, form.script.data, auth.me())
        return flask.url_for("admin.call_show", call_id=call.id)

    def show(status: int) -> flask.Response:
        refusal = why_not([person]).get(person.id)
        return page(
            "admin/calls/new.html", form=form, person=person, refusal=refusal, status=status
        )

    return respond(form, save, show)


@admin.route("/calls/several", methods=["GET", "POST"])
def call_several() -> flask.typing.ResponseReturnValue:
    """Call those who were chosen on a list of people, or on a cohort's."""
    ids = selected_ids(_matching_ids)
    back = auth.back_or(flask.url_for("admin.person_index"))
    if not ids:
        flask.flash("Choose the people to call first", "warn")
        return see(back)
    return _confirmation(ids).respond(ids, back)


@admin.get("/calls/<int:call_id>")
def call_show(call_id: int) -> flask.typing.ResponseReturnValue:
    call = get_or_404(CallLog, call_id, undefer(CallLog.transcript))
    state = states_of_calls([call.id])[call.id]
    recording = recording_of(call)
    mark = f"{state}-{call.rank}-{recording is not None:d}-{call.effect.attempts}"
    if is_htmx() and flask.request.args.get("seen") == mark:
        return "", 204  # nothing is new: what is open on the page stays open
    is_moving = _is_open(call) or call.recording_due_at is not None
    return page(
        "admin/calls/show.html",
        fragments=("call",),
        call=call,
        effect=call.effect,
        person=call.person,
        state=state,
        sentence=told(call, call.effect, state),
        talk=spell_seconds(call.seconds),
        cost=spell_cost(call.cost_micros),
        recording=recording,
        play=_play_token(call),
        tries=_tries(call),
        can_stop=call.effect.state == State.PLANNED or call.is_waiting_at_bolna,
        seen=mark if is_moving else None,
        new_key=new_key,
        timeline=timeline(newest_events(call)),
    )


@admin.post("/calls/<int:call_id>/stops")
def call_stop(call_id: int) -> flask.typing.ResponseReturnValue:
    call = get_or_404(CallLog, call_id)

    def work() -> str:
        stopped = stop_call(call, auth.me())
        flask.flash("It is called off" if stopped else NOT_STOPPABLE, "good" if stopped else "warn")
        return flask.url_for("admin.call_show", call_id=call_id)

    return submit(work)


@admin.post("/calls/<int:call_id>/readings")
def call_read(call_id: int) -> flask.typing.ResponseReturnValue:
    """Have Bolna asked now how the call goes."""
    call = get_or_404(CallLog, call_id)
    if call.execution_id is None:
        flask.flash("Bolna does not have this call, so there is nothing to ask for", "warn")
    else:
        transaction(defer_once, refresh, f"calls.refresh:{call.id}", call_id=call.id)
        flask.flash("Bolna is being asked now")
    return see(auth.back_or(flask.url_for("admin.call_show", call_id=call_id)))


@admin.post("/calls/<int:call_id>/plays")
def call_play(call_id: int) -> flask.typing.ResponseReturnValue:
    """Write down that somebody listens, and show the player."""
    call = get_or_404(CallLog, call_id)
    if recording_of(call) is None:
        flask.abort(404)
    transaction(note_play, call, auth.me())
    token = sign(PLAY, f"{call.id}:{auth.me().id}")
    return see(flask.url_for("admin.call_show", call_id=call_id, play=token, _anchor="recording"))


@admin.get("/calls/<int:call_id>/recording")
def call_recording(call_id: int) -> flask.typing.ResponseReturnValue:
    """The sound, for an hour after Play was pressed."""
    call = get_or_404(CallLog, call_id)
    recording = recording_of(call)
    if recording is None or _play_token(call) is None:
        flask.abort(404)
    content = io.BytesIO(recording.content)
    answer = flask.send_file(content, mimetype=recording.mimetype, conditional=True, max_age=0)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _play_token(call: CallLog) -> str | None:
    """The token in the address when it is for this call and this person, and not too old."""
    token = flask.request.args.get("play", "")
    try:
        known = unsign(PLAY, token, PLAY_SECONDS) == f"{call.id}:{auth.me().id}"
    except BadLink:
        return None
    return token if known else None


def _is_open(call: CallLog) -> bool:
    query = select(CallLog.id).join(Effect, Effect.id == CallLog.effect_id)
    return db.session.scalar(query.where(CallLog.id == call.id, is_open())) is not None


def _tries(call: CallLog) -> Sequence[CallLog]:
    """All tries to reach the person for this reason, the first one first."""
    first_id = call.first_id or call.id
    is_one = (CallLog.id == first_id) | (CallLog.first_id == first_id)
    mine = select(CallLog).where(CallLog.person_id == call.person_id, is_one).order_by(CallLog.id)
    return db.session.scalars(mine).all()


def _matching_ids() -> Sequence[int]:
    """All who fit the filters of the list on which they were chosen: a roster, or all people."""
    cohort_id = query_int("roster")
    if cohort_id is not None:
        return ROSTER.matching_ids(get_or_404(Cohort, cohort_id))
    return PEOPLE.matching_ids()


def _confirmation(ids: Sequence[int]) -> Confirmation:
    people = db.session.scalars(
        select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id)
    ).all()
    refused = why_not(people)

    def call(able: Sequence[Person], form: SeveralForm, versions: Mapping[int, int]) -> Outcome:
        batch = request_calls(able, form.script.data, auth.me())
        verb = "is" if len(able) == 1 else "are"
        return Outcome(f"{_count(able)} {verb} called in a minute.", batch)

    return Confirmation(
        title=lambda able: f"Call {_count(able)}",
        button=lambda able: f"Call {_count(able)}",
        load=lambda ids: people,
        line=lambda person: Line(
            person.id,
            person.name,
            flask.url_for("admin.person_show", person_id=person.id),
            about=person.email,
        ),
        refusal=lambda person: refused.get(person.id),
        warning=lambda able: (
            f"More than {AT_ONCE} calls are planned one after the other; the list of calls says "
            "how far it is."
            if len(able) > AT_ONCE
            else None
        ),
        act=call,
        nothing="None of them can be called: nobody has agreed to it, or no number is known",
        notes=(
            "A computer voice calls, and says so. Each call costs money at Bolna.",
            "Calls go between 9 am and 9 pm where the person is; others wait for the morning.",
        ),
        form=SeveralForm,
    )


def _count(people: Sequence[Person]) -> str:
    return people[0].name if len(people) == 1 else f"{len(people)} people"


show_undo_as(
    BATCH,
    UndoView(
        name="calls to several people",
        done=lambda batch: "Calls were asked for",
        things=counted("call is", "calls are", "called off"),
        page=lambda batch: flask.url_for("admin.call_index"),
        tells=False,
    ),
)
