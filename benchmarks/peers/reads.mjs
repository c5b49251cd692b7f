// What the peers on Node read, in the fewest statements that a loader allows: one for a list, one
// for all that hangs on its rows. Prepared, since node-postgres prepares what has a name.

const OPEN = "(slot.status = 'OPEN' OR slot.lapses_at <= now())";
const SLOT = `slot.id, slot.starts_at, slot.ends_at,
  CASE WHEN slot.lapses_at <= now() THEN 'OPEN' ELSE slot.status END AS status`;
const DOCTOR = `doctor.id, doctor.name, doctor.crm, doctor.uf, doctor.city,
  doctor.rating_count, doctor.rating_sum`;
const EQUATOR_M = 6378168;
const MEAN_KM = 6371.0088;
const HERE = "(SELECT ll_to_earth($1, $2)::cube)"; // once, and not for each doctor
const APART = `(doctor.place <-> ${HERE})`;
const DISTANCE = `(2 * ${MEAN_KM} * asin(least(1, ${APART} / (2 * ${EQUATOR_M}))))`;
// As a query, so that PostgreSQL keeps its plan whatever number there are.
const IDS = "(SELECT $1::uuid[])";

const STATEMENTS = {
  bySpecialty: `SELECT ${DOCTOR} FROM doctor_specialty AS listed
    JOIN doctor ON doctor.id = listed.doctor_id
    WHERE listed.code = $1 AND doctor.status = 'VERIFIED'
    ORDER BY listed.rating_order, listed.doctor_id LIMIT $2`,
  near: `SELECT * FROM (
      SELECT ${DOCTOR}, ${DISTANCE} AS distance_km, ${APART} AS apart FROM doctor
      WHERE doctor.status = 'VERIFIED'
        AND doctor.place <@ earth_box(${HERE}::earth, $3 / ${MEAN_KM} * ${EQUATOR_M} * 1.000001)
        AND EXISTS (SELECT FROM slot WHERE slot.doctor_id = doctor.id AND slot.starts_at > now()
          AND slot.starts_at >= $4 AND slot.starts_at < $5 AND ${OPEN})
    ) AS found WHERE distance_km <= $3 ORDER BY apart, id LIMIT $6`,
  byId: `SELECT ${DOCTOR} FROM doctor WHERE doctor.id = $1 AND doctor.status = 'VERIFIED'`,
  nextSlots: `SELECT doctor.id AS doctor_id, next.* FROM unnest(${IDS}) AS doctor (id)
    CROSS JOIN LATERAL (SELECT ${SLOT} FROM slot
      WHERE slot.doctor_id = doctor.id AND slot.starts_at > now() AND ${OPEN}
      ORDER BY slot.starts_at LIMIT $2) AS next`,
  appointments: `SELECT id, patient_id, slot_id, starts_at, ends_at,
      CASE WHEN status = 'REQUESTED' AND respond_by <= now() THEN 'EXPIRED'
        WHEN status = 'IN_PROGRESS' AND closes_at <= now() THEN 'COMPLETED' ELSE status END AS status
    FROM appointment WHERE doctor_id = $1 ORDER BY starts_at DESC, id DESC LIMIT $2`,
  patients: `SELECT id, name FROM patient WHERE id = ANY(${IDS}::uuid[])`,
  slots: `SELECT ${SLOT} FROM slot WHERE id = ANY(${IDS}::uuid[])`,
};

const uuid = (id) => id.slice(id.indexOf("_") + 1);

const doctor = (row) => ({
  __typename: "Doctor",
  id: `doctor_${row.id}`,
  uuid: row.id,
  name: row.name,
  crm: row.crm,
  uf: row.uf,
  city: row.city,
  rating: {
    average: row.rating_count >= 5 ? row.rating_sum / row.rating_count : null,
    count: row.rating_count,
  },
});

const slot = (row) => ({
  id: `slot_${row.id}`,
  startsAt: row.starts_at.toISOString(),
  endsAt: row.ends_at.toISOString(),
  status: row.status,
});

const appointment = (row) => ({
  id: `appointment_${row.id}`,
  status: row.status,
  startsAt: row.starts_at.toISOString(),
  endsAt: row.ends_at.toISOString(),
  patientId: row.patient_id,
  slotId: row.slot_id,
});

export class Reads {
  constructor(pool) {
    this.pool = pool;
  }

  async rows(name, ...values) {
    return (await this.pool.query({ name, text: STATEMENTS[name], values })).rows;
  }

  async doctors({ filter, orderBy, first }) {
    if (orderBy !== "DISTANCE") {
      const rows = await this.rows("bySpecialty", filter.specialty, first);
      const nodes = rows.map(doctor);
      return { nodes, edges: nodes.map((node) => ({ node, distanceKm: null })) };
    }
    const { near, withinKm, availableFrom, availableTo } = filter;
    const { latitude, longitude } = near;
    const when = [availableFrom, availableTo];
    const rows = await this.rows("near", latitude, longitude, withinKm, ...when, first);
    const edges = rows.map((row) => ({ node: doctor(row), distanceKm: row.distance_km }));
    return { edges, nodes: edges.map((edge) => edge.node) };
  }

  async doctor(id) {
    const [row] = await this.rows("byId", uuid(id));
    return row ? doctor(row) : null;
  }

  /** In the order of `ids`, those of each doctor. */
  async nextSlots(ids, first) {
    const found = new Map(ids.map((id) => [id, []]));
    for (const row of await this.rows("nextSlots", ids, first)) {
      found.get(row.doctor_id).push(slot(row));
    }
    return ids.map((id) => found.get(id));
  }

  async appointments(doctorId, first) {
    return { nodes: (await this.rows("appointments", doctorId, first)).map(appointment) };
  }

  async patients(ids) {
    const found = new Map((await this.rows("patients", ids)).map((row) => [row.id, row]));
    return ids.map((id) => ({ id: `patient_${id}`, name: found.get(id).name }));
  }

  async slots(ids) {
    const found = new Map((await this.rows("slots", ids)).map((row) => [row.id, row]));
    return ids.map((id) => slot(found.get(id)));
  }
}
