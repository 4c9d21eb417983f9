import { createHmac, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cipher } from './sealing.ts'

/** The keys of an installation: the current one seals, every one still opens, and one for keyed hashes never changes. */
export interface KeyRing {
  readonly current: number
  readonly keys: Readonly<Record<number, string>> // id → 32 bytes, base64
  readonly hashKey: string
  /** what seals from now on; AES-256-GCM where it is not said */
  readonly cipher?: Cipher
}

/** The ring in `dir`, made once, 0600. It is backed up apart from the database: without it nothing sealed opens. */
export const openRing = async (dir: string): Promise<KeyRing> => {
  const file = join(dir, 'ring.json')
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as KeyRing
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const secret = () => randomBytes(32).toString('base64')
  const ring: KeyRing = { current: 1, keys: { 1: secret() }, hashKey: secret() }
  await writeRing(dir, ring)
  return ring
}

/** Whether a ring lies here; where it does not, opening a vault would make a new one. */
export const hasRing = (dir: string): boolean => existsSync(join(dir, 'ring.json'))

/** The ring as it now lies on disk. */
export const readRing = (dir: string): KeyRing => JSON.parse(readFileSync(join(dir, 'ring.json'), 'utf8')) as KeyRing

const writeRing = async (dir: string, ring: KeyRing): Promise<void> => {
  const file = join(dir, 'ring.json')
  const handle = await open(`${file}.new`, 'w', 0o600)
  await handle.writeFile(JSON.stringify(ring))
  await handle.sync()
  await handle.close()
  await rename(`${file}.new`, file)
}

/** A new key that seals from now on, by another cipher where asked; the earlier ones stay, to open what they sealed. */
export const addRingKey = async (dir: string, cipher?: Cipher): Promise<KeyRing> => {
  const ring = await openRing(dir)
  const current = Math.max(...Object.keys(ring.keys).map(Number)) + 1
  const grown: KeyRing = {
    ...ring,
    ...(cipher ? { cipher } : {}),
    current,
    keys: { ...ring.keys, [current]: randomBytes(32).toString('base64') },
  }
  await writeRing(dir, grown)
  return grown
}

/** Takes keys out of the ring for good: what they alone sealed, in an old backup say, opens for nobody any more. */
export const dropRingKeys = async (dir: string, ids: readonly number[]): Promise<KeyRing> => {
  const ring = await openRing(dir)
  const keys = Object.fromEntries(Object.entries(ring.keys).filter(([id]) => !ids.includes(Number(id))))
  const shrunk = { ...ring, keys }
  await writeRing(dir, shrunk)
  return shrunk
}

/** A key for one purpose of one ring key, so that what was sealed as a name cannot be opened as an account. */
export const keyFor = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64'), 'tongzhou', purpose, 32))

export const keyedHash = (key: Buffer | KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()
