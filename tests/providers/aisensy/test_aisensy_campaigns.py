"""Our campaigns: their texts, the order of their parameters, and how settings choose among them."""

import re
from pathlib import Path

import pytest

from ffapp.core.config import SettingError
from ffapp.notices.kit.registry import register_whatsapp_texts
from ffapp.providers.aisensy import campaigns
from ffapp.providers.aisensy.campaigns import DEFAULT, TEMPLATES, Template

from .conftest import VALUES

register_whatsapp_texts()
DOCUMENT = Path(__file__).parents[3] / "docs" / "providers" / "aisensy.md"


def with_campaigns(settings, name="", **mapped):
    return settings.providers["aisensy"].changed(campaign_name=name, campaigns=mapped)


@pytest.mark.parametrize("template", [*TEMPLATES.values(), DEFAULT], ids=[*TEMPLATES, "default"])
def test_a_template_is_one_that_whatsapp_approves(template):
    places = re.findall(r"\{\{(\d+)\}\}", template.text)

    assert places == [str(number) for number, _ in enumerate(template.params, 1)]
    assert not template.text.startswith("{{")
    assert not template.text.rstrip(" .").endswith("}}")
    assert "}} {{" not in template.text
    assert len(template.text) < 550  # of 1024 letters the values need some


@pytest.mark.parametrize("notice", TEMPLATES)
def test_a_notice_is_filled_in_order(settings, notice):
    campaign = campaigns.campaign_of(settings.providers["aisensy"], notice)

    text = campaign.template.fill(campaign.params(VALUES))

    assert text.startswith("Hello Asha, ")
    assert "{{" not in text
    assert campaign.name == notice


def test_the_words_stand_where_they_belong(settings):
    campaign = campaigns.campaign_of(settings.providers["aisensy"], "class_scheduled")

    assert campaign.params(VALUES) == [
        "Asha",
        "Pricing",
        "Winter 2026",
        "Sat 5 Dec, 5:00 pm IST",
        "http://localhost/schedule",
    ]
    assert campaign.template.fill(campaign.params(VALUES)) == (
        "Hello Asha, Pricing of Winter 2026 is on Sat 5 Dec, 5:00 pm IST. Join from "
        "http://localhost/schedule when it begins."
    )


def test_a_value_that_looks_like_a_place_stays_a_value():
    template = Template("Hello {{1}}, {{2}} it is.", ("a", "b"))

    assert template.fill(["{{2}}", "{{1}}"]) == "Hello {{2}}, {{1}} it is."


def test_a_missing_value_is_named(settings):
    campaign = campaigns.campaign_of(settings.providers["aisensy"], "invitation")

    with pytest.raises(KeyError, match="link"):
        campaign.params({"first_name": "Asha"})


def test_a_notice_that_does_not_go_by_whatsapp_has_no_campaign(settings):
    with pytest.raises(KeyError, match="reset"):
        campaigns.campaign_of(settings.providers["aisensy"], "reset")


def test_a_mapped_campaign_comes_before_the_default(settings):
    chosen = with_campaigns(settings, "one_for_all", class_moved="moved v2")

    assert campaigns.campaign_of(chosen, "class_moved").name == "moved v2"
    assert campaigns.campaign_of(chosen, "class_renamed").name == "one_for_all"


def test_the_default_campaign_carries_any_notice_as_one_sentence(settings):
    campaign = campaigns.campaign_of(with_campaigns(settings, "one_for_all"), "invitation")

    name, news = campaign.params(VALUES)

    assert name == "Asha"
    assert news == (
        "your place at Future Founders is ready. Choose a password at http://localhost/links/abc "
        "within seven days; the link works once."
    )


def test_the_campaigns_in_use_are_known(settings):
    assert campaigns.used(settings.providers["aisensy"]) == TEMPLATES
    some = campaigns.used(with_campaigns(settings, "one_for_all", class_moved="moved v2"))
    assert some == {"one_for_all": DEFAULT, "moved v2": TEMPLATES["class_moved"]}


def test_two_notices_may_share_a_campaign_that_takes_the_same(settings):
    shared = with_campaigns(settings, class_moved="news", class_scheduled="news")

    assert len(campaigns.used(shared)) == len(TEMPLATES) - 1


@pytest.mark.parametrize(
    ("mapped", "says"),
    [
        ({"clas_moved": "x"}, "“clas_moved”, which is no notice"),
        ({"class_moved": "x", "invitation": "x"}, "“x” cannot carry invitation as well"),
    ],
)
def test_settings_that_cannot_work_are_told(settings, mapped, says):
    with pytest.raises(SettingError, match=says):
        campaigns.used(with_campaigns(settings, **mapped))


@pytest.mark.parametrize("notice", [*TEMPLATES, "AISENSY_CAMPAIGN_NAME"])
def test_the_admin_finds_each_text_in_the_document(notice):
    template = TEMPLATES.get(notice, DEFAULT)
    document = DOCUMENT.read_text()

    assert f"`{notice}`" in document
    assert template.text in document
    assert " · ".join(template.params) in document
