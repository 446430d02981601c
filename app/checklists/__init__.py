"""Checklists: the bundled data, its one rule evaluator, and what the server keeps of both."""
