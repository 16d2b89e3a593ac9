"""CloudTrail's records as the demo writes them: who called what, from where, with what result.

Source of the shapes: "CloudTrail record contents" and "CloudTrail userIdentity element" in the user
guide of AWS CloudTrail.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from ecs_tui.record import dataclass

IdentityType = Literal["IAMUser", "AssumedRole", "Root", "FederatedUser", "AWSService"]
CONSOLE_AGENT = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
READ_PREFIXES = ("Describe", "List", "Get", "Lookup", "Simulate", "Filter", "Search")
EXEC_DOCUMENT = "AmazonECS-ExecuteInteractiveCommand"
"""The SSM document of a session of ECS Exec."""
SECRET_TEXTS = {
    "ssm.amazonaws.com": "Value hidden due to security reasons.",
    "ecs.amazonaws.com": "HIDDEN_DUE_TO_SECURITY_REASONS",
}
"""What CloudTrail writes in place of a session's token; each service has its own text."""


def digest(*parts: object) -> str:
    """64 hexadecimal digits that are the same for the same parts."""
    return hashlib.sha256(":".join(str(part) for part in parts).encode()).hexdigest()


def uuid_of(*parts: object) -> str:
    """An ID in the form of a UUID that is the same for the same parts."""
    text = digest(*parts)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"


def moment(seconds: float) -> str:
    """A time of a record: UTC, in whole seconds."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class TrailIdentity:
    """Who made a call.

    Attributes:
        name: The user's or role's name; "" for root and services.
        session: The name of a role's session; for IAM Identity Center the user's name there.
        path: The path of a role.
        center_user: The user's ID in IAM Identity Center; "" for others.
        provider: The OIDC provider by which a role was assumed; "" for others.
        invoked_by: The service that made the call on somebody's behalf, or for itself.
        console: Whether it used the AWS console.
    """

    type: IdentityType
    name: str = ""
    session: str = ""
    path: str = "/"
    mfa: bool = False
    key: str = ""
    center_user: str = ""
    provider: str = ""
    invoked_by: str = ""
    console: bool = False
    address: str = "203.0.113.10"
    agent: str = (
        "aws-cli/2.31.3 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 md/command#ecs.execute-command"
    )

    @property
    def username(self) -> str:
        """`Username` of LookupEvents: the session's name for roles; "" for services."""
        if self.type == "Root":
            return "root"
        return self.session or self.name

    @property
    def access_key(self) -> str:
        """The access key ID; "" for services and the console's root."""
        if self.key or self.type in ("AWSService", "Root") or self.invoked_by:
            return self.key
        prefix = "AKIA" if self.type == "IAMUser" else "ASIA"
        return prefix + digest(self.type, self.name, self.session)[:16].upper()

    def arn(self, account: str) -> str:
        """`userIdentity.arn`."""
        if self.type == "Root":
            return f"arn:aws:iam::{account}:root"
        if self.type == "IAMUser":
            return f"arn:aws:iam::{account}:user/{self.name}"
        if self.type == "FederatedUser":
            return f"arn:aws:sts::{account}:federated-user/{self.name}"
        return f"arn:aws:sts::{account}:assumed-role/{self.name}/{self.session}"

    def document(self, account: str, at: float) -> dict[str, Any]:
        """`userIdentity` of a record.

        Args:
            at: When the call was made, in seconds since 1970; the session began before.
        """
        if self.type == "AWSService":
            return {"type": "AWSService", "invokedBy": self.invoked_by}
        short = digest(self.type, self.name)[:17].upper()
        found: dict[str, Any] = {"type": self.type}
        if self.type == "Root":
            found["principalId"] = account
        elif self.type == "IAMUser":
            found["principalId"] = f"AIDA{short}"
        elif self.type == "FederatedUser":
            found["principalId"] = f"{account}:{self.name}"
        else:
            found["principalId"] = f"AROA{short}:{self.session}"
        found |= {"arn": self.arn(account), "accountId": account}
        if self.access_key:
            found["accessKeyId"] = self.access_key
        if self.type == "IAMUser":
            found["userName"] = self.name
        context = self._context(account, at, short)
        if context:
            found["sessionContext"] = context
        if self.center_user:
            store = "arn:aws:identitystore::123456789012:identitystore/d-9067a1b2c3"
            found["onBehalfOf"] = {"userId": self.center_user, "identityStoreArn": store}
        if self.invoked_by:
            found["invokedBy"] = self.invoked_by
        return found

    def _context(self, account: str, at: float, short: str) -> dict[str, Any]:
        attributes = {
            "creationDate": moment(at - 600 - int(digest(self.username, at // 3600)[:3], 16)),
            "mfaAuthenticated": "true" if self.mfa else "false",
        }
        if self.type == "AssumedRole":
            issuer = {
                "type": "Role",
                "principalId": f"AROA{short}",
                "arn": f"arn:aws:iam::{account}:role{self.path}{self.name}",
                "accountId": account,
                "userName": self.name,
            }
            web: dict[str, Any] = {}
            if self.provider:
                federated = f"arn:aws:iam::{account}:oidc-provider/{self.provider}"
                web = {"federatedProvider": federated, "attributes": {}}
            return {"sessionIssuer": issuer, "webIdFederationData": web, "attributes": attributes}
        if self.type == "FederatedUser":
            issuer = {
                "type": "IAMUser",
                "principalId": f"AIDA{short}",
                "arn": f"arn:aws:iam::{account}:user/federation-broker",
                "accountId": account,
                "userName": "federation-broker",
            }
            return {"sessionIssuer": issuer, "attributes": attributes}
        if self.type == "Root" or (self.mfa and self.console):
            return {"attributes": attributes}
        return {}


@dataclass(frozen=True, slots=True)
class TrailRecord:
    """One call, as CloudTrail keeps it.

    Attributes:
        at: When it was made, in seconds since 1970.
        parameters, response: `requestParameters` and `responseElements`; None for null.
        error: (`errorCode`, `errorMessage`); ("", "") for a call that succeeded.
        address, agent: Where it came from; "" for those of the identity.
    """

    at: float
    id: str
    source: str
    name: str
    region: str
    identity: TrailIdentity
    parameters: Mapping[str, Any] | None
    response: Mapping[str, Any] | None = None
    error: tuple[str, str] = ("", "")
    address: str = ""
    agent: str = ""

    @property
    def read_only(self) -> bool:
        """Whether the call changes nothing."""
        return self.name.startswith(READ_PREFIXES)

    @property
    def position(self) -> tuple[int, str]:
        """Its place in time: LookupEvents returns the largest first."""
        return int(self.at * 1000), self.id

    def document(self, account: str) -> dict[str, Any]:
        """The record itself."""
        caller = self.identity
        service = caller.invoked_by
        found: dict[str, Any] = {
            "eventVersion": "1.11",
            "userIdentity": caller.document(account, self.at),
            "eventTime": moment(self.at),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": self.region,
            "sourceIPAddress": self.address or service or caller.address,
            "userAgent": self.agent or service or caller.agent,
        }
        if self.error[0]:
            found |= {"errorCode": self.error[0], "errorMessage": self.error[1]}
        found |= {
            "requestParameters": self.parameters,
            "responseElements": self.response,
            "requestID": uuid_of("request", self.id),
            "eventID": self.id,
            "readOnly": self.read_only,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": account,
            "eventCategory": "Management",
        }
        if caller.console:
            found["sessionCredentialFromConsole"] = "true"
        elif not service:
            host = f"{self.source.partition('.')[0]}.{self.region}.amazonaws.com"
            found["tlsDetails"] = {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": host,
            }
        return found

    def event(self, account: str) -> dict[str, Any]:
        """One of `Events[]` of LookupEvents."""
        found: dict[str, Any] = {
            "EventId": self.id,
            "EventName": self.name,
            "ReadOnly": "true" if self.read_only else "false",
            "EventTime": int(self.at),
            "EventSource": self.source,
            "Resources": [],
            "CloudTrailEvent": json.dumps(self.document(account), separators=(",", ":")),
        }
        if self.identity.access_key:
            found["AccessKeyId"] = self.identity.access_key
        if self.identity.username:
            found["Username"] = self.identity.username
        return found
