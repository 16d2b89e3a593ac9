"""Talking to AWS: profiles, clients, pacing, errors. Returns model objects only."""
