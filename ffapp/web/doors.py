"""The four doors, with every route behind them."""

from ffapp.web.admin import (
    attendance,
    cancellation,
    class_form,
    class_page,
    classes,
    cohorts,
    corrections,
    enrolments,
    invitations,
    messages,
    participants,
    people,
    person_changes,
    start_links,
    sync,
)
from ffapp.web.admin import recordings as admin_recordings
from ffapp.web.admin import webhooks as admin_webhooks
from ffapp.web.admin.door import admin
from ffapp.web.hooks.webhooks import hooks
from ffapp.web.public import access, front
from ffapp.web.public.door import public
from ffapp.web.student import calendar, home, me, watch
from ffapp.web.student.door import student

DOORS = (public, student, admin, hooks)
ROUTES = (access, front, calendar, home, me, watch)
CLASSES = (classes, class_form, class_page, cancellation, start_links, admin_recordings, sync)
ATTENDANCE = (attendance, corrections, participants)
PEOPLE = (cohorts, enrolments, invitations, people, person_changes)
LEDGER = (messages, admin_webhooks)
