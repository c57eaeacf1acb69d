"""What lists of deliveries can be asked for."""

from django_filters import ChoiceFilter, FilterSet

from mdv.events.states import DeliveryState


class DeliveryFilter(FilterSet):
    state = ChoiceFilter(choices=DeliveryState.choices)
