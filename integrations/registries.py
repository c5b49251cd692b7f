"""The registries of the profession."""

from domain.doctors import DoctorStatus
from domain.registrations import CRM


class EmbeddedCrmRegistry:
    """Takes a well-formed number at its word. For a laptop, which has no line to the council."""

    async def look_up(self, crm: CRM, /) -> DoctorStatus:
        del crm
        return DoctorStatus.VERIFIED
