"""The pre-commit hooks, one module each."""
