"""Policies as files hold them -> policies as we understand them. Pure: no database, no network, no clock."""
