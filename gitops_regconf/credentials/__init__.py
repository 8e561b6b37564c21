"""Where credentials come from, and the only other place besides `sops` that sees them in clear."""
