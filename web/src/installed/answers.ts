/** Whether the server can be reached now. */
export async function answers(): Promise<boolean> {
  const answer = await fetch('/', { method: 'HEAD' }).catch(() => null)
  return answer?.ok ?? false
}
