"""What is known of the account: the newest objects, what changed, and what to ask for next."""
