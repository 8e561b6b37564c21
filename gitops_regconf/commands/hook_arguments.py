"""What a hook is called with: names of files, and no option but those for help."""

from __future__ import annotations

from collections.abc import Sequence

from gitops_regconf.errors import InvalidInput


def helped(arguments: Sequence[str], usage: str) -> bool:
    """Print the usage where it is asked for; what stands after `--` is a name. Whether it was."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    asked = "-h" in options or "--help" in options
    if asked:
        from gitops_regconf.commands.output import Output

        Output.of_hook().document(usage)
    return asked


def names_of_files(arguments: Sequence[str]) -> list[str]:
    """The names, of which those after `--` may begin with a dash. Raises InvalidInput."""
    names: list[str] = []
    for place, argument in enumerate(arguments):
        if argument == "--":
            return names + list(arguments[place + 1 :])
        if not argument:
            raise InvalidInput("the name of a FILE is empty")
        if argument.startswith("-"):
            raise InvalidInput(
                f"there is no option {argument!r}",
                mend="See `--help`. Names of files that begin with a dash stand after `--`.",
            )
        names.append(argument)
    return names
