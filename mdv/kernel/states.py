"""State machines as tables: what may follow what, and a refusal that names what may."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from mdv.kernel.errors import Conflict

State = TypeVar("State", bound=str)


class InvalidTransition(Conflict):
    code = "invalid_transition"
    detail = "This is not possible in the present state."
    described = {
        "state": {"type": "string", "description": "The present one."},
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The states that may follow it.",
        },
    }


class StateTable(Generic[State]):
    """A named table of transitions. What is not listed is refused."""

    def __init__(self, name: str, transitions: Mapping[State, frozenset[State]]) -> None:
        self.name = name
        self.transitions = dict(transitions)

    def next_states(self, state: State) -> list[State]:
        """List what may follow `state`, in alphabetical order."""
        return sorted(self.transitions.get(state, frozenset()))

    def allows(self, current: State, new: State) -> bool:
        """Tell whether the step is legal. Staying where one is counts as legal: it is a no-op."""
        return new == current or new in self.transitions.get(current, frozenset())

    def check(self, current: State, new: State) -> None:
        """Refuse a step that the table does not list.

        Raises:
            InvalidTransition: 409, with the present state and the states allowed next.
        """
        if not self.allows(current, new):
            raise self.refusal(current, new)

    def refusal(self, current: State, new: State) -> InvalidTransition:
        """Return the refusal of a step, naming the present state and what may follow it."""
        allowed = [str(state) for state in self.next_states(current)]
        return InvalidTransition(
            f"{self.name.capitalize()} is {current} and cannot become {new}.",
            members={"state": str(current), "allowed": allowed},
        )
