"""What happened around a moment: one timeline of what deployments, scaling, tasks, alarms and people did."""
