"""What looks like production: the names and tags of clusters and services."""

from __future__ import annotations

import pytest

from ecs_tui.model.cluster import Cluster
from ecs_tui.model.service import Service
from ecs_tui.operations.plan import confirmation
from ecs_tui.operations.production import looks_like_production

YES, NO = True, False


@pytest.mark.parametrize(
    ("name", "tags", "production"),
    [
        ("prod", {}, YES), ("PROD", {}, YES), ("production", {}, YES), ("prod-eu", {}, YES),
        ("eu-prod-1", {}, YES), ("prod2", {}, YES), ("my_production", {}, YES), ("prd", {}, YES),
        ("acme-live", {}, YES), ("acmeProd", {}, YES), ("ProdEu", {}, YES), ("PRODEu", {}, YES),
        ("prodeu", {}, YES), ("live-1", {}, YES), ("non-prod-live", {}, YES),
        ("staging", {}, NO), ("default", {}, NO), ("", {}, NO), ("delivery", {}, NO),
        ("olive", {}, NO), ("reproduction", {}, NO), ("product-search", {}, NO), ("products", {}, NO),
        ("nonprod", {}, NO), ("non-prod", {}, NO), ("NonProd", {}, NO), ("pre-prod", {}, NO),
        ("preprod", {}, NO), ("not_prod", {}, NO), ("no-prod", {}, NO),
        ("main", {"environment": "production"}, YES), ("main", {"Environment": "Prod"}, YES),
        ("main", {"env": "prod-eu"}, YES), ("main", {"stage": "live"}, YES),
        ("main", {"ENV": " production "}, YES), ("non-prod", {"env": "prod"}, YES),
        ("main", {"environment": "staging"}, NO), ("main", {"env": "non-prod"}, NO),
        ("main", {"env": "preprod"}, NO), ("main", {"stage": "alive"}, NO),
        ("main", {"team": "production"}, NO), ("main", {"environment": ""}, NO),
        ("prod", {"environment": "staging"}, YES),
    ],
)  # fmt: skip
def test_what_looks_like_production(name: str, tags: dict[str, str], production: bool) -> None:
    assert looks_like_production(Cluster("arn", name, tags=tags)) is production
    asks = ("name" if production else "y", "web")  # a policy may still ask for the name
    assert confirmation("web", Cluster("arn", name, tags=tags)) == asks


def test_one_of_several_things_is_enough() -> None:
    main, web = Cluster("arn", "main"), Service("arn", "prod-web", "arn")
    assert not looks_like_production() and not looks_like_production(main)
    assert looks_like_production(main, web) and looks_like_production(web, main)
    tagged = Service("arn", "web", "arn", tags={"env": "prod"})
    assert looks_like_production(main, tagged)
