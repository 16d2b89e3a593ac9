"""Who has called the demo account in the last 90 days: people, pipelines and services of AWS."""

from __future__ import annotations

from ecs_tui.demo.cloudtrail_record import CONSOLE_AGENT, TrailIdentity

_SSO_PATH = "/aws-reserved/sso.amazonaws.com/us-east-1/"
_PLUGIN = "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/macos#24.6.0 md/command#ecs.execute-command"

ALICE = TrailIdentity("IAMUser", "alice", mfa=True, address="203.0.113.24")
BOB = TrailIdentity("AssumedRole", "dev", "bob", address="198.51.100.7", agent=_PLUGIN)
CAROL = TrailIdentity(
    "AssumedRole",
    "AWSReservedSSO_Developer_4f1c09a7be22d3e8",
    "carol@example.com",
    path=_SSO_PATH,
    center_user="90671a2b3c-5d6e7f80-1234-4cde-8f01-23456789abcd",
    address="203.0.113.61",
)
DAN = TrailIdentity(
    "AssumedRole",
    "AWSReservedSSO_PowerUser_9b7d0c11aa52e6f4",
    "dan@example.com",
    path=_SSO_PATH,
    center_user="90671a2b3c-9a8b7c6d-4321-4fed-9c10-abcdef012345",
    console=True,
    address="203.0.113.77",
    agent=CONSOLE_AGENT,
)
ERIN = TrailIdentity(
    "AssumedRole", "admin", "erin", mfa=True, console=True, address="203.0.113.5",
    agent=CONSOLE_AGENT,
)  # fmt: skip
FRANK = TrailIdentity(
    "FederatedUser", "frank", address="192.0.2.44",
    agent="Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#6.1.0 lang/python#3.12.7",
)  # fmt: skip
GRACE = TrailIdentity(
    "AssumedRole", "web-team", "grace", mfa=True, address="10.20.30.40",
    agent="ecs-tui/0.1.0 aiobotocore/2.25.0 botocore/1.40.61",
)  # fmt: skip
HEIDI = TrailIdentity("AssumedRole", "auditor", "heidi", mfa=True, address="203.0.113.90")
ROOT = TrailIdentity("Root", mfa=True, console=True, address="203.0.113.5", agent=CONSOLE_AGENT)
IVAN = TrailIdentity(
    "AssumedRole", "break-glass", "ivan", path="/emergency/", mfa=True, address="198.51.100.201"
)
COPILOT = TrailIdentity(
    "IAMUser", "judy", address="198.51.100.33",
    agent="aws-sdk-go/1.55.5 (go1.22.6; darwin; arm64) aws-ecs-cli-copilot/1.34.0",
)  # fmt: skip
PIPELINE = TrailIdentity(
    "AssumedRole", "deploy", "GitHubActions",
    provider="token.actions.githubusercontent.com", address="20.55.44.33",
    agent="Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#6.11.0 exec-env/GitHubActions",
)  # fmt: skip
SCALING = TrailIdentity(
    "AssumedRole", "AWSServiceRoleForApplicationAutoScaling_ECSService", "AutoScaling-UpdateDesiredCapacity",
    path="/aws-service-role/ecs.application-autoscaling.amazonaws.com/",
    invoked_by="ecs.application-autoscaling.amazonaws.com",
)  # fmt: skip
SCHEDULER = TrailIdentity(
    "AssumedRole", "ecsEventsRole", "a1b2c3d4e5f60718293a4b5c6d7e8f90",
    path="/service-role/", invoked_by="events.amazonaws.com",
)  # fmt: skip
ECS_ITSELF = TrailIdentity(
    "AssumedRole", "AWSServiceRoleForECS", "ECSExecuteCommand",
    path="/aws-service-role/ecs.amazonaws.com/", invoked_by="ecs.amazonaws.com",
)  # fmt: skip
"""ECS, which opens the session of an ExecuteCommand with its service-linked role."""

PEOPLE = (ALICE, BOB, CAROL, DAN, ERIN, FRANK, GRACE, HEIDI, IVAN, COPILOT, ROOT, PIPELINE)
"""The identities of the history, besides services of AWS."""
EXEC_CALLERS = ((ALICE, 24), (BOB, 12), (CAROL, 20), (DAN, 6), (ERIN, 8), (FRANK, 4), (GRACE, 14),
                (IVAN, 3), (COPILOT, 9))  # fmt: skip
"""Who opens shells, and how often."""
DENIED_CALLERS = ((HEIDI, 5), (BOB, 4), (FRANK, 2), (GRACE, 2))
"""Whose ExecuteCommand was denied, and how often."""
