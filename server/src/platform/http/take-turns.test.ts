import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { afterEach, expect, test } from 'vitest'
import type { App } from './http.ts'
import { takeTurns } from './take-turns.ts'

let app: App
let working = 0
let most = 0
let go: (() => void)[] = []
const open = async (): Promise<number> => {
  working = most = 0
  go = []
  app = Fastify({ forceCloseConnections: true }) as unknown as App
  takeTurns(app)
  const work = async () => {
    working += 1
    most = Math.max(most, working)
    await new Promise<void>((done) => go.push(done))
    working -= 1
    return 'done'
  }
  app.get('/', work)
  app.post('/', work)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}
afterEach(() => app.close())

const asks = (port: number, { method = 'GET', from = '127.0.0.1' } = {}): http.ClientRequest => {
  const request = http.request({ port, host: '127.0.0.1', localAddress: from, method, agent: false })
  request.on('error', () => {})
  request.on('response', (reply) => reply.resume())
  request.end()
  return request
}
const settled = () => new Promise((done) => setTimeout(done, 150))

test('readings of one address take turns; another address, and whoever changes something, does not wait for them', async () => {
  const port = await open()
  const flood = Array.from({ length: 30 }, () => asks(port))
  const answered = Promise.all(flood.map((request) => once(request, 'response')))
  await settled()
  expect(working).toBe(16)
  asks(port, { from: '127.0.0.2' })
  asks(port, { method: 'POST' })
  await settled()
  expect(working).toBe(18)
  for (let left = 32; left > 0; left -= go.splice(0).map((done) => done()).length) await settled()
  await answered
  expect(most).toBe(18)
})

test('who goes away gives his turn to the next, in the middle of the work and while he waited', async () => {
  const port = await open()
  const first = Array.from({ length: 16 }, () => asks(port))
  await settled()
  const waiting = asks(port)
  const last = asks(port)
  const answered = once(last, 'response')
  await settled()
  waiting.destroy()
  await settled()
  first[0]?.destroy()
  await settled()
  expect(go.length).toBe(17) // the one that left is still worked on, but holds no turn
  for (const done of go) done()
  await answered
})
