"""The page of activity: one timeline in layers."""
