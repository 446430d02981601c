"""Accounts: login, sessions, phones and what each may see."""
