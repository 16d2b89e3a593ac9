"""Plans of changes: what they say, their calls, and when they hold."""
