"""What each domain of the admin declares in its own folder; `web/blueprints.py` lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ffapp.web import navigation
from ffapp.web.kit import alerts, subjects, timeline
from ffapp.web.kit.alerts import Alert
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import Label, Say
from ffapp.web.navigation import Entry


@dataclass(frozen=True, kw_only=True)
class Domain:
    """One domain: its entry in the navigation, the words of its events (event → sentence) and of
    the fields that they change, the kinds of rows that have a page, and what may need a person."""

    navigation: Entry | None = None
    sentences: Mapping[str, Say] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)
    subjects: Sequence[Subject] = ()
    alerts: Sequence[Alert] = ()


def register(domains: Sequence[Domain]) -> None:
    """Hand out what the domains declare; doing it twice changes nothing."""
    navigation.ADMIN = [each.navigation for each in domains if each.navigation]
    alerts.ALERTS = [alert for each in domains for alert in each.alerts]
    for each in domains:
        subjects.SUBJECTS.update({subject.table: subject for subject in each.subjects})
        timeline.SENTENCES.update(each.sentences)
        timeline.LABELS.update(each.labels)
