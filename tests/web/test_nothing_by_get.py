"""GET and HEAD change nothing: every address, as each person, on rows that exist."""

import pytest
from sqlalchemy import event

from ffapp.classes import calendar_feed
from ffapp.classes.models import Join
from ffapp.core.db import db, transaction
from ffapp.notifications import bell
from ffapp.notifications.models import Notification
from ffapp.people import links
from ffapp.recordings.models import RecordingView
from tests.zoom_posts import ended, post, recorded

# By GET, when somebody opens them; by HEAD, ahead of a click or from another site not even these.
VISITS = {
    "student.join",
    "student.play",
    "student.notification_show",
    "admin.recording_play",
    "admin.notification_show",
}
# A calendar program reads its feed by GET, and the time of its last change is noticed then.
FEEDS = {"public.calendar_feed"}
AHEAD = (
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
)
SIGNS = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def rows(cast, worker, travel, client):
    """A class that was held and recorded, one that can be joined, and a line in two bells."""
    over, soon = cast.schedule("Over", hours=1), cast.schedule("Soon", hours=3)
    worker.drain()
    db.session.refresh(over)
    travel.to(over.ends_at)
    post(client, ended(over.zoom_meeting_id, over.starts_at, travel.now))
    post(client, recorded(over.zoom_meeting_id, over.starts_at, travel.now))
    worker.drain()
    travel.to(soon.starts_at)
    line = {"key": "k", "kind": "class_changes", "subject": "s", "title": "t", "body": "b"}
    bell.notify([cast.asha.id, cast.admin.id], path="/home", **line)
    db.session.commit()
    db.session.refresh(over)
    video = next(each for each in over.recordings if each.is_video)
    feed, link = transaction(calendar_feed.make_link, cast.asha), transaction(_link, cast)
    return {
        "class_id": soon.id,
        "recording_id": video.id,
        "cohort_id": cast.cohort.id,
        "public.calendar_feed": {"token": feed},
        "public.access_link": {"token": link},
    }


def _link(cast):
    return links.url_of(links.make_link(cast.tara, "reset")).rpartition("/")[2]


@pytest.fixture
def written():
    """The statements that changed a row since it was emptied."""
    found = []

    def note(connection, cursor, statement, *more):
        if statement.lstrip().upper().startswith(SIGNS):
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def addresses(app, rows, person):
    """(endpoint, address) of all that can be read, about rows that exist where they are known."""
    line = db.session.scalar(db.select(Notification.id).filter_by(person_id=person.id))
    known = {**rows, "notification_id": line or 1, "person_id": person.id}
    words = {"token": "x", "path": "x", "filename": "x", "key": "zoom"}
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.endpoint.startswith("simulators"):
            mine = {**words, **known, **known.get(rule.endpoint, {})}
            values = {name: mine.get(name, 1) for name in rule.arguments}
            with app.test_request_context():
                yield rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, values)


@pytest.mark.parametrize("role", ["asha", "admin", None])
def test_nothing_is_written_by_reading(app, rows, cast, written, role):
    person = getattr(cast, role or "tara")
    browser = app.test_client()
    if role:
        browser.sign_in(person)
    every = list(addresses(app, rows, person))
    browser.get("/home", lint=False)  # when somebody was seen last is noted every few minutes

    def opened(method, endpoint, address, **headers):
        del written[:]
        browser.open(address, method=method, lint=False, headers=headers)
        return list(written)

    for endpoint, address in every:
        if endpoint not in VISITS | FEEDS:
            assert opened("GET", endpoint, address) == [], f"GET {address}"
        if endpoint not in FEEDS:
            assert opened("HEAD", endpoint, address) == [], f"HEAD {address}"
        if endpoint in VISITS:
            for headers in AHEAD:
                assert opened("GET", endpoint, address, **headers) == [], f"{headers} {address}"


@pytest.mark.parametrize("site", [None, "same-origin", "none"])
def test_who_opens_it_counts(client, rows, cast, site):
    client.sign_in(cast.asha)
    headers = {"Sec-Fetch-Site": site} if site else {}

    client.get(f"/classes/{rows['class_id']}/join", headers=headers)
    client.get(f"/recordings/{rows['recording_id']}/play", headers=headers)

    for model in (Join, RecordingView):
        assert db.session.scalar(db.select(db.func.count(model.id))) == 1


def test_who_comes_from_another_site_finds_the_button(client, rows, cast):
    client.sign_in(cast.asha)

    answer = client.get(
        f"/classes/{rows['class_id']}/join", headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.location == f"/classes/{rows['class_id']}"
    assert "Join Meeting" in client.get(answer.location).text
