"""What is counted while the site works. `mtm.monitoring` hands the sums out; nothing here names a person."""

from prometheus_client import Counter

ACTIONS = Counter(
    "mtm_actions", "What was written to the audit log, and logins that could not be tried.", ["action", "result"]
)
ENGINE_ERRORS = Counter("mtm_engine_errors", "Pages that the storage or a mail server could not answer.", ["error"])
