"""JSON Schemas of the input files and of registries in cluster values, as package data."""
