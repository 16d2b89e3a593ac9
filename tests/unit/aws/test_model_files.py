"""botocore's data files as the program reads them: everything that is used is still there."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import Loader, create_loader

from ecs_tui.aws.configuration import new_session
from ecs_tui.aws.model_files import ENDPOINTS, ModelFiles, _shared, model_loader
from ecs_tui.aws.read_only import ALLOWED

ASKED = sorted({*ALLOWED, "sso-oidc"})
"""Every service that is called."""


def without_documentation(value: Any) -> Any:
    """A model without the members that are documentation."""
    if isinstance(value, dict):
        return {
            key: without_documentation(each)
            for key, each in value.items()
            if not (key == "documentation" and isinstance(each, str))
        }
    return [without_documentation(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("service", ASKED)
def test_a_model_is_botocore_s_own_without_documentation(service: str) -> None:
    _shared.cache_clear()  # botocore moves buckets out of the paths of S3's model when it is used
    theirs = create_loader().load_service_model(service, "service-2")
    ours = model_loader(None).load_service_model(service, "service-2")
    assert without_documentation(ours) == without_documentation(theirs)
    assert list(ours["shapes"]) == list(theirs["shapes"]), "the order too"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"documentation": "x", "a": 1}', {"a": 1}),
        ('{"a": 1, "documentation": "x"}', {"a": 1}),
        ('{ "documentation":"x" }', {}),
        (r'{"a": 1,"documentation":"q \" , \\","b": 2}', {"a": 1, "b": 2}),
        ('{"documentation": {"shape": "S"}}', {"documentation": {"shape": "S"}}),
        (r'{"a": ",\"documentation\":\"x\"", "b": "é"}', {"a": ',"documentation":"x"', "b": "é"}),
    ],
)
def test_only_texts_called_documentation_are_left_out(
    text: str, read: object, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(text.encode()))
    assert ModelFiles().load_file(str(tmp_path / "a")) == read
    assert ModelFiles().load_file(str(tmp_path / "b")) == read
    assert ModelFiles().load_file(str(tmp_path / "c")) is None


def test_endpoints_of_every_service_that_is_called_are_kept() -> None:
    """One that is missing would get a partition's default host name, and its own region."""
    loader = Loader()
    prefixes = {
        loader.load_service_model(name, "service-2")["metadata"]["endpointPrefix"] for name in ASKED
    }
    theirs = json.loads((Path(loader.BUILTIN_DATA_PATH) / "endpoints.json").read_text())
    ours = model_loader(None).load_data("endpoints")
    assert [each["partition"] for each in ours["partitions"]] == [
        each["partition"] for each in theirs["partitions"]
    ]
    for mine, whole in zip(ours["partitions"], theirs["partitions"], strict=True):
        kept = {name: each for name, each in whole["services"].items() if name in ENDPOINTS}
        assert mine == {**whole, "services": kept}
        assert prefixes & whole["services"].keys() <= ENDPOINTS


def test_sessions_read_them_and_know_the_same_regions() -> None:
    ours, theirs = new_session(None), botocore.session.get_session()
    assert isinstance(ours.get_component("data_loader").file_loader, ModelFiles)
    resolver = theirs._get_internal_component("endpoint_resolver")
    expected = resolver.get_available_endpoints("ecs")
    assert (
        ours._get_internal_component("endpoint_resolver").get_available_endpoints("ecs") == expected
    )
    assert expected
