"""The prompt for filters and destinations, and the search behind it."""
