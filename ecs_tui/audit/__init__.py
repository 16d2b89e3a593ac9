"""The audit: who was in which container, from where, and what let them in. No widgets."""
