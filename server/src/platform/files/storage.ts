import { createReadStream } from 'node:fs'
import { access, mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

/** Where encrypted files lie. Only sealed bytes come here, under names that nobody can guess. */
export interface Storage {
  /** Durable when it returns: the row that speaks of the file is committed after it. */
  put(name: string, sealed: Buffer): Promise<void>
  /** undefined where there is no such file */
  open(name: string): Promise<Readable | undefined>
}

/** The same in a folder and in a bucket, so that one is copied into the other by any tool. */
export const pathOf = (name: string): string => `${name.slice(0, 2)}/${name}`

export const diskStorage = (dir: string): Storage => ({
  put: async (name, sealed) => {
    const path = join(dir, pathOf(name))
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(`${path}.new`, 'wx', 0o600)
    await handle.writeFile(sealed)
    await handle.sync()
    await handle.close()
    await rename(`${path}.new`, path)
  },
  open: async (name) => {
    const path = join(dir, pathOf(name))
    const isThere = await access(path).then(
      () => true,
      () => false,
    )
    return isThere ? createReadStream(path) : undefined
  },
})

/** A whole file; one that its row speaks of and that is not there is an outage, not a foreseen no. */
export const readWhole = async (storage: Storage, name: string): Promise<Buffer> => {
  const stream = await storage.open(name)
  if (!stream) throw new Error(`the file ${name} has a row and is not in the storage`)
  return buffer(stream)
}
