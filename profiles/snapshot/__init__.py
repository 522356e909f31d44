"""Published columns: profiles as small codes into shared lists of values, kept in files and mapped into memory."""
