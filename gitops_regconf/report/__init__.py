"""Findings and plans for people and for programs. Nothing here judges or prints."""
