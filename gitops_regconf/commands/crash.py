"""What a bug must not do: look like findings, or like nothing, or show what it was working on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from gitops_regconf.errors import RegconfError


def guarded(check: Callable[[], int]) -> int:
    """The exit code of a check; 3 where it ends in a bug, of which the kind and place are said.

    The text of an unforeseen error is left out: it may hold what is in a file. Raises
    RegconfError as it comes: it is foreseen.
    """
    try:
        return check()
    except RegconfError:
        raise
    except BrokenPipeError:
        # The reader has gone (a pager, head): nothing is left to say, and nothing is clean.
        from gitops_regconf.commands.output import silence

        silence(sys.stdout)
        return 1
    except Exception as error:  # noqa: BLE001  # whatever it is, it was not checked
        import traceback

        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119
        print(
            f"error: this could not be checked: a bug in regconf ({type(error).__name__} at "
            f"{place})\n  Please report it.",
            file=sys.stderr,
        )
        return 3
