"""texts of notices with plain placeholders; WhatsApp texts are not edited any more

Revision ID: 0014
Revises: 0013

A text that an admin has written is carried over as far as plain placeholders allow. What used more
(filters, `else`) is kept in `earlier_text`, where the page of the text shows it.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

RENAMED = {
    'me.first_name': 'first_name', 'me.when': 'your_when', 'me.link': 'link', 'lines': 'classes',
}
OF_A_CLASS = {
    'first_name', 'public_url', 'title', 'cohort', 'description', 'when', 'your_when', 'minutes',
    'opens', 'schedule_url',
}
OF_CLASSES = {
    'first_name', 'public_url', 'classes', 'count', 'first', 'cohort', 'description', 'because',
    'opens', 'schedule_url',
}
KNOWN = {
    'class_scheduled': OF_A_CLASS,
    'class_moved': OF_A_CLASS | {'was', 'old_minutes'},
    'class_renamed': OF_A_CLASS | {'old_title'},
    'class_cancelled': OF_A_CLASS | {'because'},
    'class_reminder_24h': OF_A_CLASS,
    'class_reminder_15min': OF_A_CLASS,
    'recording_available': OF_A_CLASS | {'recordings_url'},
    'classes_scheduled': OF_CLASSES,
    'classes_cancelled': OF_CLASSES,
    'invitation': {'first_name', 'public_url', 'link'},
    'reset': {'first_name', 'public_url', 'link'},
    'announcement': {'first_name'},
}
BUTTONS = {
    'schedule_url': 'See the schedule',
    'recordings_url': 'Watch the recording',
    'link': 'Choose a password',
}


# Listeners have other names: what waits in the queue must find its own.
LISTENERS = {
    'send_link': "'tell_' || (SELECT purpose FROM access_links"
                 " WHERE id = CAST(e.facts ->> 'link_id' AS bigint))",
    'tell_of_class': "'tell_' || e.name",
    'tell_of_series': "'tell_classes_scheduled'",
    'tell_of_cancellations': "'tell_classes_cancelled'",
    'tell_of_recording': "'tell_recording_available'",
    'take_back': "'revoke_bells_of_batch'",
    'remind_of_cohort': "'derive_reminders_in_cohort'",
    'remind_person': "'derive_reminders_of_person'",
    'take_back_messages': "'cancel_messages_of_leaver'",
    'bring_messages_back': "'replan_messages_of_returner'",
    'link_the_enrolled': "'request_links_for_class'",
    'link_the_newcomer': "'request_links_for_person'",
    'end_links': "'revoke_links_of_leaver'",
    'rename_links': "'update_links_of_person'",
    'know_by_address': "'match_participants_by_address'",
}


def convert(text: str, notice: str) -> str | None:
    """The same text in light Markdown with plain placeholders; None where it says more."""
    text = _without_if(_escaped(text.replace('\r\n', '\n')))
    text = re.sub(r'\{\{\s*when\s*\}\}\{\{\s*me\.your_time\s*\}\}', '{{ your_when }}', text)
    text = re.sub(r'\{\{\s*([a-z_.]+)\s*\}\}', lambda found: _placeholder(found[1]), text)
    if re.search(r'\{%|\{#', text):
        return None
    rest = text
    for name in re.findall(r'\{\{ ([a-z_]+) \}\}', text):
        if name not in KNOWN.get(notice, ()):
            return None
        rest = rest.replace('{{ %s }}' % name, '')
    if '{{' in rest or '}}' in rest:
        return None
    lines = [_line(line) for line in text.strip().split('\n')]
    if 'classes' in KNOWN.get(notice, ()) and any(
        '{{ classes }}' in line and line.strip() != '{{ classes }}' for line in lines
    ):
        return None
    if notice != 'announcement' and lines[-1].strip() == 'Future Founders':
        lines.pop()  # every plain text ends with it now
    return '\n'.join(lines).strip()


def _escaped(text: str) -> str:
    """What would be markup now is written as it was read."""
    text = re.sub(r'\\(?=[\\*\[\]#{}])', r'\\\\', text)
    text = text.replace('**', r'\*\*')
    text = re.sub(r'\[(?=[^\]\n]+\]\()', r'\\[', text)
    return re.sub(r'^#(?= )', r'\\#', text, flags=re.MULTILINE)


def _without_if(text: str) -> str:
    """Without a question about a variable that stands in each line which it asks about."""

    def plain(found: re.Match) -> str:
        name, inner = found[1], found[2].strip('\n')
        lines = [line for line in inner.split('\n') if line.strip()]
        if '{%' in inner or not lines:
            return found[0]
        stands = all(re.search(r'\{\{\s*%s\s*\}\}' % name, line) for line in lines)
        return inner + '\n' * found[2].endswith('\n\n') + found[3] if stands else found[0]

    return re.sub(
        r'^\{%\s*if\s+([a-z_]+)\s*%\}(.*?)\{%\s*endif\s*%\}(\n?)$', plain, text,
        flags=re.MULTILINE | re.DOTALL,
    )


def _placeholder(name: str) -> str:
    return '{{ %s }}' % RENAMED.get(name, name)


def _line(line: str) -> str:
    """A time of its own line is bold again, and an address a button."""
    if line.strip() == '{{ your_when }}':
        return '**{{ your_when }}**'
    alone = re.fullmatch(r'\{\{ ([a-z_]+) \}\}', line.strip())
    if alone and alone[1] in BUTTONS:
        return '[%s](%s)' % (BUTTONS[alone[1]], line.strip())
    return line


def upgrade() -> None:
    op.add_column('mail_sheets', sa.Column('nonce', sa.Text(), server_default='', nullable=False))
    op.add_column('message_templates', sa.Column('earlier_text', sa.Text(), nullable=True))
    _convert_templates()
    _convert('template_drafts', 'notice', 'subject', 'body')
    _convert('announcements', "'announcement'", 'subject_line', 'body')
    op.drop_table('whatsapp_templates')
    _rename_listeners()


def _rename_listeners() -> None:
    names = ' '.join(
        f"WHEN j.args ->> 'listener' = '{old}' THEN {new}" for old, new in LISTENERS.items()
    )
    old_names = ', '.join(f"'{old}'" for old in LISTENERS)
    op.execute(sa.text(
        f"UPDATE procrastinate_jobs j"
        f" SET args = jsonb_set(j.args, '{{listener}}', to_jsonb(CAST((CASE {names} END) AS text)))"
        f" FROM events e"
        f" WHERE j.task_name = 'events.follow' AND j.status = 'todo'"
        f" AND e.id = CAST(j.args ->> 'event_id' AS bigint)"
        f" AND j.args ->> 'listener' IN ({old_names})"
    ))


def _convert_templates() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text(
        'SELECT id, notice, subject, body FROM message_templates WHERE body IS NOT NULL'
    )).all()
    for row in rows:
        subject, body = convert(row.subject, row.notice), convert(row.body, row.notice)
        carried = subject is not None and body is not None
        connection.execute(
            sa.text(
                'UPDATE message_templates SET subject = :subject, body = :body,'
                ' earlier_text = :earlier, revision = revision + 1 WHERE id = :id'
            ),
            {
                'id': row.id,
                'subject': subject if carried else None,
                'body': body if carried else None,
                'earlier': None if carried else f'{row.subject}\n\n{row.body}',
            },
        )


def _convert(table: str, notice: str, subject: str, body: str) -> None:
    """The same of what is typed or was written; what says more stays as it was typed."""
    connection = op.get_bind()
    rows = connection.execute(sa.text(
        f'SELECT id, {notice} AS notice, {subject} AS subject, {body} AS body FROM {table}'
    )).all()
    for row in rows:
        values = {
            'id': row.id,
            'subject': convert(row.subject, row.notice) or row.subject,
            'body': convert(row.body, row.notice) or row.body,
        }
        connection.execute(
            sa.text(f'UPDATE {table} SET {subject} = :subject, {body} = :body WHERE id = :id'), values
        )


def downgrade() -> None:
    """The texts stay as they are now: most of them read the same in both."""
    op.create_table('whatsapp_templates',
    sa.Column('notice', sa.Text(), nullable=False),
    sa.Column('campaign', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('written_by_id', sa.BigInteger(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("state IN ('asking', 'used', 'refused', 'ended')", name=op.f('ck_whatsapp_templates_state')),
    sa.ForeignKeyConstraint(['written_by_id'], ['people.id'], name=op.f('fk_whatsapp_templates_written_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_whatsapp_templates'))
    )
    op.create_index('uq_whatsapp_templates_used', 'whatsapp_templates', ['notice'], unique=True, postgresql_where=sa.text("state = 'used'"))
    op.drop_column('message_templates', 'earlier_text')
    op.drop_column('mail_sheets', 'nonce')
