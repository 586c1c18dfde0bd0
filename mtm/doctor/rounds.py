"""All that is looked at, in the order in which one failure explains the next."""

from mtm.doctor import live, nights, notices, served, site, state
from mtm.doctor.findings import Check

CHECKS = (
    Check("settings", site.system_checks),
    Check("way in", site.way_in),
    Check("days", site.days),
    Check("state directory", state.directory),
    Check("database", state.database),
    Check("audit log", state.audit_log, seconds=120),
    Check("search", state.search),
    Check("static files", site.static_files),
    Check("snapshot mounts", nights.mounts),
    Check("nights", nights.nights),
    Check("mailbox", nights.mailbox, seconds=60),
    Check("snapshot server", served.server, seconds=60),
    Check("agreement", served.agreement, seconds=60),
    Check("live server", live.server),
    Check("wrong passwords", live.patience, seconds=60),
    Check("restores", live.worker),
    Check("notices", notices.server),
)
