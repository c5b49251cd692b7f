"""What gathers in a clinic over years beside doctors and slots, made up within Postgres."""

import asyncpg

PATIENTS, ROWS = 20_000, 100_000
VISITS = 20_000  # with all that can be written of one
_JOINED = f"generate_series(1, {ROWS}) AS n JOIN nth_patient USING (n) JOIN nth_doctor USING (n)"
_FILL = (
    # Nobody is asked whether what is referred to is there, and nothing is guarded meanwhile.
    "SET session_replication_role = replica",
    f"""
    INSERT INTO account (id, role, email, email_hash, password_hash, created_at, confirmed_at)
    SELECT uuidv7(), 'PATIENT', '', sha256(n::text::bytea), '', now(), now()
      FROM generate_series(1, {PATIENTS}) AS n
    """,
    """
    INSERT INTO patient (id, name, cpf, cpf_hash, created_at)
    SELECT id, 'Ana', '', email_hash, created_at FROM account WHERE role = 'PATIENT'
    """,
    """
    INSERT INTO session (id, user_id, refresh_hash, created_at, expires_at, ended_at)
    SELECT uuidv7(), id, sha256((id::text || n)::bytea), now(), now() + n * interval '1 day',
           CASE WHEN n < 3 THEN now() - n * interval '1 day' END
      FROM account, generate_series(1, 3) AS n
    """,
    *(
        f"""
        CREATE TEMP TABLE nth_{kind} AS
        SELECT row_number() OVER () AS n, id AS {kind}_id FROM {kind}, generate_series(1, {turns})
        """
        for kind, turns in (("patient", ROWS // PATIENTS), ("doctor", 5))
    ),
    f"""
    INSERT INTO appointment (id, version, status, doctor_id, patient_id, slot_id, starts_at,
                             ends_at, respond_by, consented_at, requested_at)
    SELECT uuidv7(), 1, CASE n % 50 WHEN 0 THEN 'REQUESTED' ELSE 'COMPLETED' END, doctor_id,
           patient_id, id, starts_at, ends_at, starts_at, now(), now()
      FROM (SELECT id, doctor_id, n, starts_at + n * interval '1 hour' AS starts_at,
                   ends_at + n * interval '1 hour' AS ends_at
              FROM (SELECT *, row_number() OVER () AS n FROM slot LIMIT {ROWS}) AS one) AS slot
      JOIN nth_patient USING (n)
    """,
    f"""
    INSERT INTO review (id, appointment_id, doctor_id, stars, reviewed_on)
    SELECT uuidv7(), id, doctor_id, 5, now() FROM appointment LIMIT {ROWS // 2}
    """,
    f"""
    INSERT INTO event (tx, name, doctor_id, patient_id, appointment_id, at)
    SELECT 1 + n / 200, 'AppointmentRequested', doctor_id, patient_id, uuidv7(),
           now() - interval '6 days'
      FROM {_JOINED}
    """,
    f"""
    INSERT INTO audit_entry (id, user_id, role, action, subject)
    SELECT overlay(uuidv7()::text PLACING left(least_id(now() + n * interval '100 s')::text, 13)
                   FROM 1)::uuid,
           patient_id, 'PATIENT', CASE n % 1000 WHEN 0 THEN 'Rare' ELSE 'Look' END,
           jsonb_build_object('slot_id', uuidv7())
      FROM {_JOINED}
    """,
    f"""
    INSERT INTO record_access (id, patient_id, number, at, actor_id, actor_role, action, tx, row,
                               hash)
    SELECT uuidv7(), patient_id, n, now(), patient_id, 'PATIENT', 'LISTED', 1, n, '' FROM {_JOINED}
    """,
    f"""
    INSERT INTO document (id, patient_id, name, content_type, size, sha256, object_key,
                          requested_at, status, version, uploaded_at)
    SELECT uuidv7(), patient_id, '', 'application/pdf', 1, '', n, now(), 'AVAILABLE', '1', now()
      FROM {_JOINED}
    """,
    f"""
    INSERT INTO share (id, patient_id, doctor_id, includes_future, valid_from, valid_until)
    SELECT uuidv7(), patient_id, doctor_id, true, now(), now() + interval '90 days' FROM {_JOINED}
    """,
    """
    INSERT INTO consultation (id, appointment_id, closes_at, over)
    SELECT uuidv7(), id, ends_at, status = 'COMPLETED' FROM appointment
    """,
    *(
        f"""
        INSERT INTO {table} (id, patient_id, doctor_id, {columns})
        SELECT uuidv7(), patient_id, doctor_id, {values} FROM appointment LIMIT {VISITS}
        """
        for table, columns, values in (
            ("visit_note", "appointment_id, version, text, written_at", "id, 1, '', ends_at"),
            (
                "paper",
                "appointment_id, key, code, content, issued_at",
                "id, id, id, '', ends_at",
            ),
            (
                "access_request",
                "message, requested_at, expires_at, answered_at",
                "'', starts_at, ends_at, ends_at",
            ),
            (
                "in_person_request",
                "message, asked_at, answered_at, accepted, answer",
                "'', starts_at, ends_at, true, ''",
            ),
        )
    ),
    """
    INSERT INTO document (id, patient_id, name, content_type, size, sha256, object_key,
                          requested_at, status, version, uploaded_at, kind, issuer_id, signature)
    SELECT id, patient_id, '', 'application/pdf', 1, '', id, issued_at, 'AVAILABLE', '1',
           issued_at, 'CERTIFICATE', doctor_id, 'UNSIGNED'
      FROM paper
    """,
    "RESET session_replication_role",
    "VACUUM ANALYZE",
)


async def fill(connection: asyncpg.Connection) -> None:
    """`connection` is the owner's, and there are 20,000 doctors with slots."""
    for statement in _FILL:
        await connection.execute(statement)
