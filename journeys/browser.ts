import { assert } from '#kernel/assert.ts'

/** A browser, as much of one as a sign-in needs: it keeps cookies by host, follows redirects and fills in forms. */
export class Browser {
  readonly #jar = new Map<string, Map<string, string>>()
  /** where a walk ends: what stands here is asked by the test itself */
  readonly #home: string
  constructor(home = 'http://127.0.0.1:8720') {
    this.#home = home
  }

  keep(host: string, setCookie: readonly string[]): void {
    const jar = this.#jar.get(host) ?? new Map<string, string>()
    this.#jar.set(host, jar)
    for (const each of setCookie) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? []
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(each)) jar.delete(name)
      else jar.set(name, value)
    }
  }
  cookies(host: string): string {
    return [...(this.#jar.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
  }
  /** One cookie, as it was set. */
  cookie(host: string, name: string): string {
    return `${name}=${this.#jar.get(host)?.get(name) ?? ''}`
  }

  async #ask(address: string, form?: Record<string, string>): Promise<Response> {
    const { host } = new URL(address)
    const reply = await fetch(address, {
      redirect: 'manual',
      headers: { cookie: this.cookies(host) },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    })
    this.keep(host, reply.headers.getSetCookie())
    return reply
  }

  /** Walks from an address of the provider through its pages to our own; gives where it was sent back to. */
  async walk(address: string, { login, decline }: { login: string; decline?: boolean }): Promise<URL> {
    let reply = await this.#ask(address)
    let at = address
    for (let step = 0; step < 20; step += 1) {
      const to = reply.headers.get('location')
      if (to) {
        at = new URL(to, at).href
        if (at.startsWith(this.#home)) return new URL(at)
        reply = await this.#ask(at)
        continue
      }
      const text = await reply.text()
      const action = /<form[^>]*action="([^"]+)"/.exec(text)?.[1]
      const prompt = /name="prompt" value="([^"]+)"/.exec(text)?.[1]
      assert(action && prompt, `a page of the provider without a form (${reply.status})`)
      at = new URL(action, at).href
      reply = decline
        ? await this.#ask(`${at}/abort`)
        : await this.#ask(at, prompt === 'login' ? { prompt, login, password: 'any' } : { prompt })
    }
    throw new Error('the provider sends the browser round and round')
  }
}
