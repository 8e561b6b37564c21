"""The fleet as a model: its clusters, what they ask for, and where it all stands."""
