"""One function per AWS operation; one file per service."""
