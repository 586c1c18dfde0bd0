"""The database's own refusal to change or shorten the audit log, whoever asks.

A later migration that alters the table on SQLite makes it anew and loses these: it must `create` them again.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

_SQLITE = (
    """CREATE TRIGGER access_audit_no_update BEFORE UPDATE ON access_auditrecord
    BEGIN SELECT RAISE(ABORT, 'audit rows are kept as they were written'); END""",
    """CREATE TRIGGER access_audit_no_replace BEFORE INSERT ON access_auditrecord
    WHEN EXISTS (SELECT 1 FROM access_auditrecord WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'audit rows are kept as they were written'); END""",
    """CREATE TRIGGER access_audit_no_delete BEFORE DELETE ON access_auditrecord
    WHEN OLD.keep_until_ms > CAST(strftime('%s', 'now') AS INTEGER) * 1000
    BEGIN SELECT RAISE(ABORT, 'audit rows are kept for their time'); END""",
)
_SQLITE_NAMES = ("access_audit_no_update", "access_audit_no_replace", "access_audit_no_delete")
_POSTGRESQL = (
    """CREATE FUNCTION access_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.keep_until_ms <= extract(epoch FROM now()) * 1000 THEN RETURN OLD; END IF;
      END IF;
      RAISE EXCEPTION 'audit rows are kept as they were written';
    END $$""",
    """CREATE TRIGGER access_audit_rows BEFORE UPDATE OR DELETE ON access_auditrecord
    FOR EACH ROW EXECUTE FUNCTION access_audit_guard()""",
    """CREATE TRIGGER access_audit_table BEFORE TRUNCATE ON access_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION access_audit_guard()""",
)


def create(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place."""
    _run(connection, _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for going back before them, and for tests that empty their database."""
    if connection.vendor == "postgresql":
        _run(connection, ("DROP FUNCTION IF EXISTS access_audit_guard() CASCADE",))
    else:
        _run(connection, tuple(f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE_NAMES))


def _run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
