// Types, fragment masking and trusted documents, made from the schema and the operations in src.
import { createHash } from 'node:crypto'
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset'

/** As the server makes it (transport/trusted.py). */
const hash = text => createHash('sha256').update(text).digest('hex')

export default {
  schema: '../schema.graphql',
  documents: ['src/**/*.{ts,tsx}', '!src/gql/**'],
  generates: {
    'src/gql/': {
      preset: 'client',
      // What the cache needs is in the text that is hashed, not added to it afterwards.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      presetConfig: {
        fragmentMasking: { unmaskFunctionName: 'unmask' },
        persistedDocuments: { hashAlgorithm: hash },
      },
      config: {
        enumsAsTypes: true,
        strictScalars: true,
        useTypeImports: true,
        scalars: {
          CPF: 'string',
          Date: 'string',
          DateTime: 'string',
          EventCursor: 'string',
          LocalTime: 'string',
        },
      },
    },
  },
}
