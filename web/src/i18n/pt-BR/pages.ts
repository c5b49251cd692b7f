export const pages = {
  label: 'Páginas',
  appointments: 'Consultas',
  record: 'Prontuário',
  exports: 'Meus dados',
  patients: 'Pacientes',
  doctors: 'Buscar médico',
} as const
