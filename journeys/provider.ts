import { createSign, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

// A real OpenID provider (certified, of the npm registry) on this machine.

export const back = 'http://127.0.0.1:8720/sign-in/oidc/back'
export const clientSecret = 'a-secret-of-the-test-0123456789'

type Claims = Record<string, unknown>

export interface TestProvider {
  readonly issuer: string
  /** what its tokens say otherwise than they should, or more; rightly signed by its own key */
  claims: Claims
  /** its tokens carry a signature of somebody else's key */
  forged: boolean
  /** how often a code was asked to be changed into tokens */
  asked: number
  close(): Promise<void>
}

const key = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

const signed = (header: Claims, claims: Claims, by: ReturnType<typeof key>): string => {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${createSign('RSA-SHA256').update(text).sign(by, 'base64url')}`
}
const partOf = (token: string, n: number): Claims =>
  JSON.parse(Buffer.from(token.split('.')[n] ?? '', 'base64url').toString('utf8')) as Claims

export const openProvider = async (): Promise<TestProvider> => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [own, stranger] = [key(), key()]
  const client = { client_secret: clientSecret, redirect_uris: [back], response_types: ['code' as const] }
  const provider = new Provider(issuer, {
    clients: ['tongzhou', 'another'].map((client_id) => ({ ...client, client_id })),
    jwks: { keys: [{ ...own.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' } as never] },
    pkce: { required: () => true },
    acrValues: ['urn:test:two-factors'],
    cookies: { keys: ['for-the-test'] },
  })
  const made: TestProvider = {
    issuer,
    claims: {},
    forged: false,
    asked: 0,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path !== '/token') return
    made.asked += 1
    const body = ctx.body as { id_token?: string } | undefined
    if (!body?.id_token || (Object.keys(made.claims).length === 0 && !made.forged)) return
    body.id_token = signed(
      partOf(body.id_token, 0),
      { ...partOf(body.id_token, 1), ...made.claims },
      made.forged ? stranger : own,
    )
  })
  server.on('request', provider.callback())
  return made
}
