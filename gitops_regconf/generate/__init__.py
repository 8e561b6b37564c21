"""What is to be written, and writing it."""
