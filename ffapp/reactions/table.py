"""What follows what, on one page: event → its listeners, each a job of its own.

An event with an empty list is silent on purpose: it stands in the timeline, and nothing follows.
"""

from collections.abc import Mapping, Sequence

from ffapp.events import Listener
from ffapp.reactions.follow import remind_of_cohort, remind_person, take_back_messages
from ffapp.reactions.notices import send_link, tell_of_class, tell_of_recording

ON: Mapping[str, Sequence[Listener]] = {
    # people
    "person_added": [],
    "person_changed": [],
    "guardian_added": [],
    "person_invited": [send_link],
    "password_reset_requested": [send_link],
    "password_set": [],
    "signed_in": [],
    "signed_out_everywhere": [],
    "consent_recorded": [remind_person],
    "notification_choice_changed": [remind_person],
    # programme
    "cohort_created": [],
    "cohort_changed": [],
    "student_enrolled": [remind_of_cohort],
    "student_withdrawn": [remind_of_cohort, take_back_messages],
    # classes
    "class_scheduled": [tell_of_class],
    "class_moved": [tell_of_class],
    "class_renamed": [tell_of_class],
    "class_edited": [],
    "class_cancelled": [tell_of_class],
    "class_started": [],
    "class_ended": [],
    "meeting_created": [],
    "meeting_changed": [],
    "meeting_deleted": [],
    "meeting_deleted_at_zoom": [],
    "another_meeting_wished": [],
    "meeting_recovered": [],
    "meeting_read": [],
    "meeting_not_read": [],
    "zoom_change_not_taken": [],
    "recording_available": [tell_of_recording],
    "recording_shown": [tell_of_recording],
    "recording_hidden": [],
    "recording_trashed": [],
    "recording_deleted": [],
    "recording_recovered": [tell_of_recording],
    # the ledger and the webhook door
    "effect_retried": [],
    "effect_cancelled": [],
    "effect_asked_about": [],
    "effect_confirmed": [],
    "webhook_replayed": [],
}
