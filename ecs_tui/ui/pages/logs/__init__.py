"""The page of logs: what containers said, merged by time, followed, filtered and searched."""
