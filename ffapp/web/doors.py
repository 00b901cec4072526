"""The four doors, with every route behind them."""

from ffapp.web.admin import (
    announcements,
    attendance,
    batches,
    cancellation,
    cancellations,
    chat_templates,
    class_form,
    class_month,
    class_page,
    class_views,
    classes,
    cohort_list,
    cohorts,
    corrections,
    enrolments,
    invitations,
    message_files,
    message_templates,
    messages,
    notifications,
    participants,
    people,
    person_changes,
    recording_list,
    saved_views,
    start_links,
    sync,
    today,
)
from ffapp.web.admin import recordings as admin_recordings
from ffapp.web.admin import webhooks as admin_webhooks
from ffapp.web.admin.door import admin
from ffapp.web.hooks.webhooks import hooks
from ffapp.web.public import access, front
from ffapp.web.public import calendar as public_calendar
from ffapp.web.public.door import public
from ffapp.web.student import calendar, calendar_link, home, me, month, watch
from ffapp.web.student import notifications as student_notifications
from ffapp.web.student.door import student

DOORS = (public, student, admin, hooks)
PUBLIC = (access, front, public_calendar)
STUDENT = (calendar, calendar_link, home, me, month, student_notifications, watch)
CLASSES = (
    classes,
    class_form,
    class_month,
    class_page,
    cancellation,
    cancellations,
    start_links,
    admin_recordings,
    recording_list,
    sync,
)
ATTENDANCE = (attendance, corrections, participants)
LIBRARY = (class_views,)
PEOPLE = (
    announcements,
    batches,
    cohort_list,
    cohorts,
    enrolments,
    invitations,
    people,
    person_changes,
)
LEDGER = (
    today,
    messages,
    message_files,
    message_templates,
    chat_templates,
    notifications,
    admin_webhooks,
    saved_views,
)
