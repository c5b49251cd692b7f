const KNOWN = ['WRONG_STATUS', 'LIMIT_REACHED', 'INVALID'] as const

/** The text for what is in the way. */
export function refusal({ code }: { code: string }) {
  const known = KNOWN.find(each => each === code)
  return known ? (`inPerson.refused.${known}` as const) : 'failed'
}
