"""What keeps anybody from writing into the trail, or into its chain, what did not happen."""

import pgtrigger
from auditlog.models import AbstractLogEntry

from mdv.kernel.triggers import Trigger


class WrittenByTriggers(Trigger):
    """Refuse entries about rows that were not written by ``audit_capture``.

    That function runs as its owner, at the depth of a trigger in a trigger. The role that the
    shop works as can only add what :func:`audit.services.record` does.
    """

    name = "changes_are_written_by_triggers"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    condition = ~pgtrigger.Q(new__action=AbstractLogEntry.Action.ACCESS)
    func = """
        IF pg_trigger_depth() < 2 OR current_user <> (
            SELECT pg_get_userbyid(proowner) FROM pg_proc
            WHERE oid = 'public.audit_capture'::regproc
        ) THEN
            RAISE EXCEPTION 'only the trail''s own triggers write what happened to a row'
            USING ERRCODE = '23514', CONSTRAINT = 'audit_changes_are_written_by_triggers';
        END IF;
        RETURN NEW;
    """


class ContinuesTheChain(Trigger):
    """Refuse a seal that does not follow the last one: a number left out, another one before it.

    The same number twice is refused by the primary key, so the chain has no fork.
    """

    name = "continues_the_chain"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    func = """
        IF NEW.seq = 1 AND NEW.previous = decode(repeat('00', 32), 'hex') THEN
            RETURN NEW;
        END IF;
        IF NOT EXISTS (
            SELECT FROM audit_auditseal WHERE seq = NEW.seq - 1 AND mac = NEW.previous
        ) THEN
            RAISE EXCEPTION 'seal % does not follow the last one', NEW.seq
            USING ERRCODE = '23514', CONSTRAINT = 'audit_seal_continues_the_chain';
        END IF;
        RETURN NEW;
    """
