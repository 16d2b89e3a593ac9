"""How often the watch asks for what. Times are seconds, for the default of the setting `refresh`."""

from __future__ import annotations

USUAL_REFRESH = 10.0
"""Seconds between refreshes by default: with another setting, the times below change in proportion."""
STOPPED_SECONDS = 30.0
"""Seconds between two reads of a cluster's stopped tasks, at least."""
CLUSTER_SECONDS = 4.0
"""Seconds that each watched cluster adds to that period: 30 clusters are read in turn in two minutes."""
COUNTS_SECONDS = 60.0
"""Seconds between two reads of the clusters' counts."""
ACCOUNT_SECONDS = 120.0
"""Seconds between two reads of alarms and scalable targets."""
LOOKED_UP_SECONDS = 75.0
"""How old their answers are used if a list has looked them up: the service lists do it every 60 s."""
RETIREMENTS_SECONDS = 3600.0
"""Seconds between two questions to AWS Health."""
CAPACITY_SECONDS = 120.0
"""Seconds between two reads of container instances and capacity providers, where there are some."""
RUNNING_SECONDS = 300.0
"""Seconds between two reads of the running tasks of a cluster that is not large: for health checks, exec
agents and images."""
SUSPECT_SECONDS = 60.0
"""Seconds after which a suspect is asked about again."""
DEPLOYMENTS_SECONDS = 10.0
"""Seconds between two questions for last deployments: two calls for a service, or one for twenty."""
EVALUATE_SECONDS = 15.0
"""Seconds after which the rules run again although nothing has changed: some wait for time."""
QUIET_SERVICES_SECONDS = 600.0
"""Seconds after which every service is described again although nothing tells of a change."""
UNEXPECTED_SECONDS = 60.0
"""Seconds until a job that failed in an unexpected way is tried again."""
QUIET_CHECK_SECONDS = 5.0
"""Seconds between two comparisons of a cluster's counts with its services."""
SERVICES_PER_SECOND = 500
"""Services that are judged a second, at most: in a large cluster something changes all the time."""
MAX_JOBS = 2
"""Calls in flight of the watch: lists on the screen come first."""
MAX_PAUSE_SECONDS = 600.0
"""Maximum seconds until a cluster that cannot be read is tried again."""
LIST_OPERATIONS = ("ecs:ListServices", "ecs:DescribeServices", "ecs:ListTasks", "ecs:DescribeTasks")
"""What the lists of a cluster need: once they are answered, they are no longer denied."""
