"""The only SQL of the service: tables, and one file of named statements per noun."""
