"""Whether every cluster App takes in its Secret, and the Secret gets to where it is taken from."""
