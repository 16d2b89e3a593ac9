"""Pages of the main screen: one is shown at a time, beside the dock. No page imports another one."""
