import { createHash } from 'node:crypto'

/** A session is looked up by the hash of its token; the token itself is only ever in the hands of its owner. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest()
