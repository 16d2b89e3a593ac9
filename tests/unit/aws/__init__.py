"""Connections, credentials, and the checks that every call passes, on the stub of AWS."""
