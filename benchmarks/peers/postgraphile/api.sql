-- What PostGraphile is to show beside the tables: searches, and what a row says as of now.
-- Functions of plain SQL, which PostgreSQL writes into the statement that calls them.

CREATE SCHEMA peer;

CREATE FUNCTION peer.doctors_of(specialty text) RETURNS SETOF doctor LANGUAGE sql STABLE AS $$
  SELECT doctor.* FROM doctor_specialty AS listed JOIN doctor ON doctor.id = listed.doctor_id
  WHERE listed.code = specialty AND doctor.status = 'VERIFIED'
  ORDER BY listed.rating_order, listed.doctor_id
$$;

CREATE FUNCTION peer.doctor_distance_km(doctor doctor, latitude float8, longitude float8)
RETURNS float8 LANGUAGE sql STABLE AS $$
  SELECT 2 * 6371.0088 * asin(least(1,
    (doctor.place <-> ll_to_earth(latitude, longitude)::cube) / (2 * 6378168)))
$$;

-- By number, since a doctor has a latitude, too.
CREATE FUNCTION peer.doctors_near(
  latitude float8, longitude float8, within_km float8,
  available_from timestamptz, available_to timestamptz
) RETURNS SETOF doctor LANGUAGE sql STABLE AS $$
  SELECT * FROM doctor WHERE status = 'VERIFIED'
    AND place <@ earth_box((SELECT ll_to_earth($1, $2)), $3 / 6371.0088 * 6378168 * 1.000001)
    AND 2 * 6371.0088 * asin(least(1,
      (place <-> (SELECT ll_to_earth($1, $2)::cube)) / (2 * 6378168))) <= $3
    AND EXISTS (SELECT FROM slot WHERE slot.doctor_id = doctor.id AND slot.starts_at > now()
      AND slot.starts_at >= $4 AND slot.starts_at < $5
      AND (slot.status = 'OPEN' OR slot.lapses_at <= now()))
  ORDER BY place <-> (SELECT ll_to_earth($1, $2)::cube), id
$$;

CREATE FUNCTION peer.doctor_average(doctor doctor) RETURNS float8 LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN doctor.rating_count >= 5
    THEN doctor.rating_sum::float8 / doctor.rating_count END
$$;

CREATE FUNCTION peer.doctor_next_slots(doctor doctor) RETURNS SETOF slot LANGUAGE sql STABLE AS $$
  SELECT * FROM slot WHERE slot.doctor_id = doctor.id AND starts_at > now()
    AND (status = 'OPEN' OR lapses_at <= now()) ORDER BY starts_at
$$;

CREATE FUNCTION peer.slot_now(slot slot) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN slot.lapses_at <= now() THEN 'OPEN' ELSE slot.status END
$$;

CREATE FUNCTION peer.viewing_doctor() RETURNS doctor LANGUAGE sql STABLE AS $$
  SELECT * FROM doctor WHERE id = nullif(current_setting('jwt.claims.sub', true), '')::uuid
$$;

CREATE FUNCTION peer.doctor_latest(doctor doctor) RETURNS SETOF appointment LANGUAGE sql STABLE
AS $$
  SELECT * FROM appointment WHERE appointment.doctor_id = doctor.id
  ORDER BY starts_at DESC, id DESC
$$;

CREATE FUNCTION peer.appointment_now(appointment appointment) RETURNS text LANGUAGE sql STABLE
AS $$
  SELECT CASE
    WHEN appointment.status = 'REQUESTED' AND appointment.respond_by <= now() THEN 'EXPIRED'
    WHEN appointment.status = 'IN_PROGRESS' AND appointment.closes_at <= now() THEN 'COMPLETED'
    ELSE appointment.status END
$$;

GRANT USAGE ON SCHEMA peer TO peer;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA peer TO peer;
