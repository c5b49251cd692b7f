// publishSlots: a doctor's open times are written down, then whoever listens is told of them.

const ADD = `INSERT INTO slot (id, doctor_id, starts_at, ends_at, status)
  SELECT gen_random_uuid(), $1, starts_at, ends_at, 'OPEN'
  FROM unnest((SELECT $2::timestamptz[]), (SELECT $3::timestamptz[])) AS added (starts_at, ends_at)
  ON CONFLICT DO NOTHING RETURNING id, starts_at, ends_at, status`;

export const topicOf = (doctorId) => `slots:${doctorId.slice(doctorId.indexOf("_") + 1)}`;

/** `tell` is given the topic and what is to be told. */
export async function publishSlots(pool, viewer, times, tell) {
  const values = [viewer.id, times.map((time) => time.startsAt), times.map((time) => time.endsAt)];
  const { rows } = await pool.query({ name: "add", text: ADD, values });
  const slots = rows.map((row) => ({
    id: `slot_${row.id}`,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    status: row.status,
  }));
  for (const slot of slots) {
    await tell(topicOf(viewer.id), { slotChanges: { kind: "OPENED", slot } });
  }
  return { slots, problems: [] };
}
