// What is known of oneself, and to others.
import { type DocumentType, graphql } from '../../gql'

export const PatientProfile = graphql(`
  fragment PatientProfile on PatientViewer {
    email
    language
    timeZone
    patient {
      id
      name
      cpf
      birthDate
    }
  }
`)

export const DoctorProfile = graphql(`
  fragment DoctorProfile on DoctorViewer {
    email
    language
    registration {
      status
    }
    doctor {
      id
      name
      crm
      uf
      city
      timeZone
      location {
        latitude
        longitude
      }
      specialties {
        code
        name
      }
      specialistIn {
        rqe
        specialty {
          code
          name
        }
      }
    }
  }
`)

export const OwnProfile = graphql(`
  query OwnProfile {
    viewer {
      ...PatientProfile
      ...DoctorProfile
    }
  }
`)

export const UpdatePatient = graphql(`
  mutation UpdatePatient($input: UpdatePatientInput!) {
    updatePatient(input: $input) {
      patient {
        id
        name
        birthDate
      }
      problems {
        code
        path
      }
    }
  }
`)

export const UpdateDoctor = graphql(`
  mutation UpdateDoctor($input: UpdateDoctorInput!) {
    updateDoctor(input: $input) {
      doctor {
        id
        name
        city
        timeZone
        location {
          latitude
          longitude
        }
        specialties {
          code
          name
        }
        specialistIn {
          rqe
          specialty {
            code
            name
          }
        }
      }
      problems {
        code
        path
      }
    }
  }
`)

export const Standing = graphql(`
  query Standing {
    viewer {
      ... on DoctorViewer {
        registration {
          status
          decisions {
            status
            reason
            at
          }
        }
      }
    }
  }
`)

export type OwnPatient = DocumentType<typeof PatientProfile>
export type OwnDoctor = DocumentType<typeof DoctorProfile>
