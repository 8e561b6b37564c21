"""JSON Schemas of the input files, as package data."""
