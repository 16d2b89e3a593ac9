"""Events of CloudTrail, as the audit shows them: who called what, from where, on which container.

Shape of a record: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from ecs_tui.record import dataclass

PrincipalKind = Literal[
    "user", "role", "sso", "root", "federated", "service", "account", "unknown"
]  # fmt: skip
"""Kinds of callers: an IAM user, an assumed role, a user of IAM Identity Center, the root user, a federated
user, an AWS service, another account, or what the record does not say."""
_DICTIONARY = (
    b'"eventVersion": "1.11", "userIdentity": {"type": "AssumedRole", "principalId": "AROA", "arn": '
    b'"arn:aws:sts::assumed-role/AWSReservedSSO_", "accountId": "", "accessKeyId": "ASIA", "userName": "", '
    b'"sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROA", "arn": "arn:aws:iam::role/'
    b'aws-reserved/sso.amazonaws.com/", "accountId": "", "userName": ""}, "webIdFederationData": {}, '
    b'"attributes": {"creationDate": "2026-", "mfaAuthenticated": "false"}}, "invokedBy": ".amazonaws.com"}, '
    b'"eventTime": "2026-", "eventSource": "ecs.amazonaws.com", "eventSource": "ssm.amazonaws.com", '
    b'"eventName": "UpdateService", "eventName": "ExecuteCommand", "awsRegion": "eu-west-1", "us-east-1", '
    b'"sourceIPAddress": "", "userAgent": "aws-cli/2.", "errorCode": "AccessDenied", "errorMessage": "User: is '
    b'not authorized to perform: ecs:ExecuteCommand on resource: because no identity-based policy allows", '
    b'"requestParameters": {"cluster": "arn:aws:ecs::cluster/", "container": "", "task": "arn:aws:ecs::task/", '
    b'"command": "/bin/sh", "interactive": true, "dryrun": false}, "responseElements": {"clusterArn": "", '
    b'"containerArn": "", "containerName": "", "interactive": true, "session": {"sessionId": '
    b'"ecs-execute-command-", "streamUrl": "wss://ssmmessages.amazonaws.com/v1/data-channel/", "tokenValue": '
    b'"HIDDEN"}, "taskArn": ""}, "requestID": "", "eventID": "", "readOnly": false, "eventType": "AwsApiCall", '
    b'"managementEvent": true, "recipientAccountId": "", "eventCategory": "Management", "tlsDetails": '
    b'{"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": '
    b'"ecs.eu-west-1.amazonaws.com"}, "sessionCredentialFromConsole": "true"'
)
"""What most records have: it makes a compressed record less than half as large."""


def pack(record: Mapping[str, object]) -> bytes:
    """A record in a few hundred bytes: 20,000 of them are kept in memory."""
    packing = zlib.compressobj(6, zdict=_DICTIONARY)
    text = json.dumps(record, ensure_ascii=True)
    return packing.compress(text.encode()) + packing.flush()


def unpack(packed: bytes) -> Mapping[str, object]:
    """The record in what `pack` returned; empty if it is damaged."""
    try:
        found = json.loads(zlib.decompressobj(zdict=_DICTIONARY).decompress(packed))
    except (zlib.error, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who made a call, from the record's `userIdentity`.

    Attributes:
        kind: What kind of caller it is.
        name: The user's, the role's or the service's name; for `sso` the permission set; "" if unknown.
        session: The name of the role session; for `sso` the user's name in the identity provider.
        account: The account that the caller belongs to.
        arn: Its ARN, as recorded.
        mfa: Whether the credentials were obtained with MFA; None where the record does not tell. Records
            of Identity Center say "false" whatever the identity provider did, so theirs is None.
        invoked_by: The AWS service that called on behalf of the caller; "" for none.
    """

    kind: PrincipalKind = "unknown"
    name: str = ""
    session: str = ""
    account: str = ""
    arn: str = ""
    mfa: bool | None = None
    invoked_by: str = ""


@dataclass(frozen=True, slots=True)
class AuditTarget:
    """What a call was about: names, each "" where the record does not tell.

    Attributes:
        task: A task's ID.
        runtime: The container's runtime ID, in a target of Session Manager.
    """

    cluster: str = ""
    service: str = ""
    task: str = ""
    container: str = ""
    runtime: str = ""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """An event of CloudTrail.

    Attributes:
        id: CloudTrail's ID of it.
        name: The operation, `ExecuteCommand`.
        service: The service's endpoint without its domain: ecs, ssm, iam.
        at: When the call was made.
        region: The region of the call; "" if unknown. IAM's is the partition's home region.
        account: The account in which the call was made.
        who: The caller.
        address: IP address of the caller, or the service that made the call.
        user_agent: The client's own name.
        access_key: ID of the access key, which is no secret.
        from_console: Whether the credentials were those of a session of the AWS console.
        error_code, error_message: Why the call failed; "" if it did not.
        target: What it was about.
        command: The command of ExecuteCommand, as sent.
        session: ID of the session that was opened, resumed or ended; "" for none.
        exec_on: Whether the request switched exec on; None if it says nothing about it.
        exec_logging: The exec logging that the request sets: NONE, DEFAULT, OVERRIDE; "" if it sets none.
        subject: What an IAM call changes: "role deploy", "user alice", "policy ops".
        policy: ARN of the managed policy that an IAM call attaches or gives a version.
        grants: The actions about sessions that the call's policy document allows.
        packed: The record, compressed by `pack`; `record` reads it. It has no tokens and no values of
            environment variables.
    """

    id: str
    name: str
    service: str
    at: datetime | None
    region: str = ""
    account: str = ""
    who: Principal = Principal()
    address: str = ""
    user_agent: str = ""
    access_key: str = ""
    from_console: bool = False
    error_code: str = ""
    error_message: str = ""
    target: AuditTarget = AuditTarget()
    command: str = ""
    session: str = ""
    exec_on: bool | None = None
    exec_logging: str = ""
    subject: str = ""
    policy: str = ""
    grants: tuple[str, ...] = ()
    packed: bytes = b""

    @property
    def failed(self) -> bool:
        """Whether the call was denied or failed."""
        return bool(self.error_code)

    @property
    def denied(self) -> bool:
        """Whether the caller was not allowed to do it."""
        return "AccessDenied" in self.error_code or "Unauthorized" in self.error_code

    @property
    def record(self) -> Mapping[str, object]:
        """The whole record; empty if there is none."""
        return unpack(self.packed) if self.packed else {}


@dataclass(frozen=True, slots=True)
class AuditEventPage:
    """A page of events, the newest first. `token` leads to older ones; "" after the last page.

    Attributes:
        oldest: The time of the oldest event of the page, whether or not it is among `events`.
    """

    events: tuple[AuditEvent, ...]
    token: str = ""
    oldest: datetime | None = None
