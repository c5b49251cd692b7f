import { useQuery } from 'urql'
import { DoctorNames } from './audit'

/** `Helena Prado (CRM 123456/SP)` by a doctor's id, of those who are shown to everybody. */
export function useNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const [{ data }] = useQuery({
    query: DoctorNames,
    variables: { ids: ids.slice(0, 100) }, // the server's own limit
    pause: ids.length === 0,
  })
  const names = new Map<string, string>()
  for (const node of data?.nodes ?? []) {
    if (node && 'crm' in node) names.set(node.id, `${node.name} (CRM ${node.crm}/${node.uf})`)
  }
  return names
}
