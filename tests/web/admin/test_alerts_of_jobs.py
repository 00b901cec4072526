"""Jobs, webhooks and providers that are stuck stand on Today with the button that mends it."""

from sqlalchemy import text

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.providers.simulating import store
from ffapp.webhooks.models import WebhookDelivery
from tests.web.admin.today_list import only
from tests.zoom_posts import post, started


def test_a_provider_that_does_not_answer(cast, worker, alerts, press, travel):
    store.set_switch("zoom", "fault", {"kind": "down"})
    cast.schedule("Week 3", hours=30)
    for _ in range(3):
        worker.drain()
        travel.forward(minutes=20)
    store.set_switch("zoom", "fault", None)
    travel.forward(minutes=-20)
    only(alerts(), "One act waits for Zoom", "Try now")

    press()
    worker.drain()

    assert alerts() == {}


def test_posts_that_were_refused(client, alerts, press):
    for _ in range(2):
        post(client, {"event": "x"}, signature="v0=wrong")
    said = "2 posts to Zoom’s webhook were refused: The signature is not one of ours. Compare"
    only(alerts(), said, "ZOOM_WEBHOOK_SECRET", "Dismiss")

    press()
    assert alerts() == {}

    post(client, {"event": "x"}, signature="v0=wrong")
    only(alerts(), "A post to Zoom’s webhook")


def test_a_post_that_could_not_be_handled(cast, client, worker, travel, alerts, press):
    session = cast.schedule("Week 3", hours=0.4)
    worker.drain()
    db.session.refresh(session)
    post(client, started(session.zoom_meeting_id, travel.now))
    worker.drain()
    db.session.execute(
        db.update(WebhookDelivery)
        .where(WebhookDelivery.event == "meeting.started")
        .values(state="failed", reason="It could not be handled (KeyError); the log says more.")
    )
    db.session.commit()
    only(alerts(), "Zoom’s “meeting.started” was not handled", "Handle again")

    press()
    worker.drain()

    assert alerts() == {}


def test_a_job_that_broke(cast, worker, alerts, press):
    cast.schedule("Week 3", hours=30)
    db.session.execute(
        text("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'events.follow'")
    )
    db.session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name <> 'events.follow'"))
    db.session.execute(
        text("DELETE FROM procrastinate_jobs WHERE args->>'listener' <> 'tell_class_scheduled'")
    )
    db.session.commit()
    only(alerts(), "What follows an event (tell_class_scheduled) broke", "Run again")

    press()

    assert alerts() == {}
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
    assert db.session.scalar(text(waiting)) == 1


def test_jobs_that_a_dead_worker_holds(cast, worker, alerts, press):
    cast.schedule("Week 3", hours=30)
    db.session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name <> 'events.follow'"))
    dead = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
    db.session.execute(text(dead))
    db.session.execute(
        text(
            "UPDATE procrastinate_jobs SET status = 'doing',"
            " worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
    )
    db.session.execute(
        text(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)"
            " VALUES ('default', 'jobs.forget_finished', now() - interval '10 minutes')"
        )
    )
    db.session.execute(
        text(
            "INSERT INTO procrastinate_events (job_id, type, at) SELECT max(id), 'deferred',"
            " now() - interval '10 minutes' FROM procrastinate_jobs"
        )
    )
    db.session.commit()
    only(alerts(), "One job waits for a worker, the first for 10 min", "Release stuck jobs")

    press()

    held_now = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    assert db.session.scalar(text(held_now)) == 0


def test_that_no_worker_runs_is_said_though_nothing_waits(cast, worker, alerts):
    worker.drain()
    minute = "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, periodic_id)"
    minute += " VALUES ('ledger.sweep', extract(epoch FROM now())::bigint - :ago, 'x')"
    db.session.execute(text(minute), {"ago": 60})
    db.session.commit()
    assert alerts() == {}, "one was there a minute ago"

    db.session.execute(
        text("UPDATE procrastinate_periodic_defers SET defer_timestamp = :at"),
        {"at": int(clock.wall().timestamp()) - 300},
    )
    db.session.commit()
    only(alerts(), "No worker runs", "Look again")

    db.session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    db.session.commit()
    assert alerts() == {}
