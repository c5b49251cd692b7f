"""The clinic's numbers. Each is a setting; these are the defaults."""

from dataclasses import dataclass
from datetime import timedelta

_TOKEN_LONGEST = timedelta(minutes=10)  # of the clinic's rules; the rotation of keys counts on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    slot_shortest: timedelta = timedelta(minutes=5)
    slot_longest: timedelta = timedelta(hours=8)
    slot_ahead: timedelta = timedelta(days=365)
    slots_at_once: int = 500
    weekly_slots_at_once: int = 10_000
    hold_for: timedelta = timedelta(minutes=5)
    holds: int = 3
    holds_per_doctor: int = 1
    respond_within: timedelta = timedelta(hours=24)
    requests: int = 5
    alternatives: int = 3
    in_person_requests: int = 5  # of a patient, without an answer
    in_person_requests_a_day: int = 10
    review_within: timedelta = timedelta(days=30)
    reason_longest: int = 1000
    comment_longest: int = 2000
    note_within: timedelta = timedelta(days=7)  # of the end of the visit it is about
    note_longest: int = 20_000
    note_versions: int = 50
    justification_shortest: int = 10
    justification_longest: int = 500
    visit_opens_before: timedelta = timedelta(minutes=15)  # its start
    visit_closes_after: timedelta = timedelta(minutes=30)  # its end
    no_show_after: timedelta = timedelta(minutes=15)  # the start
    signal_largest: int = 16 << 10  # bytes
    signals: int = 900  # of one side, in all; each fits a replay of the event log
    signals_at_once: int = 100  # of one side, in ten seconds
    presence_lease: timedelta = timedelta(seconds=2.5)  # then whoever said it is taken for dead
    idempotency_for: timedelta = timedelta(hours=24)
    session_for: timedelta = timedelta(days=30)
    token_for: timedelta = timedelta(minutes=10)
    tabs_overlap: timedelta = timedelta(minutes=1)  # in which tabs of a browser share one renewal
    secret_overlap: timedelta = timedelta(days=7)  # of a partner: until the one before is void
    attempts: int = 5  # failures in an hour, of one account from one address, without a delay
    attempts_per_address: int = 100
    attempt_delay_first: timedelta = timedelta(seconds=1)
    attempt_delay_longest: timedelta = timedelta(minutes=15)
    code_attempts: int = 20  # of an account from anywhere, in an hour, with the right password
    second_factor_begun_for: timedelta = timedelta(hours=1)
    passkeys: int = 10
    passkey_challenge_for: timedelta = timedelta(minutes=5)
    reset_for: timedelta = timedelta(minutes=30)  # from when its mail leaves
    confirm_for: timedelta = timedelta(hours=24)
    links: int = 5  # sent for one account and purpose in an hour
    check_pause: timedelta = timedelta(minutes=1)  # before a registry is asked again, at least
    check_pause_longest: timedelta = timedelta(hours=1)
    mail_pause: timedelta = timedelta(minutes=1)  # after the first failure; then twice as long
    mail_for: timedelta = timedelta(days=1)  # then it is given up
    upload_for: timedelta = timedelta(minutes=15)  # whole seconds, as those of links
    link_for: timedelta = timedelta(seconds=60)
    document_largest: int = 25 << 20  # bytes
    record_largest: int = 2 << 30  # bytes, of a patient
    documents_shared: int = 500  # by one share
    share_longest: timedelta = timedelta(days=365)
    share_opens_before: timedelta = timedelta(hours=24)  # the start of the appointment it is for
    share_lasts_after: timedelta = timedelta(days=7)  # its end
    access_request_for: timedelta = timedelta(days=14)
    access_requests: int = 20  # of a doctor in 24 hours
    glass_broken_for: timedelta = timedelta(hours=1)
    glass_reason_shortest: int = 20
    record_years: int = 20  # from its last entry on (Lei 13.787/2018, art. 6)
    exports_a_day: int = 3
    export_for: timedelta = timedelta(days=7)  # from when it is ready
    export_lease: timedelta = timedelta(minutes=2)  # then whoever made it is taken for dead
    export_tries: int = 3  # by processes that died
    export_pause: timedelta = timedelta(minutes=1)  # while the object store is not there
    export_within: timedelta = timedelta(days=1)  # of its request; then it is given up
    papers: int = 20  # of one appointment
    papers_within: timedelta = timedelta(days=7)  # of its end
    paper_longest: int = 4000  # characters of free text
    leave_longest: timedelta = timedelta(days=365)  # that one certificate grants
    drugs: int = 20  # of one prescription
    agenda: timedelta = timedelta(days=62)
    statistics: timedelta = timedelta(days=366)
    statistics_by_day: timedelta = timedelta(days=62)
    remind_before: tuple[timedelta, ...] = (timedelta(hours=24), timedelta(hours=1))
    calendar_back: timedelta = timedelta(days=90)
    calendar_entries: int = 1000  # of a feed, the nearest in time

    def __post_init__(self) -> None:
        if not timedelta(0) < self.token_for <= _TOKEN_LONGEST:
            raise ValueError("token_for is more than nothing and at most ten minutes.")
