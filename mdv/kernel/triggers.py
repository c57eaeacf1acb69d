"""Database triggers that no session can switch off.

django-pgtrigger keeps triggers in the migrations. Its own template lets any session skip a trigger
through the ``pgtrigger.ignore`` variable, so ours leave that door out and pin the search path, so
that a temporary table cannot stand in for a real one.
"""

from collections.abc import Sequence
from typing import Any

import pgtrigger
from pgtrigger import compiler

# Names of columns that PL/pgSQL takes for words of its own unless they are quoted.
KEYWORDS = frozenset({"to"})


class TriggerSql(compiler.UpsertTriggerSql):
    """A trigger with a function of its own. Migrations name this class: version, never edit."""

    def get_template(self) -> str:
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS TRIGGER
            LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$;
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid} {when} {operation} ON {table} {timing}
                {referencing} FOR EACH {level} {condition} EXECUTE FUNCTION {execute};
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class SharedFunctionSql(compiler.UpsertTriggerSql):
    """A trigger that calls a function which a migration created for many tables."""

    def get_template(self) -> str:
        return """
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid} {when} {operation} ON {table} {timing}
                {referencing} FOR EACH {level} {condition} EXECUTE FUNCTION {execute};
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


def update_of(*columns: str) -> pgtrigger.Operation:
    """Return the operation of updating one of `columns`."""
    operation: pgtrigger.Operation = pgtrigger.UpdateOf(*columns)  # type: ignore[no-untyped-call]
    return operation


class Trigger(pgtrigger.Trigger):
    """A trigger in the house's own template."""

    template: type[compiler.UpsertTriggerSql] = TriggerSql

    def compile(self, model: Any) -> compiler.Trigger:
        return compiler.Trigger(
            name=self.name,
            sql=self.template(
                pgid=self.get_pgid(model),
                declare=self.render_declare(model),
                func=self.render_func(model),
                table=model._meta.db_table,
                constraint="CONSTRAINT" if self.timing else "",
                when=self.when,
                operation=self.operation,
                timing=f"DEFERRABLE INITIALLY {self.timing}" if self.timing else "",
                level=self.level,
                condition=self.render_condition(model),
                execute=self.render_execute(model),
            ),
        )


class SharedFunctionTrigger(Trigger):
    """A trigger on a function that a migration created: ``execute`` is the call."""

    template = SharedFunctionSql
    func = "-- the function is shared"

    def __init__(self, *, execute: str, **kwargs: Any) -> None:
        self.execute = execute
        super().__init__(**kwargs)

    def render_execute(self, model: Any) -> str:
        return self.execute


class AppendOnly(Trigger):
    """Refuse to change or delete rows: they are facts."""

    name = "is_append_only"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete
    func = """
        RAISE EXCEPTION 'rows of % are facts: they are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
    """


class Fixed(Trigger):
    """Refuse to change `columns` once they are written, and to delete the row.

    With a `condition` on the old row, only once that is met. Where a row `may_be_deleted`,
    something else says when.
    """

    when = pgtrigger.Before

    def __init__(
        self, *, name: str, columns: Sequence[str], may_be_deleted: bool = False, **kwargs: Any
    ) -> None:
        self.columns = tuple(columns)
        change = update_of(*self.columns)
        operation = change if may_be_deleted else pgtrigger.Delete | change
        super().__init__(name=name, operation=operation, **kwargs)

    def get_func(self, model: object) -> str:
        names = [f'"{name}"' if name in KEYWORDS else name for name in self.columns]
        old = ", ".join(f"OLD.{name}" for name in names)
        new = ", ".join(f"NEW.{name}" for name in names)
        return f"""
            IF TG_OP = 'DELETE' OR ({old}) IS DISTINCT FROM ({new}) THEN
                RAISE EXCEPTION 'a row of % is as it is for good', TG_TABLE_NAME
                USING ERRCODE = '23514', CONSTRAINT = '{self.name}';
            END IF;
            RETURN NEW;
        """


class TruncateGuard(Trigger):
    """Refuse TRUNCATE, which fires no row trigger and so would leave no trace."""

    name = "refuses_truncate"
    when = pgtrigger.Before
    operation = pgtrigger.Truncate
    level = pgtrigger.Statement
    func = """
        RAISE EXCEPTION 'table % is never truncated', TG_TABLE_NAME
        USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_refuses_truncate';
    """
