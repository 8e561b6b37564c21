"""One thin module for each subcommand: arguments in, an exit code out."""
