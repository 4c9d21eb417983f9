import { mkdtemp } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../../test/database.ts'
import { scan } from '../../seed/scan.ts'
import { diskStorage, type FilesOptions, openFiles } from './index.ts'
import { clamd, clamdPlace } from './scanner.ts'

// A stand-in for ClamAV's daemon that speaks its protocol, and knows one sign: the one that all scanners agree to find.
// In two halves, so that none of them finds it here.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

interface StandIn {
  readonly port: number
  readonly asked: string[]
}
const servers: Server[] = []
const answering = async (reply: (asked: Buffer, from: Socket) => void, path?: string): Promise<number> => {
  const server = createServer((from) => {
    let heard = Buffer.alloc(0)
    from.on('error', () => {})
    from.on('data', (piece) => {
      heard = Buffer.concat([heard, piece])
      reply(heard, from)
    })
  })
  servers.push(server)
  await new Promise<void>((done) => (path ? server.listen(path, done) : server.listen(0, '127.0.0.1', done)))
  return path ? 0 : (server.address() as AddressInfo).port
}
/** All pieces of a question, or nothing while some are still on their way. */
const piecesIn = (heard: Buffer): Buffer | undefined => {
  const pieces: Buffer[] = []
  for (let at = 'zINSTREAM\0'.length; at + 4 <= heard.length; ) {
    const length = heard.readUInt32BE(at)
    if (length === 0) return Buffer.concat(pieces)
    pieces.push(heard.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return undefined
}
const standIn = async ({ most = 25 * 1024 * 1024, path = undefined as string | undefined } = {}): Promise<StandIn> => {
  const asked: string[] = []
  const port = await answering((heard, from) => {
    if (heard.toString('latin1') === 'zPING\0') return from.end('PONG\0')
    if (!heard.toString('latin1', 0, 10).startsWith('zINSTREAM\0')) return
    if (heard.length > most) return from.end('INSTREAM size limit exceeded. ERROR\0')
    const file = piecesIn(heard)
    if (!file) return
    asked.push(`${file.length}`)
    from.end(file.includes(eicar) ? 'stream: Win.Test.EICAR_HDB-1 FOUND\0' : 'stream: OK\0')
  }, path)
  return { port, asked }
}

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => base.close())
const filesWith = (options: Partial<FilesOptions>) =>
  openFiles({ storage: diskStorage(join(base.dir, 'files')), vault: base.services.vault, ...options })
const here = (port: number) => ({ host: '127.0.0.1', port })
const unavailable = { ok: false, refused: { code: 'scanner_not_there' } }

test('a paper is shown to the scanner as it was handed in; one that is infected is refused with what was found', async () => {
  const { port, asked } = await standIn()
  const files = filesWith({ scanner: clamd(here(port)) })
  const paper = scan('x'.repeat(600_000)) // several pieces
  expect(await files.receive(paper)).toMatchObject({ ok: true })
  expect(asked).toEqual([`${paper.length}`])
  expect(await files.receive(scan(`${'x'.repeat(300_000)}${eicar}`))).toEqual({
    ok: false,
    refused: { code: 'paper_infected', what: 'Win.Test.EICAR_HDB-1' },
  })
})

test('by a socket of this machine, too', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'tz-clamd-')), 'clamd.ctl')
  await standIn({ path })
  expect(await clamd({ path }).answers()).toBe(true)
  expect(await clamd({ path }).scan(Buffer.from(eicar))).toEqual({ found: 'Win.Test.EICAR_HDB-1' })
  expect(await clamd({ path }).scan(Buffer.alloc(0))).toEqual({ found: null })
})

test('while the scanner is down, silent, or did not look, no paper is let through', async () => {
  const { port } = await standIn()
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done))
  expect(await clamd(here(port)).answers()).toBe(false)
  expect(await filesWith({ scanner: clamd(here(port)) }).receive(scan('x'))).toEqual(unavailable)
  const says = async (reply: (from: Socket) => void) =>
    filesWith({ scanner: clamd(here(await answering((_, from) => reply(from))), { withinMs: 300 }) }).receive(scan('x'))
  expect(await says(() => {})).toEqual(unavailable)
  expect(await says((from) => from.destroy())).toEqual(unavailable)
  expect(await says((from) => from.end('stream: OK'))).toEqual(unavailable) // cut off: it might have gone on
  expect(await says((from) => from.end('stream: OK FOUND?\0'))).toEqual(unavailable)
  const small = await standIn({ most: 100 })
  expect(await filesWith({ scanner: clamd(here(small.port)) }).receive(scan('x'))).toEqual(unavailable)
  // It is back: the same paper is taken.
  const back = await standIn()
  expect(await filesWith({ scanner: clamd(here(back.port)) }).receive(scan('x'))).toMatchObject({ ok: true })
})

test('where a scanner listens is written as a socket or as host and port', () => {
  expect(clamdPlace('/run/clamav/clamd.ctl')).toEqual({ path: '/run/clamav/clamd.ctl' })
  expect(clamdPlace('scanner.local:3310')).toEqual({ host: 'scanner.local', port: 3310 })
  expect(clamdPlace('[::1]:3310')).toEqual({ host: '::1', port: 3310 })
  for (const wrong of ['clamd', 'host:0', 'host:70000', 'tcp://host:3310', ''])
    expect(clamdPlace(wrong)).toBeUndefined()
})
