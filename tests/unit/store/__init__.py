"""What lists hold and when they are refreshed, mostly in virtual time."""
