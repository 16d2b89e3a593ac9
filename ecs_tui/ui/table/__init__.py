"""The table widget that shows a list, with its layout, filter and order."""
