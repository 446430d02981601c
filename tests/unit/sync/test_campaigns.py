"""The desk lists a site for a campaign exactly while phones do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync.campaigns import campaigns_on, concerns, still_to_visit
from tests.guards.house import ROOT

VECTORS = json.loads((ROOT / "tests" / "vectors" / "campaigns.json").read_text("utf-8"))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["why"])
def test_a_site_is_listed_for_a_campaign_until_it_was_visited(case: dict[str, Any]):
    settings = [(each["name"], each["value"]) for each in case["settings"]]
    site = case["site"]
    listed = [
        campaign.name
        for campaign in campaigns_on(case["day"], settings)
        if concerns(campaign, site["place_types"], site["area"], case["within"])
        and still_to_visit(campaign, case["last"])
    ]
    assert listed == case["expect"]
