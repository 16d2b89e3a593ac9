"""Descriptors of resources, without a screen."""
