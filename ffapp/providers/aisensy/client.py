"""Sending WhatsApp templates through AiSensy's Campaign API."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from ffapp.core.outcomes import ProviderError, Unavailable, Unclear
from ffapp.providers.aisensy import campaigns, wire
from ffapp.providers.aisensy.refusals import MessageRefused, refusal
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.kit import http
from ffapp.providers.kit.http import Client, is_page, open_http

__all__ = ["AiSensyClient", "MessageRefused", "TemplateMessage"]


@dataclass(frozen=True)
class TemplateMessage:
    """One message to one number; `campaign` and the order of `params` stand in `campaigns.py`.

    `destination` is E.164 with its plus. Parameters and name are cleaned as WhatsApp wants them.
    `effect_id` travels as AiSensy's free label `source`, which never comes back.
    """

    campaign: str
    destination: str
    name: str
    params: Sequence[str]
    effect_id: str


class AiSensyClient(Client):
    """The one client, real or simulated; `inner` takes the place of the network in tests.

    Raises SettingError where the settings give a notice a campaign that cannot carry it.
    """

    def __init__(self, settings: AiSensySettings, inner: httpx.BaseTransport | None = None) -> None:
        super().__init__(settings, open_http(settings, inner, {}))
        self._campaigns = campaigns.used(settings)

    def send(self, message: TemplateMessage) -> str:
        """Hand one message to AiSensy; answers its `submitted_message_id`, which webhooks carry.

        Raises MessageRefused, Unavailable (nothing was sent, later is better) or Unclear (it may
        have been sent: AiSensy has no idempotency key, and cannot be asked).
        """
        response = self._post(wire.SEND_PATH, self._body(message))
        submitted = wire.submitted_id(http.json_of(response))
        if response.is_success and submitted:
            return submitted
        raise self._error(response, message.campaign)

    def check(self) -> str:
        """One sentence saying that key and campaigns work; sends nothing, raises as `send` does.

        Whether a campaign is live, and which words it has, AiSensy does not say.
        """
        try:
            for name, template in self._campaigns.items():
                self._check(name, template)
        except Unclear as error:
            # Asking changes nothing, so an answer that says nothing leaves nothing open.
            raise Unavailable("AiSensy is not answering properly.") from error
        count = len(self._campaigns)
        which = f"all {count} campaigns" if count > 1 else "the campaign"
        return f"AiSensy takes the key and knows {which}."

    def _check(self, name: str, template: campaigns.Template) -> None:
        """Whether AiSensy knows the campaign and takes so many parameters."""
        details = wire.Details(api_key=self.settings.api_key, campaign_name=name)
        response = self._post(wire.DETAILS_PATH, details)
        payload = http.json_of(response)
        described = response.status_code == httpx.codes.OK and isinstance(payload, dict)
        if not described or _says_no(payload):
            raise self._error(response, name)
        takes, sends = wire.params_in(payload), len(template.params)
        if takes is not None and len(takes) != sends:
            raise MessageRefused(
                f"The AiSensy campaign “{name}” takes another number of parameters "
                f"({len(takes)}) than we send ({sends}): compare its template with ours.",
                code="params",
                status=response.status_code,
            )

    def _body(self, message: TemplateMessage) -> wire.Send:
        return wire.Send(
            api_key=self.settings.api_key,
            campaign_name=message.campaign,
            destination=message.destination,
            user_name=wire.clean(message.name),
            template_params=[wire.clean(each) for each in message.params],
            source=wire.source_of(message.effect_id),
        )

    def _post(self, path: str, body: wire.Wire) -> httpx.Response:
        content = body.model_dump(by_alias=True, exclude_defaults=True)
        return self.call("POST", path, json=content)

    def _error(self, response: httpx.Response, campaign: str) -> ProviderError:
        """What an answer other than the expected one means."""
        status = response.status_code
        retry_at = http.retry_at(response.headers)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            return Unavailable("AiSensy asks us to slow down.", retry_at=retry_at)
        if status == httpx.codes.SERVICE_UNAVAILABLE and retry_at:
            return Unavailable("AiSensy is down.", retry_at=retry_at)
        payload = http.json_of(response)
        if 400 <= status < 500 or (status == httpx.codes.OK and _says_no(payload)):
            page = response.reason_phrase if is_page(response) else response.text
            return refusal(status, http.mask(wire.words_in(payload, page)), campaign)
        # A 503 without a word about later may come after the message was taken, as any 5xx may.
        return Unclear(
            f"AiSensy answered {status} without a message id, which does not say whether it took "
            "the message."
        )


def _says_no(payload: object) -> bool:
    """Whether an answer says in so many words that nothing was done."""
    # unconfirmed: two clients read HTTP 200 this way, nobody shows such an answer
    return isinstance(payload, dict) and str(payload.get("success")).lower() == "false"
