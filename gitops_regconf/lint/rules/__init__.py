"""The rules. Adding one is adding a module: no other file knows its name."""
