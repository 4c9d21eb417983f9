/** A paper of the demonstration and the tests: a PDF of blank pages, whole and well-formed, that says in a comment what it stands for. */
export const scan = (text: string, { pages = 1, extra = [] as readonly string[], catalog = '' } = {}): Buffer => {
  const kids = Array.from({ length: pages }, (_, i) => `${i + 3} 0 R`)
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
    `<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${pages} >>`,
    ...kids.map(() => '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>'),
    ...extra,
  ]
  let file = `%PDF-1.4\n% ${text}\n`
  const places = objects.map((object, i) => {
    const place = Buffer.byteLength(file)
    file += `${i + 1} 0 obj\n${object}\nendobj\n`
    return place
  })
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  return Buffer.from(
    `${file}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${Buffer.byteLength(file)}\n%%EOF\n`,
  )
}
