"""The user interface: app, main screen, views, table, dialogs, dock and commands."""
