import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { openDatabase } from '#platform/database/index.ts'
import type { App } from '#platform/http/http.ts'
import type { RequestLine } from '#platform/http/observe.ts'
import { openWorld, type World } from '../../journeys/world.ts'
import { openCollector } from '../../test/collector.ts'
import { createApp } from './app.ts'
import { type Configuration, configurationFrom } from './configuration.ts'
import { makeRunning } from './running.ts'
import { demoPassword } from './seed/demonstration.ts'

let world: World
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
})
afterAll(() => world.close())

const clock = () => new Date('2026-03-02T10:00:00+08:00')
const appWith = (more: object = {}): Promise<App> =>
  createApp({ db: world.base.db, services: world.base.services, clock, ...more })
const signIn = { login: 'east-unit1', password: demoPassword }

describe('what an operator looks at', () => {
  let app: App
  const lines: RequestLine[] = []
  beforeAll(async () => {
    app = await appWith({ log: (line: RequestLine) => lines.push(line) })
  })
  afterAll(() => app.close())

  test('it lives, and is ready while its database answers', async () => {
    expect((await app.inject('/health')).json()).toEqual({ ok: true })
    expect((await app.inject('/ready')).json()).toEqual({ ok: true, database: true, stopping: false })
    const away = openDatabase({ ...world.base.connection('tongzhou_server'), host: '/nowhere' } as never)
    const lost = await appWith({ db: away })
    expect((await lost.inject('/health')).statusCode).toBe(200)
    const ready = await lost.inject('/ready')
    expect([ready.statusCode, ready.json()]).toEqual([503, { ok: false, database: false, stopping: false }])
    await lost.close()
    await away.close()
  })

  test('a line a request and the metrics name routes by their template, and nobody and nothing else', async () => {
    const signed = await app.inject({ method: 'POST', url: '/sign-in', payload: signIn })
    const { token } = signed.json<{ token: string }>()
    await app.inject({
      url: '/claim-items/4242424/letter?name=%E5%BC%A0%E4%B8%89&paper=990001199001010018',
      headers: { authorization: `Bearer ${token}` },
    })
    await app.inject('/no/such/place/990001199001010018')
    expect(lines.slice(-2)).toMatchObject([
      { method: 'GET', route: '/claim-items/:itemId/letter', actor: 'staff', at: '2026-03-02T02:00:00.000Z' },
      { method: 'GET', route: 'no such page', status: 404, actor: 'nobody' },
    ])
    expect(lines.at(-1)?.requestId).toMatch(/^[\w-]{12,}$/)
    expect(Object.keys(lines[0] ?? {}).sort()).toEqual(['actor', 'at', 'method', 'ms', 'requestId', 'route', 'status'])
    const metrics = await app.inject('/metrics')
    expect(metrics.statusCode).toBe(200)
    expect(metrics.body).toContain('tongzhou_http_requests_total{method="POST",route="/sign-in",status="200"} 1')
    expect(metrics.body).toMatch(/tongzhou_sealed_leaves \d+/)
    expect(metrics.body).toMatch(/tongzhou_database_connections\{purpose="reading",state="idle"\} \d+/)
    for (const text of [metrics.body, JSON.stringify(lines)])
      for (const secret of ['4242424', '990001199001010018', '张三', '%E5', 'east-unit1', token, demoPassword])
        expect(text).not.toContain(secret)
  })

  test('the metrics are for this machine, or for whoever shows the token', async () => {
    const status = async (on: App, options: object) => (await on.inject({ url: '/metrics', ...options })).statusCode
    expect(await status(app, {})).toBe(200)
    expect(await status(app, { remoteAddress: '10.0.0.7' })).toBe(404)
    // A proxy on this machine asks for somebody else.
    expect(await status(app, { headers: { 'x-forwarded-for': '10.0.0.7' } })).toBe(404)
    const guarded = await appWith({ metricsToken: 'a-token-of-twenty-signs' })
    expect(await status(guarded, {})).toBe(404)
    expect(await status(guarded, { headers: { authorization: 'Bearer a-token-of-twenty-sign_' } })).toBe(404)
    expect(
      await status(guarded, {
        remoteAddress: '10.0.0.7',
        headers: { authorization: 'Bearer a-token-of-twenty-signs' },
      }),
    ).toBe(200)
    await guarded.close()
  })

  test('anybody may fetch the newest head, and it tells nothing else', async () => {
    await world.deliver()
    const head = (await app.inject('/evidence/head')).json()
    expect(Object.keys(head).sort()).toEqual(['root', 'sealedAt', 'size'])
    expect(head.size).toBeGreaterThan(0)
    expect(head.root).toMatch(/^[0-9a-f]{64}$/)
  })
})

test('a graceful stop finishes what it has in hand, and takes nothing new', async () => {
  const app = await appWith()
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const body = JSON.stringify(signIn)
  const half = connect(port, '127.0.0.1')
  let answer = ''
  half.on('data', (piece) => {
    answer += piece
  })
  half.write(
    `POST /sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  )
  await new Promise((go) => setTimeout(go, 200))
  const closed = app.close()
  await new Promise((go) => setTimeout(go, 200))
  const late = connect(port, '127.0.0.1')
  let lateAnswer = ''
  late.on('error', () => {}) // refused, or reset: both are a no
  late.on('data', (piece) => {
    lateAnswer += piece
  })
  late.write('GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  half.write(body.slice(10))
  await once(half, 'close')
  expect(answer).toContain('HTTP/1.1 200')
  expect(answer).toContain('"token"')
  await closed
  expect(lateAnswer).not.toContain('HTTP/1.1 200')
  late.destroy()
})

describe('settings are checked before anything starts, and everything wrong is told at once', () => {
  const wrong = (env: Record<string, string>): string => {
    const found = configurationFrom(env)
    return 'length' in found ? found.join('\n') : ''
  }
  test('a slip in a name, an address without its scheme, an owner without a server, a short token', () => {
    const told = wrong({
      PORT: 'x',
      TONGZHOU_MOD: 'production',
      DATABASE_OWNER_URL: 'tongzhou:secret-of-mine@db',
      TONGZHOU_METRICS_TOKEN: 'short-secret',
      TONGZHOU_LOG: 'all',
      TONGZHOU_CLAMD: 'clamd',
      TONGZHOU_S3_URL: 'https://me:secret-of-mine@s3.example/papers',
    })
    for (const word of [
      'PORT',
      'TONGZHOU_MOD ',
      'DATABASE_OWNER_URL',
      'DATABASE_URL',
      'TOKEN',
      'TONGZHOU_LOG',
      'TONGZHOU_CLAMD',
      'TONGZHOU_S3_URL 应',
      'TONGZHOU_S3_KEY_ID、TONGZHOU_S3_SECRET',
    ])
      expect(told).toContain(word)
    expect(told).not.toContain('secret') // what was typed may be a password
  })
  test('the ordinary ones are right, and a demonstration stays on this machine', () => {
    expect(wrong({})).toBe('')
    expect(wrong({ TONGZHOU_MODE: 'production', HOST: '0.0.0.0', DATABASE_URL: 'postgres://a:b@c/d' })).toBe('')
    expect(wrong({ HOST: '0.0.0.0' })).toContain('示范模式')
    expect(configurationFrom({})).toMatchObject({ logRequests: false, demonstration: true })
    const bucket = { TONGZHOU_S3_URL: 'https://papers.example', TONGZHOU_S3_KEY_ID: 'a', TONGZHOU_S3_SECRET: 'b' }
    const s3 = { url: 'https://papers.example', region: 'us-east-1', keyId: 'a', secret: 'b' }
    expect(configurationFrom(bucket)).toMatchObject({ s3 })
    expect(wrong({ ...bucket, TONGZHOU_S3_URL: 'papers' })).toContain('存储桶的完整网址')
    expect(configurationFrom({ TONGZHOU_MODE: 'production' })).toMatchObject({ logRequests: true })
  })
  test('single sign-on is set whole or not at all, by https but on this machine, and its secret is never repeated', () => {
    const whole = {
      TONGZHOU_OIDC_ISSUER: 'https://id.example/realms/union',
      TONGZHOU_OIDC_CLIENT_ID: 'tongzhou',
      TONGZHOU_OIDC_CLIENT_SECRET: 'said-to-nobody',
    }
    const oidc = (env: Record<string, string>) => (configurationFrom(env) as Configuration).oidc
    expect(oidc({})).toBeUndefined()
    expect(oidc({ ...whole, PORT: '8721' })).toEqual({
      issuer: 'https://id.example/realms/union',
      clientId: 'tongzhou',
      clientSecret: 'said-to-nobody',
      redirect: 'http://127.0.0.1:8721/sign-in/oidc/back',
      secondStepAcr: undefined,
    })
    const outside = { ...whole, TONGZHOU_MODE: 'production', HOST: '0.0.0.0' }
    expect(wrong(outside)).toContain('TONGZHOU_OIDC_REDIRECT')
    const redirect = 'https://hz.example/sign-in/oidc/back'
    expect(oidc({ ...outside, TONGZHOU_OIDC_REDIRECT: redirect })).toMatchObject({ redirect })
    for (const [name, said] of [
      ['TONGZHOU_OIDC_ISSUER', 'http://id.example'],
      ['TONGZHOU_OIDC_ISSUER', 'https://id.example/?tenant=1'],
      ['TONGZHOU_OIDC_ISSUER', 'id.example'],
      ['TONGZHOU_OIDC_REDIRECT', 'http://hz.example/sign-in/oidc/back'],
      ['TONGZHOU_OIDC_REDIRECT', 'https://hz.example/elsewhere'],
    ] as const)
      expect(wrong({ ...whole, [name]: said }), said).toMatch(new RegExp(`^${name} [^\n]*$`))
    expect(oidc({ ...whole, TONGZHOU_OIDC_ISSUER: 'http://localhost:9000' })).toBeDefined()
    const told = wrong({ TONGZHOU_OIDC_CLIENT_SECRET: 'said-to-nobody', TONGZHOU_OIDC_SECOND_STEP: 'x' })
    for (const name of ['TONGZHOU_OIDC_ISSUER', 'TONGZHOU_OIDC_CLIENT_ID', 'TONGZHOU_OIDC_SECOND_STEP '])
      expect(told).toContain(name)
    expect(told).not.toContain('said-to-nobody')
  })
  test('a gateway for SMS is an address and its token, both or neither, and never repeated', () => {
    const whole = { TONGZHOU_SMS_URL: 'https://sms.example/send', TONGZHOU_SMS_TOKEN: 'said-to-nobody' }
    expect(configurationFrom({})).toMatchObject({ sms: undefined })
    expect(configurationFrom(whole)).toMatchObject({ sms: { url: whole.TONGZHOU_SMS_URL, token: 'said-to-nobody' } })
    const slips: Record<string, string>[] = [
      { TONGZHOU_SMS_TOKEN: 'said-to-nobody' },
      { TONGZHOU_SMS_URL: 'https://said-to-nobody' },
      { ...whole, TONGZHOU_SMS_URL: 'http://said-to-nobody' },
    ]
    for (const env of slips) {
      expect(wrong(env)).toContain('TONGZHOU_SMS_URL')
      expect(wrong(env)).not.toContain('said-to-nobody')
    }
  })
})

test('in production there is no password to begin with, and a demonstration’s data are refused', {
  timeout: 240_000,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tz-production-'))
  const production = configurationFrom({
    TONGZHOU_MODE: 'production',
    TONGZHOU_DIR: join(dir, 'p'),
    TONGZHOU_LOG: 'errors',
  })
  const demonstration = configurationFrom({ TONGZHOU_DIR: join(dir, 'd') })
  try {
    const said: string[] = []
    const collector = await openCollector()
    const traces = { endpoint: collector.endpoint, serviceName: 'tongzhou' }
    const running = await makeRunning({ ...(production as Configuration), traces }, (line) => said.push(line))
    expect(said.join('\n')).toContain('没有设病毒扫描')
    const refused = await running.app.inject({ method: 'POST', url: '/sign-in', payload: signIn })
    expect(refused.statusCode).not.toBe(200)
    await running.stop()
    // What it was watched doing is handed over by the time it has stopped.
    expect(collector.spans.map((span) => span.name)).toContain('POST /sign-in')
    await collector.close()
    // A bucket that does not take our files, and a scanner that does not answer: the one stops the start, the other is told.
    const bucket = createServer((_, res) => res.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'))
    await once(bucket.listen(0, '127.0.0.1'), 'listening')
    const { port } = bucket.address() as AddressInfo
    const s3 = { url: `http://127.0.0.1:${port}/papers`, region: 'r', keyId: 'a', secret: 'b' }
    await expect(makeRunning({ ...(production as Configuration), s3 }, () => {})).rejects.toThrow('403 AccessDenied')
    await new Promise((done) => bucket.close(done))
    const clamd = { host: '127.0.0.1', port }
    await (await makeRunning({ ...(production as Configuration), s3, clamd }, (line) => said.push(line))).stop()
    expect(said.join('\n')).toMatch(/对象存储.*现在连不上（ECONNREFUSED）/)
    expect(said.join('\n')).toMatch(/病毒扫描.*现在没有应答/)
    await (await makeRunning(demonstration as Configuration, () => {})).stop()
    await expect(
      makeRunning({ ...(production as Configuration), dir: join(dir, 'd') }, () => {}),
    ).rejects.toMatchObject({ name: 'StartRefused' })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
