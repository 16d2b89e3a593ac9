"""Why a container cannot be exec'd into, and what helps: facts, checks, cures, access."""
