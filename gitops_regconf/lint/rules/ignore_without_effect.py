"""An ignore is for a finding that is there.

Why: when the line is mended, or moves away, the comment stays behind and lets the
next finding of that kind pass unseen.

Bad: `# regconf: ignore[endpoint-form] until May` above a line without a finding
Good: no comment
Mend: remove the comment.
"""

from __future__ import annotations

from gitops_regconf.lint import ignores

ID = ignores.WITHOUT_EFFECT
