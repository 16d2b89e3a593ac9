"""A pretend AWS account on this machine: moto, completed, with real local shells behind it."""
