"""The repository that `regconf init` lays down. This file only makes it travel in the package."""
