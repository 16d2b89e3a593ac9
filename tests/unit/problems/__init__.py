"""The problems layer."""
