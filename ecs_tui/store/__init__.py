"""The loaded data: objects, the lists they are in, their freshness, and what refreshes them."""
