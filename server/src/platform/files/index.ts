import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx } from '../database/index.ts'
import { opensOf, sealsOf, type Vault } from '../vault/index.ts'
import { openWith, sealWith } from '../vault/sealing.ts'
import { cleanPaper } from './clean-paper.ts'
import { hidesAnother, mediaTypeOf } from './media-type.ts'
import { type S3Place, s3Storage } from './s3.ts'
import type { Scanner } from './scanner.ts'
import { diskStorage, readWhole, type Storage } from './storage.ts'

export { type S3Place, tryStorage } from './s3.ts'
export { type ClamdPlace, clamd, clamdPlace } from './scanner.ts'
export { diskStorage, pathOf, type Storage } from './storage.ts'

const mostBytes = 20 * 1024 * 1024

export interface StoredFile {
  readonly id: number
  readonly mediaType: string
  /** keyed hash of the content: the same paper handed in twice is known again */
  readonly contentHash: Buffer
}

/** Where the files of an installation lie: in its bucket, or in its folder. */
export const storageOf = ({ s3 }: { s3: S3Place | undefined }, dir: string): Storage =>
  s3 ? s3Storage(s3) : diskStorage(join(dir, 'files'))

declare const received: unique symbol
/** A paper that was looked at and may be kept; only `receive` makes one. */
export interface Paper {
  readonly [received]: true
  readonly bytes: Buffer
  readonly mediaType: string
  /** of what was handed in, before an image was encoded anew */
  readonly contentHash: Buffer
}

/** A file's row on its way to another office: sealed or hashed, in hex. */
export interface FileCopy {
  readonly name: string
  readonly hash: string
  readonly mediaType: string
  readonly bytes: number
  readonly key: string
}

export interface FileStore {
  /** Looks at a paper that was handed in, before any transaction: it takes a while, and no connection waits for it. */
  receive(bytes: Buffer): Promise<Result<Paper, Refused>>
  /**
   * Keeps a paper: encrypted, under a random name; its row is part of the caller's transaction. With `personId` the paper
   * tells of a member: its key lies under hers.
   */
  store(tx: Tx, ctx: Pick<Context, 'at'>, paper: Paper, personId?: number): Promise<StoredFile>
  /** Keeps a file that we made ourselves, a report for instance, of a type we name. */
  keep(tx: Tx, ctx: Pick<Context, 'at'>, bytes: Buffer, mediaType: string, personId?: number): Promise<StoredFile>
  /** undefined where there is no such file, and where the key of the member it tells of was destroyed */
  read(tx: Tx, id: number): Promise<{ bytes: Buffer; mediaType: string } | undefined>
  /** What another office needs to keep a row of its own for a file, its key sealed for the way; and that office's row. */
  handOver(tx: Tx, id: number): Promise<FileCopy | undefined>
  takeOver(tx: Tx, ctx: Pick<Context, 'at'>, id: number, copy: FileCopy, personId: number): Promise<void>
  contentHash(bytes: Buffer): Buffer
}

export interface FilesOptions {
  readonly storage: Storage
  readonly vault: Vault
  /** looks for malware in papers; without one nobody does */
  readonly scanner?: Scanner
}

/** Files in a storage. A file whose transaction rolled back stays behind without a row: unreadable, and harmless. */
export const openFiles = ({ storage, vault, scanner }: FilesOptions): FileStore => {
  const contentHash = (bytes: Buffer): Buffer => vault.hash('content', createHash('sha256').update(bytes).digest('hex'))

  /** The key of a file, sealed by the ring, or under the key of the member it tells of. */
  const sealKey = async (tx: Tx, key: Buffer, personId: number | undefined): Promise<Buffer> =>
    personId === undefined
      ? vault.seal('file', key)
      : (await sealsOf(vault, tx, [personId])).seal(personId, 'file', key)
  const openKey = async (tx: Tx, sealed: Buffer, personId: number | null): Promise<Buffer | null> =>
    personId === null
      ? vault.openBytes('file', sealed)
      : (await opensOf(vault, tx, [personId])).openBytes(personId, 'file', sealed)

  const keep = async (
    tx: Tx,
    ctx: Pick<Context, 'at'>,
    { bytes, mediaType, contentHash: hash }: Omit<Paper, typeof received>,
    personId: number | undefined,
  ): Promise<StoredFile> => {
    const name = randomBytes(24).toString('hex')
    const key = randomBytes(32)
    await storage.put(name, sealWith(key, 0, bytes, vault.cipher))
    const id = await tx.ids.take()
    await sql`
      insert into platform.file (office_id, id, name, content_hash, media_type, bytes, stored_at, key_sealed, person_id)
      values (${tx.office}, ${id}, ${name}, ${hash}, ${mediaType}, ${bytes.length}, ${ctx.at},
              ${await sealKey(tx, key, personId)}, ${personId ?? null})`.execute(tx.q)
    return { id, mediaType, contentHash: hash }
  }

  return {
    keep: (tx, ctx, bytes, mediaType, personId) =>
      keep(tx, ctx, { bytes, mediaType, contentHash: contentHash(bytes) }, personId),
    contentHash,
    receive: async (bytes) => {
      if (bytes.length > mostBytes) return refuse({ code: 'file_too_large', mb: mostBytes / 1024 / 1024 })
      const mediaType = mediaTypeOf(bytes)
      if (!mediaType) return refuse({ code: 'file_kind_not_taken' })
      if (hidesAnother(bytes, mediaType)) return refuse({ code: 'paper_hides_another' })
      const verdict = (await scanner?.scan(bytes)) ?? { found: null }
      if (verdict === 'no answer') return refuse({ code: 'scanner_not_there' })
      if (verdict.found) return refuse({ code: 'paper_infected', what: verdict.found })
      const clean = await cleanPaper({ bytes, mediaType })
      if (!clean.ok) return clean
      const kept = clean.value ?? { bytes, mediaType }
      const paper = { bytes: Buffer.from(kept.bytes), mediaType: kept.mediaType, contentHash: contentHash(bytes) }
      return ok(paper as Paper)
    },
    store: keep,
    read: async (tx, id) => {
      const { rows } = await sql<{ name: string; media_type: string; key_sealed: Buffer; person_id: number | null }>`
        select name, media_type, key_sealed, person_id from platform.file where office_id = ${tx.office} and id = ${id}`.execute(
        tx.q,
      )
      const row = rows[0]
      const key = row && (await openKey(tx, row.key_sealed, row.person_id))
      if (!row || !key) return undefined
      return { bytes: openWith(key, await readWhole(storage, row.name)), mediaType: row.media_type }
    },
    handOver: async (tx, id) => {
      const { rows } = await sql<FileCopy & { sealed: Buffer; personId: number | null }>`
        select name, encode(content_hash, 'hex') as hash, media_type as "mediaType", bytes, key_sealed as sealed, person_id as "personId"
          from platform.file where office_id = ${tx.office} and id = ${id}`.execute(tx.q)
      const row = rows[0]
      const key = row && (await openKey(tx, row.sealed, row.personId))
      if (!row || !key) return undefined
      const { name, hash, mediaType, bytes } = row
      return { name, hash, mediaType, bytes, key: vault.seal('file', key).toString('hex') }
    },
    takeOver: async (tx, ctx, id, copy, personId) => {
      const key = await sealKey(tx, vault.openBytes('file', Buffer.from(copy.key, 'hex')), personId)
      await sql`
        insert into platform.file (office_id, id, name, content_hash, media_type, bytes, stored_at, key_sealed, person_id)
        values (${tx.office}, ${id}, ${copy.name}, decode(${copy.hash}, 'hex'), ${copy.mediaType}, ${copy.bytes}, ${ctx.at}, ${key}, ${personId})
        on conflict do nothing`.execute(tx.q)
    },
  }
}
