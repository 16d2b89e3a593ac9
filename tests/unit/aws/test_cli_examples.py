"""The examples of configuration in the AWS CLI's user guide, one by one.

Each is written after its page, with other names and values. The tests compare what the guide says
with the key that signed the call, its region and its endpoint.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ecs_tui.aws.account import Account
from tests.support.aws_files import KEYS, Files
from tests.support.stub_aws import StubAws

pytestmark = pytest.mark.asyncio
ROLE = "arn:aws:iam::111122223333:role/marketing"
ASSUMED, WEB = "ASIAROLEROLEROLEROLE", "ASIAWEBWEBWEBWEBWEB"


@dataclass(frozen=True)
class Example:
    """One example: files and variables, and the expected result ("": not checked)."""

    page: str
    config: str = ""
    credentials: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    profile: str | None = None
    key: str = ""
    region: str = ""
    source: str = ""


EXAMPLES = {
    "long-term keys in credentials, region in config": Example(
        "cli-configure-files",
        "[default]\nregion=us-west-2\noutput=json\n",
        f"[default]\n{KEYS.format('AKIALONG')}",
        key="AKIALONG",
        region="us-west-2",
    ),
    "short-term keys": Example(
        "cli-configure-files",
        "[default]\nregion=us-west-2\n",
        f"[default]\n{KEYS.format('ASIASHORT')}aws_session_token=token\n",
        key="ASIASHORT",
    ),
    "keys in both files: those in credentials win": Example(
        "cli-configure-files",
        f"[default]\nregion=us-west-2\n{KEYS.format('AKIACONFIG')}",
        f"[default]\n{KEYS.format('AKIACREDENTIALS')}",
        key="AKIACREDENTIALS",
    ),
    "a named profile in both files": Example(
        "cli-configure-files",
        "[default]\nregion=us-west-2\n[profile user1]\nregion=us-east-1\noutput=text\n",
        f"[default]\n{KEYS.format('AKIADEFAULT')}[user1]\n{KEYS.format('AKIAUSER')}",
        profile="user1",
        key="AKIAUSER",
        region="us-east-1",
    ),
    "other places of the files": Example(
        "cli-configure-envvars",
        variables={"AWS_CONFIG_FILE": "{home}/c", "AWS_SHARED_CREDENTIALS_FILE": "{home}/k"},
        key="AKIAELSEWHERE",
        region="ca-central-1",
    ),
    "keys in variables": Example(
        "cli-configure-envvars",
        variables={
            "AWS_ACCESS_KEY_ID": "AKIAVARIABLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-west-2",
        },
        key="AKIAVARIABLE",
        region="us-west-2",
    ),
    "a role and its source profile": Example(
        "cli-configure-role",
        f"[profile marketing]\nregion=us-west-2\nrole_arn = {ROLE}\nsource_profile = user1\n",
        f"[user1]\n{KEYS.format('AKIAUSER')}",
        profile="marketing",
        key=ASSUMED,
        source="AKIAUSER",
    ),
    "a role with an external id and a session name": Example(
        "cli-configure-role",
        f"[profile x]\nregion=us-west-2\nrole_arn = {ROLE}\nsource_profile = default\n"
        "external_id = 123456\nrole_session_name = auditor\nduration_seconds = 3600\n",
        f"[default]\n{KEYS.format('AKIADEFAULT')}",
        profile="x",
        key=ASSUMED,
        source="AKIADEFAULT",
    ),
    "a role on the keys of an EC2 instance": Example(
        "cli-configure-metadata",
        f"[profile m]\nregion=us-west-2\nrole_arn = {ROLE}\n"
        "credential_source = Ec2InstanceMetadata\n",
        variables={"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{metadata}"},
        profile="m",
        key=ASSUMED,
        source="ASIAINSTANCE",
    ),
    "the keys and the region of an EC2 instance": Example(
        "cli-configure-metadata",
        variables={"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{metadata}"},
        key="ASIAINSTANCE",
        region="eu-south-1",
    ),
    "a role on the keys of a container": Example(
        "cli-configure-role",
        f"[profile m]\nregion=us-west-2\nrole_arn = {ROLE}\ncredential_source = EcsContainer\n",
        variables={
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{metadata}/keys",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x",
        },
        profile="m",
        key=ASSUMED,
        source="ASIACONTAINER",
    ),
    "the keys of a container, its token in a file": Example(
        "cli-configure-envvars",
        variables={
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{metadata}/keys",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/bearer",
            "AWS_REGION": "us-west-2",
        },
        key="ASIACONTAINER",
        region="us-west-2",
    ),
    "a role by web identity in a profile": Example(
        "cli-configure-role",
        f"[profile w]\nregion=us-west-2\nrole_arn = {ROLE}\n"
        "web_identity_token_file = {home}/token\nrole_session_name = me\n",
        profile="w",
        key=WEB,
    ),
    "a role by web identity in variables": Example(
        "cli-configure-envvars",
        variables={
            "AWS_ROLE_ARN": ROLE,
            "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token",
            "AWS_ROLE_SESSION_NAME": "me",
            "AWS_REGION": "us-west-2",
        },
        key=WEB,
    ),
    "an external process": Example(
        "cli-configure-sourcing-external",
        "[profile developer]\nregion=us-west-2\n"
        'credential_process = "{home}/with blank/creds" --username helen\n',
        profile="developer",
        key="AKIAPROCESS",
    ),
}


class Metadata(BaseHTTPRequestHandler):
    """A stub of instance metadata (IMDS), and of a container's credentials at `/keys`."""

    def _say(self, text: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("x-aws-ec2-metadata-token-ttl-seconds", "21600")
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._say("metadata-token")

    def do_GET(self) -> None:
        keys = {"SecretAccessKey": "s", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}
        if self.path == "/keys":
            status = 200 if self.headers.get("Authorization") == "Bearer x" else 403
            self._say(json.dumps({"AccessKeyId": "ASIACONTAINER", **keys}), status)
        elif self.path.endswith("/iam/security-credentials/"):
            self._say("instance-role")
        elif self.path.endswith("/instance-role"):
            self._say(json.dumps({"Code": "Success", "AccessKeyId": "ASIAINSTANCE", **keys}))
        elif "availability-zone" in self.path:
            self._say("eu-south-1b")
        else:
            self._say("", 404)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def metadata() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def files(files: Files, monkeypatch: pytest.MonkeyPatch) -> Files:
    """With the files and the program that the examples name; IMDS is not switched off."""
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    home = files.home
    (home / "token").write_text("identity-token")
    (home / "bearer").write_text("Bearer x")
    (home / "c").write_text("[default]\nregion=ca-central-1\n")
    (home / "k").write_text(f"[default]\n{KEYS.format('AKIAELSEWHERE')}")
    program = home / "with blank/creds"
    program.parent.mkdir()
    keys = {"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}
    program.write_text(
        f"#!{sys.executable}\nimport sys\nassert sys.argv[1:] == ['--username', 'helen']\n"
        f"print({json.dumps(json.dumps(keys))})\n"
    )
    program.chmod(0o700)
    return files


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_of_the_guide_does_what_it_says(
    stub: StubAws, files: Files, metadata: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    example = EXAMPLES[name]

    def fill(text: str) -> str:
        return text.replace("{home}", str(files.home)).replace("{metadata}", metadata)

    if example.config:
        files.config(fill(example.config))
    if example.credentials:
        files.credentials(example.credentials)
    for variable, value in example.variables.items():
        monkeypatch.setenv(variable, fill(value))
    account = Account(example.profile)
    await account.caller(alias=False)
    await account.close()
    last = stub.signed[-1]
    assert last.operation == "sts:GetCallerIdentity"
    assert last.access_key == example.key
    if example.region:
        assert last.region == account.region == example.region
    if example.source:
        assert stub.signed[0].operation == "sts:AssumeRole"
        assert stub.signed[0].access_key == example.source


SERVICES = (
    "[profile dev]\nregion = us-west-2\nservices = local\n{extra}"
    "[services local]\necs =\n  endpoint_url = http://ecs.local:1\n"
    "ssm =\n  endpoint_url = http://ssm.local:2\n"
)


@pytest.mark.parametrize(
    ("config", "variables", "service", "endpoint"),
    [
        (SERVICES, {}, "ecs", "http://ecs.local:1"),
        (SERVICES, {}, "ssm", "http://ssm.local:2"),
        (SERVICES, {}, "sts", "https://sts.us-west-2.amazonaws.com"),
        (SERVICES, {"AWS_ENDPOINT_URL_ECS": "http://v:3"}, "ecs", "http://v:3"),
        (SERVICES, {"AWS_ENDPOINT_URL": "http://all:4"}, "sts", "http://all:4"),
        (
            SERVICES,
            {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
            "ecs",
            "https://ecs.us-west-2.amazonaws.com",
        ),
        ("[profile dev]\nregion = us-west-2\nendpoint_url = http://p:5\n", {}, "ecs", "http://p:5"),
        (
            "[profile dev]\nregion = us-west-2\nuse_fips_endpoint = true\n",
            {},
            "ecs",
            "https://ecs-fips.us-west-2.amazonaws.com",
        ),
        (
            "[profile dev]\nregion = us-west-2\n",
            {"AWS_USE_FIPS_ENDPOINT": "true"},
            "ssm",
            "https://ssm-fips.us-west-2.amazonaws.com",
        ),
        (
            "[profile dev]\nregion = us-west-2\nuse_dualstack_endpoint = true\n",
            {},
            "ec2",
            "https://ec2.us-west-2.api.aws",
        ),
        (
            "[profile dev]\nregion = us-west-2\n",
            {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
            "ec2",
            "https://ec2.us-west-2.api.aws",
        ),
        (
            "[profile dev]\nregion = cn-north-1\n",
            {},
            "ecs",
            "https://ecs.cn-north-1.amazonaws.com.cn",
        ),
        (
            "[profile dev]\nregion = us-gov-west-1\n",
            {},
            "ecs",
            "https://ecs.us-gov-west-1.amazonaws.com",
        ),
    ],
)
async def test_endpoints_are_those_that_the_configuration_names(
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    variables: dict[str, str],
    service: str,
    endpoint: str,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    files.config(config.replace("{extra}", KEYS.format("AKIA")) + "\n")
    files.credentials(f"[dev]\n{KEYS.format('AKIA')}")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    account = Account("dev")
    client = await account.client(service)
    assert client.meta.endpoint_url == endpoint
    await account.close()


async def test_metadata_may_be_switched_off(
    stub: StubAws, files: Files, metadata: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    account = Account(None, "us-east-1")
    with pytest.raises(Exception, match="No AWS credentials were found"):
        await account.caller()
    await account.close()


PASSED_ON = {
    "AWS_METADATA_SERVICE_TIMEOUT": ("metadata_service_timeout", "7", 7),
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS": ("metadata_service_num_attempts", "4", 4),
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": (
        "ec2_metadata_service_endpoint_mode",
        "ipv6",
        "ipv6",
    ),
    "AWS_EC2_METADATA_V1_DISABLED": ("ec2_metadata_v1_disabled", "true", True),
    "AWS_IMDS_USE_IPV6": ("imds_use_ipv6", "true", True),
    "AWS_STS_REGIONAL_ENDPOINTS": ("sts_regional_endpoints", "legacy", "legacy"),
    "AWS_DEFAULTS_MODE": ("defaults_mode", "standard", "standard"),
    "AWS_DATA_PATH": ("data_path", "/models", "/models"),
    "AWS_SDK_UA_APP_ID": ("user_agent_appid", "app", "app"),
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": ("account_id_endpoint_mode", "disabled", "disabled"),
    "AWS_AUTH_SCHEME_PREFERENCE": ("auth_scheme_preference", "sigv4", "sigv4"),
    "AWS_ENDPOINT_DISCOVERY_ENABLED": ("endpoint_discovery_enabled", "false", "false"),
    "AWS_DISABLE_HOST_PREFIX_INJECTION": ("disable_host_prefix_injection", "true", True),
    "AWS_DISABLE_REQUEST_COMPRESSION": ("disable_request_compression", "true", True),
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": ("request_min_compression_size_bytes", "9", "9"),
    "AWS_SIGV4A_SIGNING_REGION_SET": ("sigv4a_signing_region_set", "*", "*"),
}


@pytest.mark.parametrize("variable", PASSED_ON)
@pytest.mark.parametrize("how", ["variable", "file"])
async def test_settings_that_botocore_reads_itself_reach_it(
    files: Files, monkeypatch: pytest.MonkeyPatch, variable: str, how: str
) -> None:
    from ecs_tui.aws.configuration import new_session

    name, text, value = PASSED_ON[variable]
    if how == "variable":
        monkeypatch.setenv(variable, text)
    else:
        key = "sdk_ua_app_id" if name == "user_agent_appid" else name
        files.config(f"[default]\n{key} = {text}\n")
    assert new_session(None).get_config_variable(name) == value
