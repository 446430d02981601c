"""The server: domains, one folder per noun, above sync and below wsgi."""
