"""Reading and parsing: files with their positions, and nothing beyond what they say."""
