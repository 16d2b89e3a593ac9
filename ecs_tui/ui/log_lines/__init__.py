"""The lines of logs as a widget: only those on the screen are drawn, however many there are."""
