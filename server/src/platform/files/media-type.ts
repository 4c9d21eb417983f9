const starts = (bytes: Buffer, ...signature: number[]): boolean => signature.every((byte, i) => bytes[i] === byte)

/** What a file is by its content; its name and what the sender says of it do not count. Null: not a kind that we take. */
export const mediaTypeOf = (bytes: Buffer): string | null => {
  if (starts(bytes, 0x25, 0x50, 0x44, 0x46, 0x2d)) return 'application/pdf'
  if (starts(bytes, 0xff, 0xd8, 0xff)) return 'image/jpeg'
  if (starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (starts(bytes, 0x52, 0x49, 0x46, 0x46) && bytes.toString('latin1', 8, 12) === 'WEBP') return 'image/webp'
  if (starts(bytes, 0x50, 0x4b, 0x03, 0x04)) return 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  return null
}
