/** What lies there is answered as an attachment: the browser keeps it, and the page stays. */
export function save(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
