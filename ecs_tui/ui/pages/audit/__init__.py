"""The page of the audit: a timeline of who was where and what let them in."""
