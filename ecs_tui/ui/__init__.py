"""The screens: app, views, widgets, actions."""
