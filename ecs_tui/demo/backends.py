"""moto's dispatcher of calls to its backends; it finds the backend of each host once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication


class Backends(DomainDispatcherApplication):
    """The WSGI application of all backends.

    moto reads its own folder of 200 modules for each call.

    Args:
        create_app: Makes the application of a backend.
    """

    def __init__(self, create_app: Callable[[Any], Any]) -> None:
        super().__init__(create_app)
        self._backends: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]
