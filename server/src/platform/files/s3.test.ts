import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ok, refuse } from '#kernel/result.ts'
import { type TestDatabase, testContext, testDatabase } from '../../../../test/database.ts'
import { scan } from '../../seed/scan.ts'
import { read, transact } from '../database/index.ts'
import { openFiles } from './index.ts'
import { s3Storage, tryStorage } from './s3.ts'
import { readWhole } from './storage.ts'

// Against a server of the S3 protocol from a package, which checks each signature as the real ones do.
const S3rver = createRequire(import.meta.url)('@20minutes/s3rver')

let base: TestDatabase
let bucket: { run(): Promise<AddressInfo>; close(): Promise<void> }
let directory: string
let url: string
const keys = { region: 'us-east-1', keyId: 'S3RVER', secret: 'S3RVER' }
beforeAll(async () => {
  base = await testDatabase()
  directory = await mkdtemp(join(tmpdir(), 'tz-s3-'))
  bucket = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: [{ name: 'papers' }],
  })
  url = `http://127.0.0.1:${(await bucket.run()).port}/papers`
})
afterAll(async () => {
  await Promise.all([base.close(), bucket.close()])
  await rm(directory, { recursive: true, force: true })
})
const others: Server[] = []
afterEach(() => {
  for (const server of others.splice(0)) server.close()
})
const answering = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  others.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/papers`
}

test('a paper goes to the bucket sealed, under a name that nobody can guess, and comes back', async () => {
  const files = openFiles({ storage: s3Storage({ url, ...keys }), vault: base.services.vault })
  const ctx = testContext(base)
  const paper = await files.receive(scan('病历，只给看的人看'))
  if (!paper.ok) throw new Error(paper.refused.code)
  const stored = await transact(ctx, 'test.store', async (tx) => ok(await files.store(tx, ctx, paper.value)))
  if (!stored.ok) throw new Error('stored')
  const back = await read(ctx, (tx) => files.read(tx, stored.value.id))
  expect(back).toEqual({ bytes: paper.value.bytes, mediaType: 'application/pdf' })
  const { rows } = await base.owner.query<{ name: string }>('select name from platform.file where id = $1', [
    stored.value.id,
  ])
  const name = rows[0]?.name ?? ''
  expect(name).toMatch(/^[\da-f]{48}$/)
  const kept = await readdir(join(directory, 'papers'), { recursive: true })
  const objects = kept.filter((each) => each.includes(name) && each.endsWith('_object'))
  expect(objects).toHaveLength(1)
  expect((await readFile(join(directory, 'papers', objects[0] ?? ''))).includes('%PDF')).toBe(false)
})

test('a file of megabytes comes back to the byte; one that is not there is an outage where a row speaks of it', async () => {
  const storage = s3Storage({ url: `${url}/`, ...keys })
  const bytes = Buffer.alloc(6 * 1024 * 1024, 'sealed ')
  await storage.put('ab'.repeat(24), bytes)
  expect((await readWhole(storage, 'ab'.repeat(24))).equals(bytes)).toBe(true)
  expect(await storage.open('cd'.repeat(24))).toBeUndefined()
  await expect(readWhole(storage, 'cd'.repeat(24))).rejects.toThrow('not in the storage')
})

test('what is wrong with a bucket is told by trying it', async () => {
  expect(await tryStorage(s3Storage({ url, ...keys }))).toBeUndefined()
  const wrong = async (place: object) => {
    const refused = await tryStorage(s3Storage({ url, ...keys, ...place }))
    return [refused?.message, refused?.isPassing]
  }
  expect(await wrong({ secret: 'another' })).toEqual(['403 SignatureDoesNotMatch', false])
  expect(await wrong({ keyId: 'nobody' })).toEqual(['403 InvalidAccessKeyId', false])
  expect(await wrong({ url: url.replace('/papers', '/elsewhere') })).toEqual(['404 NoSuchBucket', false])
  const closed = await answering(() => {})
  for (const server of others.splice(0)) await new Promise((done) => server.close(done))
  expect(await wrong({ url: closed })).toEqual(['ECONNREFUSED', true])
  const liar = await answering((_, res) => res.end('something else'))
  expect(await wrong({ url: liar })).toEqual(['it gave back something else', false])
  const elsewhere = await answering((_, res) => res.writeHead(307, { location: url }).end())
  expect(await wrong({ url: elsewhere })).toMatchObject([expect.any(String), true])
})

test('a storage that stumbles is asked again; what it did not keep has no row', async () => {
  let asked = 0
  const stumbling = await answering((req, res) => {
    asked += 1
    const hash = createHash('sha256')
    req.on('data', (piece) => hash.update(piece))
    req.on('end', () => {
      // What is carried is under the signature: a storage that checks it keeps what we sent, or nothing.
      expect(req.headers['x-amz-content-sha256']).toBe(hash.digest('hex'))
      expect(req.headers.authorization).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date')
      res.writeHead(asked < 3 ? 503 : 200).end()
    })
  })
  await s3Storage({ url: stumbling, ...keys }).put('ab'.repeat(24), Buffer.from('sealed'))
  expect(asked).toBe(3)

  const down = await answering((_, res) => res.writeHead(503).end('<Error><Code>SlowDown</Code></Error>'))
  const files = openFiles({ storage: s3Storage({ url: down, ...keys }), vault: base.services.vault })
  const ctx = testContext(base)
  const before = await base.owner.query('select count(*)::int as n from platform.file')
  const paper = await files.receive(scan('x'))
  if (!paper.ok) throw new Error('taken')
  await expect(transact(ctx, 'test.store', async (tx) => ok(await files.store(tx, ctx, paper.value)))).rejects.toThrow(
    '503 SlowDown',
  )
  const after = await base.owner.query('select count(*)::int as n from platform.file')
  expect(after.rows).toEqual(before.rows)
})

test('the file is durable before its row: what is put for a command that is then refused stays without one', async () => {
  const put: string[] = []
  const real = s3Storage({ url, ...keys })
  const storage = {
    ...real,
    put: async (name: string, sealed: Buffer) => {
      await real.put(name, sealed)
      put.push(name)
    },
  }
  const files = openFiles({ storage, vault: base.services.vault })
  const ctx = testContext(base)
  const paper = await files.receive(scan('x'))
  if (!paper.ok) throw new Error('taken')
  const answer = await transact(ctx, 'test.store', async (tx) => {
    await files.store(tx, ctx, paper.value)
    return refuse({ code: 'claim_not_found' })
  })
  expect(answer.ok).toBe(false)
  expect(put).toHaveLength(1)
  expect(await real.open(put[0] ?? '')).toBeDefined()
  const { rows } = await base.owner.query('select from platform.file where name = $1', [put[0]])
  expect(rows).toHaveLength(0)
})

test('a file that is opened and left unread ends with its time, and nothing else does', async () => {
  const slow = await answering((_, res) => {
    res.writeHead(200).write('the beginning')
  })
  const storage = s3Storage({ url: slow, ...keys }, { withinMs: 100 })
  const [unread, read] = [await storage.open('ab'.repeat(24)), await storage.open('ab'.repeat(24))]
  expect(unread).toBeDefined()
  if (!read) throw new Error('opened')
  await expect(readWhole({ put: async () => {}, open: async () => read }, 'ab'.repeat(24))).rejects.toThrow()
  await new Promise((done) => setTimeout(done, 200))
})
