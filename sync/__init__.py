"""The pure core: facts, their order, their fold, the log that covers them.

Standard library only; no Flask, no SQL, no clock, no randomness, no files, no network.
Everything looked up or measured comes in as a value, everything decided goes out as a value.
"""
