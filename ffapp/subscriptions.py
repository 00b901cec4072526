"""What follows what, on one page: event → its listeners, each a job of its own.

An event with an empty list is silent on purpose: it stands in the timeline, and nothing follows.
"""

from collections.abc import Mapping, Sequence

from ffapp.attendance.matching import match_participants_by_address
from ffapp.calls.stop import stop_calls_of_person
from ffapp.classes.calendar_feed import end_with_sessions
from ffapp.classes.reminders import (
    cancel_messages_of_leaver,
    derive_reminders_in_cohort,
    derive_reminders_of_person,
    replan_messages_of_returner,
)
from ffapp.core.events import Listener
from ffapp.meetings.registration import (
    update_links_in_cohort,
    update_links_of_class,
    update_links_of_person,
)
from ffapp.notices import (
    class_cancelled,
    class_moved,
    class_renamed,
    class_scheduled,
    classes_cancelled,
    classes_scheduled,
    enrolled,
    guardian_code,
    guardian_reminder,
    guardian_request,
    invitation,
    own_consent,
    recording_available,
    reset,
)
from ffapp.notices.kit.announce import announces
from ffapp.notices.kit.bells import revoke_bells_of_batch, welcome
from ffapp.recordings.recording_state import follow_class

SUBSCRIPTIONS: Mapping[str, Sequence[Listener]] = {
    # people
    "person_added": [],
    "person_changed": [
        match_participants_by_address,
        derive_reminders_of_person,
        update_links_of_person,
    ],
    "came_of_age": [
        announces(own_consent.NOTICE),
        derive_reminders_of_person,
        update_links_of_person,
    ],
    "guardian_added": [],
    "guardian_asked": [announces(guardian_request.NOTICE)],
    "guardian_reminded": [announces(guardian_reminder.NOTICE)],
    "guardian_code_requested": [announces(guardian_code.NOTICE)],
    "guardian_links_revoked": [],
    "guardian_changed": [],
    "person_disabled": [],
    "person_enabled": [],
    "person_invited": [announces(invitation.NOTICE)],
    "address_lifted": [],
    "password_reset_requested": [announces(reset.NOTICE)],
    "password_set": [],
    "signed_in": [],
    "signed_out": [],
    "sign_in_failed": [],
    "sign_in_throttled": [],
    "factor_added": [],
    "factor_removed": [],
    "factors_reset": [],
    "recovery_codes_made": [],
    "recovery_code_used": [],
    "signed_out_everywhere": [end_with_sessions],
    "consent_recorded": [
        derive_reminders_of_person,
        enrolled.announce_after_consent,
        update_links_of_person,
        stop_calls_of_person,
    ],
    "notification_choice_changed": [derive_reminders_of_person],
    "quiet_hours_changed": [],
    "calendar_link_made": [],
    "calendar_link_ended": [],
    # programme
    "cohort_created": [],
    "cohort_changed": [],
    "settings_changed": [],
    "students_imported": [],
    "student_enrolled": [
        derive_reminders_in_cohort,
        welcome,
        announces(enrolled.NOTICE),
        update_links_in_cohort,
        match_participants_by_address,
    ],
    "withdrawal_undone": [
        derive_reminders_in_cohort,
        replan_messages_of_returner,
        welcome,
        update_links_in_cohort,
        match_participants_by_address,
    ],
    "student_withdrawn": [
        derive_reminders_in_cohort,
        cancel_messages_of_leaver,
        update_links_in_cohort,
    ],
    "enrolment_undone": [
        derive_reminders_in_cohort,
        cancel_messages_of_leaver,
        update_links_in_cohort,
    ],
    # classes
    "class_scheduled": [announces(class_scheduled.NOTICE)],
    "classes_scheduled": [announces(classes_scheduled.NOTICE)],
    "class_moved": [announces(class_moved.NOTICE), follow_class],
    "class_renamed": [announces(class_renamed.NOTICE)],
    "class_edited": [],
    "class_cancelled": [announces(class_cancelled.NOTICE)],
    "classes_cancelled": [announces(classes_cancelled.NOTICE)],
    "class_restored": [],
    "class_change_undone": [follow_class],
    "class_started": [],
    "class_ended": [],
    "meeting_kept_apart": [],
    "meeting_judged": [follow_class],
    "meeting_created": [update_links_of_class],
    "meeting_changed": [update_links_of_class],
    "meeting_deleted": [],
    "meeting_deleted_at_zoom": [],
    "meeting_recreation_requested": [],
    "meeting_recovered": [update_links_of_class],
    "meeting_refreshed": [update_links_of_class],
    "meeting_refresh_failed": [],
    "zoom_change_ignored": [],
    "recording_available": [announces(recording_available.NOTICE)],
    "recording_published": [announces(recording_available.NOTICE)],
    "recording_unpublished": [],
    "attendance_overridden": [],
    "attendance_override_revoked": [],
    "participant_assigned": [],
    "participant_marked_guest": [],
    "participant_released": [],
    "recording_trashed": [],
    "recording_deleted": [],
    "recording_recovered": [announces(recording_available.NOTICE)],
    # the ledger and webhooks
    "batch_undone": [revoke_bells_of_batch],
    "retries_expedited": [],
    "effect_retried": [],
    "effect_cancelled": [],
    "effect_asked_about": [],
    "effect_confirmed": [],
    "webhook_replayed": [],
    # calls
    "call_requested": [],
    "call_tried_again": [],
    "call_stopped": [],
    "call_ended": [],
    "call_given_up": [],
    "call_recording_played": [],
    "stray_calls_found": [],
    # messages
    "announcement_written": [],
    "template_changed": [],
    "template_reset": [],
    "test_message_requested": [],
}
