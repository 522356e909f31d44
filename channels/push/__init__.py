"""App push vendors."""
