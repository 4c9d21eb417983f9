import * as client from 'openid-client'

/** Where a body's own sign-in stands (OpenID Connect), and who we are to it. */
export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** where the provider sends the browser back to: our /sign-in/oidc/back, as a browser sees it */
  readonly redirect: string
  /** what the provider says in `acr` or `amr` where it asked for a second factor; absent: ours is asked for */
  readonly secondStepAcr?: string | undefined
}

/** What has to be shown again at the end of a round trip; known to us and to one browser. */
export interface RoundTrip {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** Whom the provider vouches for; or why it cannot be taken, with a word for the operator that holds nothing of a person. */
type Vouched =
  | { readonly ok: true; readonly subject: string; readonly secondStep: boolean }
  | {
      readonly ok: false
      readonly code: 'oidc_unreachable' | 'oidc_declined' | 'oidc_not_trusted'
      readonly why: string
    }

export interface OidcProvider {
  readonly issuer: string
  /** whether browsers reach us by https: cookies are then for https only */
  readonly secure: boolean
  begin(ask: { readonly anew: boolean }): Promise<{ readonly address: string; readonly trip: RoundTrip } | null>
  finish(search: string, trip: RoundTrip): Promise<Vouched>
}

const hourMs = 3_600_000

/** By which of the two ways the secret is shown: in the header, unless the provider says that it takes only the other. */
const showSecret = (secret: string): client.ClientAuth => {
  const [inHeader, inBody] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)]
  return (server, ...rest) => {
    const taken = server.token_endpoint_auth_methods_supported
    return (!taken || taken.includes('client_secret_basic') ? inHeader : inBody)(server, ...rest)
  }
}

const discover = ({ issuer, clientId, clientSecret }: OidcSettings): Promise<client.Configuration> =>
  client.discovery(new URL(issuer), clientId, { [client.clockTolerance]: 30 }, showSecret(clientSecret), {
    timeout: 10,
    // The signature is checked although the token came from the provider itself. The settings let plain http through for
    // this machine only.
    execute: [client.enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [client.allowInsecureRequests] : [])],
  })

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? 'unknown').slice(0, 60)

const notVouched = (error: unknown): Vouched => {
  if (error instanceof client.AuthorizationResponseError)
    return { ok: false, code: 'oidc_declined', why: /^[a-z_]{1,60}$/.test(error.error) ? error.error : 'unknown' }
  const gone = error instanceof TypeError || /TIMEOUT|ECONN|ENOTFOUND/.test(codeOf(error))
  return { ok: false, code: gone ? 'oidc_unreachable' : 'oidc_not_trusted', why: codeOf(error) }
}

const saysSecondStep = ({ acr, amr }: client.IDToken, wanted: string | undefined): boolean =>
  wanted !== undefined && (acr === wanted || (Array.isArray(amr) && amr.includes(wanted)))

/**
 * One provider: authorization code flow with PKCE, state and nonce. Its description is fetched at first need and once an
 * hour, so that a provider that is away stops nobody from starting. Its times are held against the real clock, whichever
 * day a demonstration pretends.
 */
export const oidcProvider = (settings: OidcSettings): OidcProvider => {
  let known: { readonly at: number; readonly found: Promise<client.Configuration> } | undefined
  const configuration = (): Promise<client.Configuration> => {
    if (known && Date.now() - known.at < hourMs) return known.found
    const found = discover(settings)
    known = { at: Date.now(), found }
    found.catch(() => {
      known = undefined
    })
    return found
  }
  return {
    issuer: settings.issuer,
    secure: settings.redirect.startsWith('https:'),
    begin: async ({ anew }) => {
      const found = await configuration().catch(() => null)
      if (!found) return null
      const trip = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const address = client.buildAuthorizationUrl(found, {
        redirect_uri: settings.redirect,
        response_type: 'code',
        scope: 'openid',
        state: trip.state,
        nonce: trip.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(trip.verifier),
        code_challenge_method: 'S256',
        ...(anew ? { prompt: 'login' } : {}),
        ...(settings.secondStepAcr ? { acr_values: settings.secondStepAcr } : {}),
      })
      return { address: address.href, trip }
    },
    finish: async (search, trip) => {
      try {
        const came = new URL(settings.redirect)
        came.search = search
        const tokens = await client.authorizationCodeGrant(await configuration(), came, {
          expectedState: trip.state,
          expectedNonce: trip.nonce,
          pkceCodeVerifier: trip.verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims || claims.sub.length > 255) return { ok: false, code: 'oidc_not_trusted', why: 'no subject' }
        return { ok: true, subject: claims.sub, secondStep: saysSecondStep(claims, settings.secondStepAcr) }
      } catch (error) {
        return notVouched(error)
      }
    },
  }
}
