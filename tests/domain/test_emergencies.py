"""On which local day a moment lies, whatever its clock does."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.emergencies import day_of

SAO_PAULO, NEW_YORK = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


def test_a_day_goes_from_midnight_to_midnight_where_the_doctor_is():
    midnight = datetime(2030, 1, 7, 3, 0, tzinfo=UTC)  # in São Paulo

    today = day_of(midnight, SAO_PAULO)

    assert (today.starts_at, today.ends_at) == (midnight, midnight + 24 * HOUR)
    assert day_of(midnight + 24 * HOUR - timedelta.resolution, SAO_PAULO) == today
    assert day_of(midnight - timedelta.resolution, SAO_PAULO).ends_at == midnight


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 10, 23), (11, 3, 25), (7, 1, 24)])
def test_a_day_on_which_the_clock_is_changed_is_shorter_or_longer(month, day, hours):
    today = day_of(datetime(2030, month, day, 15, tzinfo=UTC), NEW_YORK)

    assert today.ends_at - today.starts_at == hours * HOUR
