"""`python -m gitops_regconf` is `regconf`."""

from gitops_regconf.commands.cli import main

raise SystemExit(main())
