"""The page of a service: a line of tabs, and what the chosen tab shows."""
