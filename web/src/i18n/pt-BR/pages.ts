export const pages = {
  label: 'Páginas',
  appointments: 'Consultas',
  record: 'Prontuário',
  exports: 'Meus dados',
  patients: 'Pacientes',
  papers: 'Documentos',
  doctors: 'Buscar médico',
} as const
