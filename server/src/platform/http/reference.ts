import type { App } from './http.ts'
import { html, page } from './page.ts'

interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: unknown
  readonly parameters?: readonly { name: string; in: string; required?: boolean; description?: string }[]
}

/** The OpenAPI document, and the same for people: each request by what it is about. */
export const referenceRoutes = (app: App): void => {
  app.get('/openapi.json', { config: { open: true }, schema: { hide: true } }, async (_, res) =>
    res.send(app.swagger()),
  )
  app.get('/reference', { config: { open: true }, schema: { hide: true } }, async (_, res) => {
    const { paths = {} } = app.swagger() as unknown as { paths?: Record<string, Record<string, Operation>> }
    const all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    const tags = [...new Set(all.map(({ operation }) => operation.tags?.[0] ?? '其他'))]
    const body = html`<header><p class="brand">同舟</p><h1>接口说明</h1><p>机器可读的版本：<a href="/openapi.json">OpenAPI 3.1</a>。除注明公开的以外，请求要带 <code>Authorization: Bearer …</code>（先 <code>POST /sign-in</code>）；会改动数据的请求可带 <code>Idempotency-Key</code>，重复提交只生效一次。</p></header><main>${tags.map(
      (tag) =>
        html`<section><h2>${tag}</h2><table><tbody>${all
          .filter(({ operation }) => (operation.tags?.[0] ?? '其他') === tag)
          .map(
            ({ path, method, operation }) =>
              html`<tr><td><span class="method">${method.toUpperCase()}</span> <code>${path}</code></td><td>${operation.summary}${operation.description && html`<br><span class="small">${operation.description}</span>`}${
                operation.parameters &&
                operation.parameters.length > 0 &&
                html`<br><span class="small">参数：${operation.parameters.map((p) => `${p.name}${p.required ? '' : '（可选）'}${p.description ? ` ${p.description}` : ''}`).join('，')}</span>`
              }</td></tr>`,
          )}</tbody></table></section>`,
    )}</main><footer><p><a href="/">信息公开</a></p></footer>`
    return res.type('text/html; charset=utf-8').send(page('同舟 · 接口说明', body))
  })
}
