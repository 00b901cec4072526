"""What follows what, on one page: event → its listeners, each a job of its own.

An event with an empty list is silent on purpose: it stands in the timeline, and nothing follows.
"""

from collections.abc import Mapping, Sequence

from ffapp.core.events import Listener
from ffapp.reactions.bells import take_back, welcome
from ffapp.reactions.follow import (
    bring_messages_back,
    remind_of_cohort,
    remind_person,
    take_back_messages,
)
from ffapp.reactions.links import (
    end_links,
    know_by_address,
    link_the_enrolled,
    link_the_newcomer,
    rename_links,
)
from ffapp.reactions.notices import send_link, tell_of_class, tell_of_recording
from ffapp.reactions.series import tell_of_cancellations, tell_of_series

SUBSCRIPTIONS: Mapping[str, Sequence[Listener]] = {
    # people
    "person_added": [],
    "person_changed": [know_by_address, remind_person, rename_links],
    "guardian_added": [],
    "person_invited": [send_link],
    "address_lifted": [],
    "password_reset_requested": [send_link],
    "password_set": [],
    "signed_in": [],
    "signed_out_everywhere": [],
    "consent_recorded": [remind_person, rename_links],
    "notification_choice_changed": [remind_person],
    "quiet_hours_changed": [],
    "calendar_link_made": [],
    "calendar_link_ended": [],
    # programme
    "cohort_created": [],
    "cohort_changed": [],
    "students_imported": [],
    "student_enrolled": [remind_of_cohort, welcome, link_the_newcomer, know_by_address],
    "withdrawal_undone": [
        remind_of_cohort,
        bring_messages_back,
        welcome,
        link_the_newcomer,
        know_by_address,
    ],
    "student_withdrawn": [remind_of_cohort, take_back_messages, end_links],
    "enrolment_undone": [remind_of_cohort, take_back_messages, end_links],
    # classes
    "class_scheduled": [tell_of_class],
    "classes_scheduled": [tell_of_series],
    "class_moved": [tell_of_class],
    "class_renamed": [tell_of_class],
    "class_edited": [],
    "class_cancelled": [tell_of_class],
    "classes_cancelled": [tell_of_cancellations],
    "class_restored": [],
    "class_change_undone": [],
    "class_started": [],
    "class_ended": [],
    "meeting_created": [link_the_enrolled],
    "meeting_changed": [link_the_enrolled],
    "meeting_deleted": [],
    "meeting_deleted_at_zoom": [],
    "another_meeting_wished": [],
    "meeting_recovered": [link_the_enrolled],
    "meeting_read": [link_the_enrolled],
    "meeting_not_read": [],
    "zoom_change_not_taken": [],
    "recording_available": [tell_of_recording],
    "recording_shown": [tell_of_recording],
    "recording_hidden": [],
    "attendance_corrected": [],
    "correction_taken_back": [],
    "participant_assigned": [],
    "participant_set_aside": [],
    "participant_released": [],
    "recording_trashed": [],
    "recording_deleted": [],
    "recording_recovered": [tell_of_recording],
    # the ledger and the webhook door
    "batch_undone": [take_back],
    "waiting_tried": [],
    "effect_retried": [],
    "effect_cancelled": [],
    "effect_asked_about": [],
    "effect_confirmed": [],
    "webhook_replayed": [],
    # messages
    "announcement_written": [],
    "template_changed": [],
    "template_reset": [],
    "chat_template_written": [],
    "chat_template_used": [],
    "chat_template_refused": [],
    "chat_template_ended": [],
}
