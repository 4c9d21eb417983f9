import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx } from '../database/index.ts'
import type { Vault } from '../vault/index.ts'
import { mediaTypeOf } from './media-type.ts'

export { mediaTypeOf } from './media-type.ts'

const mostBytes = 20 * 1024 * 1024

export interface StoredFile {
  readonly id: number
  readonly mediaType: string
  /** keyed hash of the content: the same paper handed in twice is known again */
  readonly contentHash: Buffer
}

export interface FileStore {
  /** Keeps a paper: encrypted, under a random name; its row is part of the caller's transaction. */
  store(tx: Tx, ctx: Pick<Context, 'at'>, bytes: Buffer): Promise<Result<StoredFile, Refused>>
  /** Keeps a file that we made ourselves, a report for instance, of a type we name. */
  keep(tx: Tx, ctx: Pick<Context, 'at'>, bytes: Buffer, mediaType: string): Promise<StoredFile>
  read(tx: Tx, id: number): Promise<{ bytes: Buffer; mediaType: string } | undefined>
  contentHash(bytes: Buffer): Buffer
}

/** Files under `dir`. A file whose transaction rolled back stays behind without a row: unreadable, and harmless. */
export const openFiles = ({ dir, vault }: { dir: string; vault: Vault }): FileStore => {
  const pathOf = (name: string): string => join(dir, name.slice(0, 2), name)
  const contentHash = (bytes: Buffer): Buffer => vault.hash('content', createHash('sha256').update(bytes).digest('hex'))

  const write = async (name: string, sealed: Buffer): Promise<void> => {
    const path = pathOf(name)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(`${path}.new`, 'wx', 0o600)
    await handle.writeFile(sealed)
    await handle.sync()
    await handle.close()
    await rename(`${path}.new`, path)
  }

  const keep: FileStore['keep'] = async (tx, ctx, bytes, mediaType) => {
    const name = randomBytes(24).toString('hex')
    await write(name, vault.seal('file', bytes))
    const id = await tx.ids.take()
    const hash = contentHash(bytes)
    await sql`
      insert into platform.file (office_id, id, name, content_hash, media_type, bytes, stored_at)
      values (${tx.office}, ${id}, ${name}, ${hash}, ${mediaType}, ${bytes.length}, ${ctx.at})`.execute(tx.q)
    return { id, mediaType, contentHash: hash }
  }

  return {
    keep,
    contentHash,
    store: async (tx, ctx, bytes) => {
      if (bytes.length > mostBytes) return refuse({ code: 'file_too_large', mb: mostBytes / 1024 / 1024 })
      const mediaType = mediaTypeOf(bytes)
      if (!mediaType) return refuse({ code: 'file_kind_not_taken' })
      return ok(await keep(tx, ctx, bytes, mediaType))
    },
    read: async (tx, id) => {
      const { rows } = await sql<{ name: string; media_type: string }>`
        select name, media_type from platform.file where office_id = ${tx.office} and id = ${id}`.execute(tx.q)
      const row = rows[0]
      if (!row) return undefined
      return { bytes: vault.openBytes('file', await readFile(pathOf(row.name))), mediaType: row.media_type }
    },
  }
}
