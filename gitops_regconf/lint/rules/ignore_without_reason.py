"""An ignore names its rules and gives a reason.

Why: what is let stand today is read by somebody else next year, who has to know
whether it may stay. An ignore for everything hides what nobody has seen yet.

Bad: `# regconf: ignore`
Good: `# regconf: ignore[plaintext-credentials] an example in the manual of the vendor`
Mend: name the rule that the finding shows in brackets, and say why it may stand.
"""

from __future__ import annotations

from gitops_regconf.lint import ignores

ID = ignores.WITHOUT_REASON
