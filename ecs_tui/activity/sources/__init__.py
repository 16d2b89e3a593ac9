"""The sources of the timeline's layers: a file each."""
