"""Reading logs: sources, merged lines, following, formats, filters, search, Insights. No Textual."""
