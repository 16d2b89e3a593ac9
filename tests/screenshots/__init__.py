"""The pictures of README and docs: `python -m tests.screenshots`, from the demo account, by keys."""
