"""Settings, the prefix key, and what is saved between runs."""
