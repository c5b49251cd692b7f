import type { Catalogue } from '../catalogue'

export const pages: Catalogue['pages'] = {
  label: 'Pages',
  appointments: 'Appointments',
  record: 'Record',
  exports: 'My data',
  patients: 'Patients',
  papers: 'Papers',
  doctors: 'Find a doctor',
}
