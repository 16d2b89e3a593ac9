"""Rules over model objects."""
