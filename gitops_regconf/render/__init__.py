"""Resolved clusters to the text of output files. Pure: nothing is read, nothing is secret."""
