// A document in few words.

const KINDS: Record<string, string> = {
  'application/pdf': 'PDF',
  'application/dicom': 'DICOM',
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
}

export const kindOf = ({ contentType }: { contentType: string }) =>
  KINDS[contentType] ?? contentType

/** "1,2 MB", say. */
export function sizeOf({ size }: { size: number }, language: string): string {
  const large = size >= 1_000_000
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: large ? 'megabyte' : 'kilobyte',
    maximumFractionDigits: large ? 1 : 0,
  }).format(large ? size / 1_000_000 : Math.max(1, size / 1_000))
}
