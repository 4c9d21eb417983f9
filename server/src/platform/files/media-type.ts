const starts = (bytes: Buffer, ...signature: number[]): boolean => signature.every((byte, i) => bytes[i] === byte)

export type PaperType = 'application/pdf' | 'image/jpeg' | 'image/png' | 'image/webp'

/** What a paper is by its content; its name and what the sender says of it do not count. Null: not a kind that we take. */
export const mediaTypeOf = (bytes: Buffer): PaperType | null => {
  if (starts(bytes, 0x25, 0x50, 0x44, 0x46, 0x2d)) return 'application/pdf'
  if (starts(bytes, 0xff, 0xd8, 0xff)) return 'image/jpeg'
  if (starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (starts(bytes, 0x52, 0x49, 0x46, 0x46) && bytes.toString('latin1', 8, 12) === 'WEBP') return 'image/webp'
  return null
}

/** Whether the same bytes also open as a file of another kind: an archive behind, or a document in the opening of an image. */
export const hidesAnother = (bytes: Buffer, type: PaperType): boolean => {
  const isArchive =
    bytes.includes('PK\x05\x06', Math.max(0, bytes.length - 66_000), 'latin1') &&
    bytes.includes('PK\x01\x02', 0, 'latin1')
  return isArchive || (type !== 'application/pdf' && bytes.subarray(0, 1_024).includes('%PDF-', 0, 'latin1'))
}
