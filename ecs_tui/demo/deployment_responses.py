"""The actions of the deployments API in the demo's ECS response."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.responses import EC2ContainerServiceResponse

from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.service_deployments import (
    continue_deployment,
    describe_deployments,
    describe_revisions,
    list_deployments,
    stop_deployment,
)
from ecs_tui.system import wall_clock


class DeploymentActions(EC2ContainerServiceResponse):
    """One method for each action; a subclass has the backend and the pages."""

    @property
    def ecs_backend(self) -> DemoEcsBackend:
        """The backend of the caller's account and region."""
        raise NotImplementedError

    def _page(self, key: str, found: list[Any]) -> ActionResult:
        raise NotImplementedError

    def list_service_deployments(self) -> ActionResult:
        found = list_deployments(self.ecs_backend, self._get_params())
        return self._page("serviceDeployments", found)

    def describe_service_deployments(self) -> ActionResult:
        arns = self._get_param("serviceDeploymentArns", [])
        found, failures = describe_deployments(self.ecs_backend, arns, wall_clock.now())
        return ActionResult({"serviceDeployments": found, "failures": failures})

    def describe_service_revisions(self) -> ActionResult:
        arns = self._get_param("serviceRevisionArns", [])
        found, failures = describe_revisions(self.ecs_backend, arns)
        return ActionResult({"serviceRevisions": found, "failures": failures})

    def stop_service_deployment(self) -> ActionResult:
        arn = stop_deployment(self.ecs_backend, self._get_params(), wall_clock.now())
        return ActionResult({"serviceDeploymentArn": arn})

    def continue_service_deployment(self) -> ActionResult:
        arn = continue_deployment(self.ecs_backend, self._get_params(), wall_clock.now())
        return ActionResult({"serviceDeploymentArn": arn})
