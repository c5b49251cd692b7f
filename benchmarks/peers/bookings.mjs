// requestAppointment on Node, with the content that the transaction has in the server that is
// compared: key and answer kept, locks in their order, rules, the appointment, two sealed pieces of
// mail, the audit entry, the events. One statement for what can be read or written at once, and for
// who comes too late before all of that, as there.

import { createCipheriv, createHash, randomBytes, randomUUID } from "node:crypto";

const KEY = randomBytes(32);
const CONSENT = { version: "2026-11", language: "pt-BR", sha256: "0".repeat(64) };
const REQUESTS_MOST = 100_000; // as the run has it set for both

const NEAR = (doctor, startsAt) => {
  const wanted = `SELECT id, starts_at FROM slot WHERE doctor_id = ${doctor}
    AND starts_at > now() AND (status = 'OPEN' OR lapses_at <= now())`;
  return `SELECT id, starts_at FROM (
      (${wanted} AND starts_at >= ${startsAt} ORDER BY starts_at LIMIT 3) UNION ALL
      (${wanted} AND starts_at < ${startsAt} ORDER BY starts_at DESC LIMIT 3)
    ) AS near ORDER BY abs(extract(epoch FROM starts_at - ${startsAt})), starts_at LIMIT 3`;
};

const STATEMENTS = {
  refuse: `WITH taken AS (
      SELECT slot.doctor_id, slot.starts_at FROM slot
      JOIN doctor ON doctor.id = slot.doctor_id AND doctor.status = 'VERIFIED'
      JOIN patient ON patient.id = $1 AND patient.cpf_standing IS DISTINCT FROM 'VOID'
      WHERE slot.id = $2 AND slot.starts_at > now() AND slot.held_by IS DISTINCT FROM $1
        AND (slot.status = 'OPEN' OR slot.lapses_at <= now()) IS NOT TRUE
    ), claimed AS (
      INSERT INTO idempotency_key (user_id, key, fingerprint, answer, claimed_at)
      SELECT $1, $3, $4, $5, now() FROM taken ON CONFLICT DO NOTHING RETURNING key
    )
    SELECT near.id FROM claimed CROSS JOIN taken
    LEFT JOIN LATERAL (${NEAR("taken.doctor_id", "taken.starts_at")}) AS near ON true`,
  claim: `INSERT INTO idempotency_key AS kept (user_id, key, fingerprint, claimed_at)
    VALUES ($1, $2, $3, now()) ON CONFLICT (user_id, key) DO UPDATE
    SET fingerprint = $3, answer = NULL, claimed_at = now()
    WHERE kept.claimed_at < now() - interval '24 hours' RETURNING true`,
  recall: "SELECT answer FROM idempotency_key WHERE user_id = $1 AND key = $2",
  lock: "SELECT pg_advisory_xact_lock($1)",
  standing: "SELECT cpf_standing FROM patient WHERE id = $1",
  slot: `SELECT id, doctor_id, starts_at, ends_at, status, held_by, lapses_at,
      lapses_at <= now() AS lapsed, starts_at <= now() AS past FROM slot WHERE id = $1 FOR UPDATE`,
  doctor: "SELECT status FROM doctor WHERE id = $1 FOR SHARE",
  busy: `SELECT
    (SELECT count(*) FROM appointment WHERE patient_id = $1 AND status = 'REQUESTED'
      AND respond_by > now()) AS unanswered,
    EXISTS (SELECT FROM appointment WHERE patient_id = $1
      AND status IN ('REQUESTED', 'CONFIRMED', 'IN_PROGRESS')
      AND tstzrange(starts_at, ends_at) && tstzrange($2, $3)) AS busy`,
  nearby: NEAR("$1", "$2::timestamptz"),
  book: `INSERT INTO appointment (id, version, status, doctor_id, patient_id, slot_id, starts_at,
      ends_at, reason, respond_by, consented_at, consent_version, consent_language, consent_sha256,
      requested_at)
    VALUES ($1, 1, 'REQUESTED', $2, $3, $4, $5, $6, $7, $8, now(), $9, $10, $11, now())
    ON CONFLICT DO NOTHING RETURNING id`,
  take: "UPDATE slot SET status = 'BOOKED', held_by = NULL, lapses_at = $2 WHERE id = $1",
  readers: `SELECT account.id, account.email, account.language, side.time_zone, side.crm FROM (
      SELECT id, time_zone, NULL AS crm FROM patient WHERE id = $1 AND erased_at IS NULL
      UNION ALL SELECT id, time_zone, crm || '/' || uf FROM doctor WHERE id = $2
    ) AS side JOIN account ON account.id = side.id`,
  // Never due: nobody here could open it.
  mail: `INSERT INTO mail (id, kind, content, tries, added_at)
    SELECT id, 'VISIT_REQUESTED', content, 0, now()
    FROM unnest((SELECT $1::uuid[]), (SELECT $2::bytea[])) AS added (id, content)`,
  keep: "UPDATE idempotency_key SET answer = $3 WHERE user_id = $1 AND key = $2",
  audit: `INSERT INTO audit_entry (id, user_id, session_id, role, action, subject)
    VALUES ($1, $2, $3, 'PATIENT', 'RequestAppointment', $4)`,
  tell: `INSERT INTO event (name, doctor_id, patient_id, slot_id, appointment_id)
    VALUES ('SlotBooked', $1, NULL, $2, NULL), ('AppointmentRequested', $1, $3, NULL, $4)`,
};

export class Bookings {
  constructor(pool) {
    this.pool = pool;
    this.asked = new Set();
  }

  async request(viewer, input) {
    const patientId = viewer.id;
    const key = input.idempotencyKey;
    const slotId = input.slotId.slice(input.slotId.indexOf("_") + 1);
    const fingerprint = fingerprintOf(input);
    // As there: the first who asks for a slot is not asked that for.
    const late = this.asked.has(slotId) && (await this.#refused(patientId, slotId, key, fingerprint));
    if (late) return late;
    this.asked.add(slotId);
    const client = await this.pool.connect();
    const run = async (name, ...values) =>
      (await client.query({ name, text: STATEMENTS[name], values })).rows;
    try {
      await client.query("BEGIN");
      const answer = await this.#once(run, viewer, key, fingerprint, () =>
        this.#book(run, viewer, patientId, slotId, input),
      );
      await client.query("COMMIT");
      return answer;
    } catch (fault) {
      await client.query("ROLLBACK");
      throw fault;
    } finally {
      client.release();
    }
  }

  /** Nothing, and nothing is done, where the slot may be had, or something else is to be told. */
  async #refused(patientId, slotId, key, fingerprint) {
    const kept = JSON.stringify(refused("SLOT_TAKEN"));
    const { rows } = await this.pool.query({
      name: "refuse",
      text: STATEMENTS.refuse,
      values: [patientId, slotId, key, fingerprint, kept],
    });
    return rows.length && taken(rows.filter(({ id }) => id));
  }

  async #once(run, viewer, key, fingerprint, act) {
    const [claimed] = await run("claim", viewer.id, key, fingerprint);
    if (!claimed) return (await run("recall", viewer.id, key))[0].answer;
    const answer = await act();
    await run("keep", viewer.id, key, JSON.stringify(answer));
    return answer;
  }

  async #book(run, viewer, patientId, slotId, { reason }) {
    await run("lock", BigInt(`0x${patientId.replaceAll("-", "").slice(16)}`) & (2n ** 63n - 1n));
    const [patient] = await run("standing", patientId);
    if (patient.cpf_standing === "VOID") return refused("WRONG_STATUS");
    const [slot] = await run("slot", slotId);
    const [doctor] = slot ? await run("doctor", slot.doctor_id) : [];
    if (doctor?.status !== "VERIFIED") return refused("NOT_FOUND");
    if (slot.past) return refused("SLOT_IN_PAST");
    if (slot.status !== "OPEN" && !slot.lapsed && slot.held_by !== patientId) {
      return this.#taken(run, slot);
    }
    const [{ busy, unanswered }] = await run("busy", patientId, slot.starts_at, slot.ends_at);
    if (busy) return refused("PATIENT_BUSY");
    if (Number(unanswered) >= REQUESTS_MOST) return refused("LIMIT_REACHED");
    const id = randomUUID();
    const respondBy = new Date(Math.min(Date.now() + 86_400_000, slot.starts_at.getTime()));
    const [booked] = await run(
      "book",
      ...[id, slot.doctor_id, patientId, slot.id, slot.starts_at, slot.ends_at],
      ...[seal(reason), respondBy, CONSENT.version, CONSENT.language, CONSENT.sha256],
    );
    if (!booked) return this.#taken(run, slot);
    await run("take", slot.id, respondBy);
    await this.#write(run, slot, patientId, id);
    const subject = { patient_id: patientId, slot_id: slot.id };
    await run("audit", randomUUID(), viewer.id, viewer.session, subject);
    await run("tell", slot.doctor_id, slot.id, patientId, id);
    const appointment = {
      id: `appointment_${id}`,
      status: "REQUESTED",
      startsAt: slot.starts_at.toISOString(),
      endsAt: slot.ends_at.toISOString(),
    };
    return { appointment, problems: [] };
  }

  async #write(run, slot, patientId, appointmentId) {
    const entry = { appointmentId, startsAt: slot.starts_at, endsAt: slot.ends_at };
    const readers = await run("readers", patientId, slot.doctor_id);
    const letters = readers.map((reader) =>
      seal(JSON.stringify({ to: reader.email.toString("base64"), ...reader, entry })),
    );
    await run("mail", readers.map(() => randomUUID()), letters);
  }

  async #taken(run, slot) {
    return taken(await run("nearby", slot.doctor_id, slot.starts_at));
  }
}

function fingerprintOf({ slotId, reason, consent }) {
  return createHash("sha256").update(JSON.stringify([slotId, reason, consent])).digest();
}

function taken(alternatives) {
  return refused("SLOT_TAKEN", alternatives.map(({ id }) => ({ id: `slot_${id}` })));
}

function refused(code, alternatives) {
  return { appointment: null, problems: [{ __typename: "Problem", code, alternatives }] };
}

/** AES-256-GCM, as personal data is kept. */
function seal(text) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", KEY, nonce);
  return Buffer.concat([nonce, cipher.update(text ?? "", "utf8"), cipher.final(), cipher.getAuthTag()]);
}
