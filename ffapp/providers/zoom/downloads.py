"""Files of a recording, fetched with our access token as Zoom allows it.

The address comes from Zoom's answer; the token goes nowhere but to Zoom. Zoom sends on to another
host, which needs no token, and httpx takes it away on the way there.
"""

from urllib.parse import urlsplit

import httpx

from ffapp.core import config
from ffapp.core.outcomes import Refused, Unavailable, Unclear
from ffapp.providers.kit.deadline import within
from ffapp.providers.kit.http import is_page
from ffapp.providers.zoom.session import ZoomSession
from ffapp.providers.zoom.settings import ZoomSettings

LARGEST = 5 * 1024 * 1024  # bytes; a transcript of a day of talk is smaller


def read_text(session: ZoomSession, settings: ZoomSettings, url: str) -> str:
    """The text of a file. Raises Refused or Unavailable; reading changes nothing.

    A token that is not accepted is answered with a page and HTTP 200, so after a page a new token
    is tried, once.
    """
    if not _is_at_zoom(url, settings):
        raise Refused("Zoom gave an address for the file that is not its own, so we stayed away.")
    response = _get(session, url)
    if is_page(response):
        session.renewed(session.shared_token.get())
        response = _get(session, url)
    if is_page(response) or not response.is_success:
        raise Unavailable("Zoom does not hand out the file: it answers with a page.")
    if len(response.content) > LARGEST:
        raise Refused(f"The file is larger than {LARGEST // 1024**2} MB.")
    return response.content.decode("utf-8", "replace").removeprefix("\ufeff")


def _get(session: ZoomSession, url: str) -> httpx.Response:
    try:
        with within(config.current().provider_deadline_seconds):
            return session.request("GET", url, follow_redirects=True)
    except Unclear as error:
        raise Unavailable(error.reason) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:  # too many redirects, an odd address
        raise Unavailable("Zoom sent us in circles instead of to the file.") from error


def _is_at_zoom(url: str, settings: ZoomSettings) -> bool:
    """Whether the address is at the host of the API.

    Of the real Zoom all hosts are below one domain: `us06web.zoom.us`, `school.zoom.us`.
    """
    ours, below = urlsplit(settings.base_url), ".zoom.us"
    try:
        asked = urlsplit(url)
    except ValueError:  # brackets that enclose no address
        return False
    if f".{ours.hostname}".endswith(below):
        return asked.scheme == "https" and f".{asked.hostname}".endswith(below)
    return (asked.scheme, asked.netloc) == (ours.scheme, ours.netloc)
