"""How long the lists are that have no `first`, for the cost of operations (docs/decisions/0016).

A number is what is usual or the most there can be; a function is told the arguments of the field by
name, as JSON has them, unchecked, and answers for whatever they are. `Type.field` is the size of a
list, or of the lists in a connection or a payload; `Type` alone that of a list of these.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from graphql import GraphQLError

from domain.erasure import Kept, Removed
from domain.limits import Limits
from domain.specialties import SPECIALTIES
from schema.partners import DAYS_MOST, DAYS_USUAL
from schema.scalars import read_moment
from schema.statistics import POINTS_MOST as STATISTICS_MOST

Size: TypeAlias = int | Callable[[Mapping[str, Any]], int]

SLOTS_A_DAY = 16  # half an hour each, for eight hours
DAY = timedelta(days=1)


def given(*path: str) -> Size:
    """As many as the list at this path of the arguments holds."""

    def size(arguments: Mapping[str, Any]) -> int:
        value: Any = arguments
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return len(value) if isinstance(value, list) else 1  # one stands for a list of one

    return size


def days(arguments: Mapping[str, Any]) -> int:
    """The slots of a range [from, to); a range that is refused is as long as the longest."""
    longest = Limits().agenda
    try:
        length = read_moment(arguments.get("to")) - read_moment(arguments.get("from"))
    except GraphQLError:
        length = longest
    return -(-min(max(length, timedelta()), longest) // DAY) * SLOTS_A_DAY


def last_days(arguments: Mapping[str, Any]) -> int:
    """A number that is refused is as much as the greatest."""
    wanted = arguments.get("days")
    if wanted is None:
        return DAYS_USUAL
    return wanted if isinstance(wanted, int) and 0 < wanted <= DAYS_MOST else DAYS_MOST


SIZES: Mapping[str, Size] = {
    "Doctor.slots": days,
    "DoctorViewer.slots": days,
    "DoctorStatistics.series": STATISTICS_MOST,
    "DoctorStatistics.stars": 5,
    "Query.nodes": given("ids"),
    "Query.specialties": len(SPECIALTIES),
    "DoctorViewer.sessions": 10,
    "PatientViewer.sessions": 10,
    "AdministratorViewer.sessions": 10,
    "DoctorRegistration.decisions": 5,
    "Appointment.notes": 2,
    "AuditEntry.subjects": 3,
    "Appointment.deviceChecks": 2,
    "UploadTicket.fields": 12,
    "DoctorViewer.passkeys": Limits().passkeys,
    "PatientViewer.passkeys": Limits().passkeys,
    "AdministratorViewer.passkeys": Limits().passkeys,
    "PatientViewer.exports": 5,
    "ErasureReport.removed": len(Removed),
    "ErasureReport.kept": len(Kept),
    "Partner.usage": last_days,
    "PartnerViewer.usage": last_days,
    "Subscription.slotChanges": given("doctorIds"),
    "Mutation.publishSlots": given("input", "times"),
    "Mutation.publishWeeklySlots": 500,
    "Mutation.withdrawSlots": given("input", "slotIds"),
    "SlotTaken.alternatives": Limits().alternatives,
    "Problem": 3,
    "Specialty": 2,
    "Qualification": 2,
}
