"""What a language has to say for mail to be written in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.mail import MailKind, Named

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """`{lasts}` stands for how long links are good, `{when}` for the hour of a visit. `action`:
    what a link is for.
    """

    subject: str
    before: str
    action: str = ""
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """`weekdays`: from Monday. `moment`: of `{weekday}`, `{day}`, `{month}`, `{year}`, `{time}`,
    `{zone}` and `{offset}`.
    """

    doctor: str
    patient: str
    administrator: str
    hours: str
    minutes: str
    closing: str
    weekdays: Sequence[str]
    months: Sequence[str]
    moment: str
    texts: Mapping[MailKind, Text]

    def name(self, account: Named) -> str:
        if account.crm is not None:
            return f"{self.doctor}, CRM {account.crm}"
        return self.administrator if account.administrator else self.patient

    def length(self, lasts: timedelta) -> str:
        if lasts % _HOUR:
            return f"{lasts // timedelta(minutes=1)} {self.minutes}"
        return f"{lasts // _HOUR} {self.hours}"

    def when(self, moment: datetime, time_zone: str) -> str:
        """With the zone and its offset on that day: a reader may be on a journey."""
        local = moment.astimezone(ZoneInfo(time_zone))
        return self.moment.format(
            weekday=self.weekdays[local.weekday()],
            day=local.day,
            month=self.months[local.month - 1],
            year=local.year,
            time=f"{local:%H:%M}",
            zone=time_zone,
            offset=f"UTC{local.isoformat()[-6:]}",
        )
