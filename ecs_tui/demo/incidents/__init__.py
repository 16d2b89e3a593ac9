"""The scripted incidents of the demo account: one module each, imported when it is asked for."""

from __future__ import annotations

CLUSTER = "shop"
"""The cluster in which they happen."""
INCIDENTS = {
    "checkout": "checkout: 5xx above 2% for 1 minute",
    "memory": "catalog: fewer running tasks than desired",
    "capacity": "search: fewer running tasks than desired",
    "secret": "payments: deployment does not complete",
    "dependency": "checkout: 5xx above 2% for 1 minute",
}
"""What the pager says, by the names of their modules."""
