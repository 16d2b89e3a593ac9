"""Pure rules over model objects: readiness, health, how long something may take."""
