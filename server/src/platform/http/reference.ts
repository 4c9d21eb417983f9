import type { Refusals } from '#contract/refusals.ts'
import type { App } from './http.ts'
import { type Html, html, page } from './page.ts'
import { exampleOf, type Field, fieldsOf, type Shape } from './shape.ts'

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Shape }>>
}
interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly unknown[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: Shape
  }[]
  readonly requestBody?: Content
  readonly responses?: Readonly<Record<string, Content>>
}
interface Request {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

const fieldTable = (title: string, fields: readonly Field[]): Html | false =>
  fields.length > 0 &&
  html`<h4>${title}</h4><table class="fields"><thead><tr><th scope="col">名称</th><th scope="col">类型</th><th scope="col">说明</th></tr></thead><tbody>${fields.map(
    (field) =>
      html`<tr><td><code>${field.name}</code></td><td>${field.kind}${!field.needed && html` <span class="small">可选</span>`}</td><td>${field.about}</td></tr>`,
  )}</tbody></table>`

const schemaOf = (content: Content | undefined): { type: string; schema: Shape | undefined } | undefined => {
  const [type, found] = Object.entries(content?.content ?? {})[0] ?? []
  return type ? { type, schema: found?.schema } : undefined
}

const described = ({ path, method, operation }: Request): Html => {
  const body = schemaOf(operation.requestBody)
  const replies = Object.entries(operation.responses ?? {}).filter(([status]) => status.startsWith('2'))
  const parameters = (operation.parameters ?? []).map((each): Field => {
    const [field] = fieldsOf({ type: 'object', properties: { [each.name]: each.schema ?? {} } })
    return {
      name: each.name,
      kind: field?.kind ?? '',
      needed: each.required ?? false,
      about: each.description ?? field?.about ?? '',
    }
  })
  const example = body && body.type !== 'multipart/form-data' && exampleOf(body.schema)
  return html`<details id="${method}${path.replaceAll(/[{}]/g, '').replaceAll('/', '-')}"><summary><span class="method">${method.toUpperCase()}</span> <code>${path}</code> <span class="what">${operation.summary}${operation.security ? '' : '（公开）'}</span></summary>${
    operation.description && html`<p class="small">${operation.description}</p>`
  }${fieldTable('地址里', parameters)}${body && fieldTable(`提交（${body.type}）`, fieldsOf(body.schema))}${
    example && html`<h4>例子</h4><pre>${JSON.stringify(example, null, 2)}</pre>`
  }${replies.map(([status, reply]) => {
    const shown = schemaOf(reply)
    return (
      fieldTable(`回答 ${status}`, fieldsOf(shown?.schema)) ||
      (parameters.length === 0 && !body && html`<p class="small">没有要填的内容。</p>`)
    )
  })}</details>`
}

const refusalTable = (refusals: Refusals): Html =>
  html`<table class="fields"><tbody>${Object.entries(refusals).map(
    ([code, { http, zh }]) => html`<tr><td><code>${code}</code></td><td class="n">${http}</td><td>${zh}</td></tr>`,
  )}</tbody></table>`

/** The OpenAPI document, and the same for people: each request by what it is about, with the refusals of that part. */
export const referenceRoutes = (
  app: App,
  { everywhere, parts }: { everywhere: Refusals; parts: Readonly<Record<string, Refusals>> },
): void => {
  app.get('/openapi.json', { config: { open: true }, schema: { hide: true } }, async (_, res) =>
    res.send(app.swagger()),
  )
  app.get('/reference', { config: { open: true }, schema: { hide: true } }, async (_, res) => {
    const { paths = {} } = app.swagger() as unknown as { paths?: Record<string, Record<string, Operation>> }
    const all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): Request => ({ path, method, operation })),
    )
    const tagOf = ({ operation }: Request): string => operation.tags?.[0] ?? '其他'
    const tags = [...new Set(all.map(tagOf))]
    const body = html`<header><p class="brand">同舟</p><h1>接口说明</h1><p>机器可读的版本：<a href="/openapi.json">OpenAPI 3.1</a>。除注明“公开”的以外，请求要带 <code>Authorization: Bearer …</code>，先用 <code>POST /sign-in</code> 取得。会改动数据的请求可带 <code>Idempotency-Key</code>，重复提交只生效一次。金额以分为单位，日期写作 2026-03-01。</p><p>办不成时回答 <code>{"code", "message"}</code>，以及与它有关的内容：程序看 <code>code</code>，人看 <code>message</code>。</p><nav>${tags.map((tag) => html`<a href="#${tag}">${tag}</a> `)}<a href="#everywhere">哪里都可能有的拒绝</a></nav></header><main>${tags.map(
      (tag) =>
        html`<section id="${tag}"><h2>${tag}</h2>${all.filter((each) => tagOf(each) === tag).map(described)}${
          parts[tag] &&
          html`<details class="refusals"><summary>这一部分可能的拒绝（${Object.keys(parts[tag]).length}）</summary>${refusalTable(parts[tag])}</details>`
        }</section>`,
    )}<section id="everywhere"><h2>哪里都可能有的拒绝</h2>${refusalTable(everywhere)}</section></main><footer><p><a href="/">信息公开</a></p></footer>`
    return res.type('text/html; charset=utf-8').send(page('同舟 · 接口说明', body))
  })
}
