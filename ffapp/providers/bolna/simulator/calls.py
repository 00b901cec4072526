"""Calls of the simulated Bolna: placing one, how it stands at an instant, what is posted when."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from ffapp.core import clock
from ffapp.core.config import Settings
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.settings import BolnaSettings
from ffapp.providers.bolna.simulator import scenarios, speech
from ffapp.providers.bolna.simulator.scenarios import PROVIDER, Scenario
from ffapp.providers.simulating import callbacks, store

CALL = "call"
TIMEOUT_SECONDS = 10
RETRY_SECONDS = (10, 60)  # unconfirmed: that it tries again is known, how often and when is not
CALLER = "+918035000000"
CENTS_PER_SECOND, CENTS_PER_LEG = 0.11, 0.2
WAITING = (wire.SCHEDULED, wire.QUEUED)
EARLY = timedelta(seconds=1)  # so much before its time a webhook may leave; by then it is true


def place(body: dict[str, Any], starts_at: datetime | None) -> str:
    """Take a call, and promise its webhooks; answers its execution id."""
    number, user_data = body["recipient_phone_number"], body.get("user_data") or {}
    scenario = scenarios.scenario_of(number)
    if store.switch(PROVIDER, scenarios.EMPTY_WALLET):
        scenario = scenarios.OUT_OF_MONEY
    now, effect_id = clock.now(), user_data.get(wire.EFFECT)
    call = {
        "id": str(uuid.uuid4()),
        "agent_id": body["agent_id"],
        "number": number,
        "user_data": user_data,
        "ending": scenario.ending,
        "created_at": now.isoformat(),
        "scheduled_at": starts_at.isoformat() if starts_at else None,
        "steps": _steps(scenario, str(effect_id or number), now, starts_at),
    }
    store.put(PROVIDER, CALL, call["id"], call)
    store.record(
        PROVIDER,
        "call",
        status=200,
        effect_id=effect_id,
        recipient=number,
        execution_id=call["id"],
        agent_id=body["agent_id"],
        variables=user_data,
        scenario=scenario.word,
        steps=call["steps"],
    )
    _promise_posts(call, scenario)
    return str(call["id"])


def stop(execution_id: str) -> bool | None:
    """Stop a call that waits; False where it is too late, None where there is none."""
    now = clock.now()

    def change(call: dict[str, Any]) -> None:
        if _reached(call, now)[-1]["status"] in WAITING:
            done = [each for each in call["steps"] if _at(each) <= now]
            call["steps"] = [*done, {"status": wire.STOPPED, "at": now.isoformat()}]

    call = store.edit(PROVIDER, CALL, execution_id, change)
    if call is None:
        return None
    is_stopped = bool(call["steps"][-1]["status"] == wire.STOPPED)
    if is_stopped:
        callbacks.hold(PROVIDER, execution_id, "stopped")
        _post(call, len(call["steps"]) - 1)
    act_status = 200 if is_stopped else 400
    store.record(PROVIDER, "call.stop", status=act_status, execution_id=execution_id)
    return is_stopped


def described(call: dict[str, Any], step: int | None = None) -> dict[str, Any]:
    """The execution as it stands now, or just after that step."""
    reached = _reached(call, clock.now()) if step is None else call["steps"][: step + 1]
    status, at = reached[-1]["status"], reached[-1]["at"]
    scenario = _scenario(call)
    is_over = status in wire.TERMINAL and status != wire.STOPPED
    talked = scenario.talks and status in (wire.DISCONNECTED, wire.COMPLETED)
    seconds = _spoken(call) if talked else 0
    total = round(CENTS_PER_LEG + CENTS_PER_SECOND * seconds, 2) if talked and is_over else 0
    by, why, code = scenario.hangup if is_over else ("", "", None)
    return {
        "id": call["id"],
        "agent_id": call["agent_id"],
        "batch_id": None,
        "created_at": call["created_at"],
        "updated_at": at,
        "scheduled_at": call["scheduled_at"],
        "status": status,
        "error_message": None,
        "answered_by_voice_mail": False,
        "conversation_duration": seconds,
        "total_cost": total,
        "transcript": speech.transcript(call, scenario.longest) if talked else None,
        "cost_breakdown": {"platform": round(total / 3, 2), "network": round(total / 3, 2)},
        "telephony_data": {
            "duration": str(round(seconds)),
            "to_number": call["number"],
            "from_number": CALLER,
            "recording_url": recording_url(call["id"]) if talked and is_over else "",
            "hosted_telephony": True,
            "call_type": "outbound",
            "provider": "plivo",
            "hangup_by": by or None,
            "hangup_reason": why or None,
            "hangup_provider_code": code,
        },
        "context_details": {
            "recipient_data": call["user_data"],
            "recipient_phone_number": call["number"],
        },
        "user_number": call["number"],
        "agent_number": CALLER,
        "retry_count": 0,
        "retry_history": [],
        **(dict(scenario.facts) if is_over else {}),
    }


def trimmed(call: dict[str, Any]) -> dict[str, Any]:
    """A row of the list: newest documents say that it has not all of the call."""
    left_out = ("transcript", "context_details", "cost_breakdown", "retry_history")
    return {name: value for name, value in described(call).items() if name not in left_out}


def recording_url(execution_id: str) -> str:
    return f"{BolnaSettings.current().base_url}/recordings/call/{execution_id}"


def delivery_policy(settings: Settings) -> callbacks.DeliveryPolicy:
    """How Bolna delivers: with the header that is configured at the agent, and no signature."""
    own = settings.of(BolnaSettings)
    headers = {own.webhook_header: own.webhook_secret}
    return callbacks.DeliveryPolicy(lambda body: headers, TIMEOUT_SECONDS, RETRY_SECONDS)


def _steps(
    scenario: Scenario, seed: str, now: datetime, starts_at: datetime | None
) -> list[dict[str, str]]:
    at, steps = now, []
    if starts_at:
        steps.append({"status": wire.SCHEDULED, "at": now.isoformat()})
        at = starts_at
    steps.append({"status": wire.QUEUED, "at": at.isoformat()})
    for step in scenario.steps:
        at += timedelta(seconds=store.delay(f"{seed}:{step.status}", step.low, step.high))
        steps.append({"status": step.status, "at": at.isoformat()})
    return steps


def _reached(call: dict[str, Any], now: datetime) -> list[dict[str, str]]:
    """The steps up to now; the first one always, since the call was taken."""
    return [each for each in call["steps"] if _at(each) <= now + EARLY] or call["steps"][:1]


def _at(step: dict[str, str]) -> datetime:
    return datetime.fromisoformat(step["at"]).astimezone(UTC)


def _scenario(call: dict[str, Any]) -> Scenario:
    out_of_money = call["ending"] == scenarios.OUT_OF_MONEY.ending
    return scenarios.OUT_OF_MONEY if out_of_money else scenarios.scenario_of(call["number"])


def _spoken(call: dict[str, Any]) -> float:
    """Seconds of the talk, the same whatever the speed of the simulator."""
    return round(store.draw(f"{call['id']}:talk", 15, 140), 1)


def _promise_posts(call: dict[str, Any], scenario: Scenario) -> None:
    numbers = list(range(len(call["steps"])))
    if scenario.posts == "lost":
        return
    if scenario.posts == "backwards":
        at = call["steps"][-1]["at"]
        for number in reversed(numbers):
            _post(call, number, at)
        return
    for number in numbers:
        for _ in range(2 if scenario.posts == "twice" else 1):
            _post(call, number)


def _post(call: dict[str, Any], number: int, at: str | None = None) -> None:
    due_at = datetime.fromisoformat(at or call["steps"][number]["at"])
    callbacks.schedule(
        PROVIDER,
        call["steps"][number]["status"],
        store.json_text(described(call, number)).encode(),
        headers={"Content-Type": "application/json"},
        after_seconds=max(0.0, (due_at - clock.now()).total_seconds()),
    )
