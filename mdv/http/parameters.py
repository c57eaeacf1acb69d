"""The refusal of query parameters, in the same words wherever one is wrong."""

from mdv.kernel.errors import FieldProblem, Invalid


class InvalidParameters(Invalid):
    """Parameters that are unknown, given twice, or make no sense; ``problems`` name them."""

    detail = "Some query parameters are not valid."


def refuse_parameter(name: str, message: str, *, code: str = "invalid") -> InvalidParameters:
    """Return the refusal of one parameter."""
    return InvalidParameters(problems=[FieldProblem(name, code, message)])
