"""The four blueprints, with all their routes."""

from ffapp.web import bell
from ffapp.web.admin import saved_views
from ffapp.web.admin.attendance import overrides as corrections
from ffapp.web.admin.attendance import pages as attendance_pages
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes import cancellations, start_links
from ffapp.web.admin.classes import form as class_form
from ffapp.web.admin.classes import list as classes_list
from ffapp.web.admin.classes import month as class_month
from ffapp.web.admin.classes import pages as classes_pages
from ffapp.web.admin.cohorts import enrolments, invitations, student_import
from ffapp.web.admin.cohorts import list as cohort_list
from ffapp.web.admin.cohorts import pages as cohorts_pages
from ffapp.web.admin.domains import DOMAINS
from ffapp.web.admin.messages import announcements
from ffapp.web.admin.messages import files as messages_files
from ffapp.web.admin.messages import pages as messages_pages
from ffapp.web.admin.messages import templates as message_templates
from ffapp.web.admin.people import changes as person_changes
from ffapp.web.admin.people import pages as people_pages
from ffapp.web.admin.recordings import list as recording_list
from ffapp.web.admin.recordings import pages as admin_recordings
from ffapp.web.admin.recordings import sync
from ffapp.web.admin.recordings import viewers as class_views
from ffapp.web.admin.search import pages as search_pages
from ffapp.web.admin.settings import pages as settings_pages
from ffapp.web.admin.today import pages as today_pages
from ffapp.web.admin.webhooks import pages as admin_webhooks
from ffapp.web.hooks.webhooks import hooks
from ffapp.web.kit import domains, imports, runs, undo
from ffapp.web.public import access, front
from ffapp.web.public import calendar as public_calendar
from ffapp.web.public.blueprint import public
from ffapp.web.student import calendar, home, me, month, watch
from ffapp.web.student.blueprint import student

for kit in (imports, runs, undo):
    kit.add_routes(admin)

domains.register(DOMAINS)
for blueprint in (student, admin):
    bell.add_routes(blueprint)

BLUEPRINTS = (public, student, admin, hooks)
PUBLIC = (access, front, public_calendar)
STUDENT = (calendar, home, me, month, watch)
CLASSES = (
    classes_list,
    class_form,
    class_month,
    classes_pages,
    cancellations,
    start_links,
    admin_recordings,
    recording_list,
    sync,
)
ATTENDANCE = (attendance_pages, corrections)
LIBRARY = (class_views,)
PEOPLE = (
    announcements,
    cohort_list,
    cohorts_pages,
    enrolments,
    invitations,
    people_pages,
    person_changes,
    student_import,
)
LEDGER = (
    today_pages,
    messages_pages,
    messages_files,
    message_templates,
    admin_webhooks,
    saved_views,
    search_pages,
    settings_pages,
)
