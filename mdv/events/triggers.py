"""What the database refuses to do to events and to the log of their deliveries."""

import pgtrigger

from mdv.kernel.triggers import Trigger

KEPT_DAYS = 90


class EventIsAFact(Trigger):
    """Refuse to change an event, but for giving it its number once, or to delete a young one."""

    name = "an_event_is_a_fact"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    func = f"""
        IF TG_OP = 'INSERT' AND NEW.seq IS NULL THEN
            RETURN NEW;
        ELSIF TG_OP = 'UPDATE' AND OLD.seq IS NULL
              AND to_jsonb(NEW) - 'seq' = to_jsonb(OLD) - 'seq' THEN
            RETURN NEW;
        ELSIF TG_OP = 'DELETE' AND OLD.seq IS NOT NULL
              AND OLD.created_at < now() - interval '{KEPT_DAYS} days' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'an event is a fact: it is numbered once, and kept for {KEPT_DAYS} days'
        USING ERRCODE = '23514', CONSTRAINT = 'an_event_is_a_fact';
    """


class AttemptIsAFact(Trigger):
    """Refuse to change an attempt, or to delete it before its event."""

    name = "an_attempt_is_a_fact"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete
    func = f"""
        IF TG_OP = 'DELETE' AND EXISTS (
            SELECT FROM events_webhookdelivery AS delivery
            JOIN events_event AS event ON event.id = delivery.event_id
            WHERE delivery.id = OLD.delivery_id
              AND event.created_at < now() - interval '{KEPT_DAYS} days'
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'an attempt is a fact: it is kept as long as its event'
        USING ERRCODE = '23514', CONSTRAINT = 'an_attempt_is_a_fact';
    """
