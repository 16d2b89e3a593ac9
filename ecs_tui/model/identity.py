"""Who the caller is, from `sts:GetCallerIdentity`."""

from __future__ import annotations

from ecs_tui.model.arn import parse_arn
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity behind the credentials in use."""

    account: str
    arn: str
    alias: str = ""

    @property
    def who(self) -> str:
        """`role/session` for an assumed role, the user's name for a user.

        Shapes of the ARN: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
        """
        arn = parse_arn(self.arn)
        if arn is None:
            return self.arn
        kind, _, rest = arn.resource.partition("/")
        if kind == "assumed-role":
            return rest
        return rest.rsplit("/", 1)[-1] or kind
