"""Rules for the source as a whole: imports, sizes, names, and documents that name tests."""
