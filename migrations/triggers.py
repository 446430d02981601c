"""The triggers that keep facts and log append-only, even against SQL typed by hand.

Used by migrations alone: a migration that rebuilds one of these tables must create them again.
"""

from __future__ import annotations

# `admitted` may be raised by a ledger.admitted fact; everything else of an entry is for ever.
LOG_COLUMNS = ("station_id", "idx", "fact_seq", "fact_sha256", "verdict", "received_at")
LOG_COLUMNS_BEFORE_0004 = tuple(name for name in LOG_COLUMNS if name != "fact_seq")
_COLUMNS_MARK = "{log_columns}"


def create(*, sqlite: bool, log_columns: tuple[str, ...]) -> tuple[str, ...]:
    """The statements that make every trigger, for a log with these columns."""
    statements = SQLITE_CREATE if sqlite else POSTGRES_CREATE
    return tuple(each.replace(_COLUMNS_MARK, ", ".join(log_columns)) for each in statements)


def drop(*, sqlite: bool) -> tuple[str, ...]:
    """The statements that take every trigger away, inside a migration that makes them again."""
    if sqlite:
        return tuple(f"DROP TRIGGER IF EXISTS {name}" for name in sorted(TRIGGER_NAMES))
    return POSTGRES_DROP


SQLITE_CREATE = (
    """CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact
    BEGIN SELECT RAISE(ABORT, 'fact is append-only'); END""",
    """CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact
    BEGIN SELECT RAISE(ABORT, 'fact is append-only'); END""",
    """CREATE TRIGGER log_entry_no_update BEFORE UPDATE OF {log_columns} ON log_entry
    BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END""",
    """CREATE TRIGGER log_entry_no_withdrawal BEFORE UPDATE OF admitted ON log_entry
    WHEN NEW.admitted < OLD.admitted
    BEGIN SELECT RAISE(ABORT, 'an admission is never withdrawn'); END""",
    """CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON log_entry
    BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END""",
    """CREATE TRIGGER private_line_no_update BEFORE UPDATE ON private_line
    BEGIN SELECT RAISE(ABORT, 'private_line is never changed'); END""",
    """CREATE TRIGGER private_line_no_delete BEFORE DELETE ON private_line
    WHEN NOT EXISTS (SELECT 1 FROM redaction r
      WHERE r.station_id = OLD.station_id AND r.fact_sha256 = OLD.fact_sha256)
    BEGIN SELECT RAISE(ABORT, 'private_line goes only by a ledger.redacted fact'); END""",
)

POSTGRES_CREATE = (
    """CREATE FUNCTION gi_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    """CREATE FUNCTION gi_admission_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.admitted AND NOT NEW.admitted THEN
        RAISE EXCEPTION 'an admission is never withdrawn';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE FUNCTION gi_redaction_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM redaction r
        WHERE r.station_id = OLD.station_id AND r.fact_sha256 = OLD.fact_sha256) THEN
        RAISE EXCEPTION 'private_line goes only by a ledger.redacted fact';
      END IF;
      RETURN OLD;
    END $$""",
    """CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact
    FOR EACH ROW EXECUTE FUNCTION gi_append_only()""",
    """CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact
    FOR EACH ROW EXECUTE FUNCTION gi_append_only()""",
    """CREATE TRIGGER fact_no_truncate BEFORE TRUNCATE ON fact
    FOR EACH STATEMENT EXECUTE FUNCTION gi_append_only()""",
    """CREATE TRIGGER log_entry_no_update BEFORE UPDATE OF {log_columns} ON log_entry
    FOR EACH ROW EXECUTE FUNCTION gi_append_only()""",
    """CREATE TRIGGER log_entry_no_withdrawal BEFORE UPDATE OF admitted ON log_entry
    FOR EACH ROW EXECUTE FUNCTION gi_admission_stays()""",
    """CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON log_entry
    FOR EACH ROW EXECUTE FUNCTION gi_append_only()""",
    """CREATE TRIGGER log_entry_no_truncate BEFORE TRUNCATE ON log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION gi_append_only()""",
    """CREATE TRIGGER private_line_no_update BEFORE UPDATE ON private_line
    FOR EACH ROW EXECUTE FUNCTION gi_append_only()""",
    """CREATE TRIGGER private_line_no_delete BEFORE DELETE ON private_line
    FOR EACH ROW EXECUTE FUNCTION gi_redaction_only()""",
)

POSTGRES_DROP = (
    "DROP FUNCTION IF EXISTS gi_append_only() CASCADE",
    "DROP FUNCTION IF EXISTS gi_admission_stays() CASCADE",
    "DROP FUNCTION IF EXISTS gi_redaction_only() CASCADE",
)

TRIGGER_NAMES = frozenset(
    {
        "fact_no_update",
        "fact_no_delete",
        "log_entry_no_update",
        "log_entry_no_withdrawal",
        "log_entry_no_delete",
        "private_line_no_update",
        "private_line_no_delete",
    }
)
