"""Rules: one module each in `rules`, over subjects that are parsed already."""
