"""The command line: `python -m app.cli COMMAND`. Each file adds its commands in one function."""
