from datetime import UTC, datetime, timedelta

from domain.ids import least_id, new_id


def test_ids_sort_by_the_time_that_they_were_made():
    made = []
    for _ in range(200):
        made.append(new_id())
        sum(range(300))  # some microseconds pass: of one tick of the clock they are in no order

    assert made == sorted(made)
    assert {(id.version, id.variant) for id in made} == {(7, made[0].variant)}
    assert len({id.int & (1 << 62) - 1 for id in made}) == 200


def test_the_least_id_of_a_moment_lies_below_those_made_after_it():
    now = datetime.now(UTC)
    id = new_id()

    assert least_id(now) <= id < least_id(now + timedelta(minutes=1))
    assert least_id(now - timedelta(milliseconds=1)) < id
