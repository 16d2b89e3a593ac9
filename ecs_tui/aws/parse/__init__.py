"""Parses AWS's answers into model objects; raw dictionaries go no further."""
