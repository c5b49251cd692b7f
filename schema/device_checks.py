"""Device checks, as both sides of an appointment see them."""

from datetime import datetime
from typing import Self

import strawberry

from domain import device_checks
from domain.appointments import AppointmentParty
from domain.device_checks import DeviceCheckOutcome, Findings, NetworkQuality

# Here, since schema.appointments imports this.
strawberry.enum(DeviceCheckOutcome, description="What came of trying a device.")
strawberry.enum(
    NetworkQuality,
    description="As the browser judges it. GOOD: for picture and sound; POOR: for sound at best.",
)
_ROUND_TRIP = "From the browser to the server and back, in milliseconds."
_UP = "How fast it sends, in kbit/s."
_DOWN = "How fast it receives, in kbit/s."


@strawberry.type(description="What a side found out about its devices and its network.")
class DeviceCheck:
    party: AppointmentParty = strawberry.field(description="Whose.")
    at: datetime = strawberry.field(description="When.")
    camera: DeviceCheckOutcome = strawberry.field(description="Whether there is a picture.")
    microphone: DeviceCheckOutcome = strawberry.field(description="Whether it hears anything.")
    speaker: DeviceCheckOutcome = strawberry.field(description="Whether it could be heard.")
    network: NetworkQuality = strawberry.field(description="How good it is.")
    round_trip_ms: int | None = strawberry.field(description=_ROUND_TRIP)
    up_kbps: int | None = strawberry.field(description=_UP)
    down_kbps: int | None = strawberry.field(description=_DOWN)
    browser: str | None = strawberry.field(description="As it calls itself.")

    @classmethod
    def of(cls, check: device_checks.DeviceCheck) -> Self:
        return cls(
            party=check.party,
            at=check.checked_at,
            camera=check.camera,
            microphone=check.microphone,
            speaker=check.speaker,
            network=check.network,
            round_trip_ms=check.round_trip_ms,
            up_kbps=check.up_kbps,
            down_kbps=check.down_kbps,
            browser=check.browser,
        )


@strawberry.input(description="What a browser found out before a visit. Null: not measured.")
class RecordDeviceCheckInput:
    appointment_id: strawberry.ID = strawberry.field(
        description="One that is REQUESTED, CONFIRMED or IN_PROGRESS."
    )
    camera: DeviceCheckOutcome = strawberry.field(description="Whether there is a picture.")
    microphone: DeviceCheckOutcome = strawberry.field(description="Whether it hears anything.")
    speaker: DeviceCheckOutcome = strawberry.field(description="Whether it could be heard.")
    network: NetworkQuality = strawberry.field(description="How good it is.")
    round_trip_ms: int | None = strawberry.field(
        default=None, description=f"{_ROUND_TRIP} 0 to 60000."
    )
    up_kbps: int | None = strawberry.field(default=None, description=f"{_UP} 0 to 10000000.")
    down_kbps: int | None = strawberry.field(default=None, description=f"{_DOWN} 0 to 10000000.")
    browser: str | None = strawberry.field(
        default=None, description="`Chrome 130 on Android`, say: at most 100 characters."
    )

    def read(self) -> Findings:
        return Findings(
            camera=self.camera,
            microphone=self.microphone,
            speaker=self.speaker,
            network=self.network,
            round_trip_ms=self.round_trip_ms,
            up_kbps=self.up_kbps,
            down_kbps=self.down_kbps,
            browser=self.browser,
        )
