"""The page of problems: the list, the evidence of the selected one, and what is watched."""
