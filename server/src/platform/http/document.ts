import { jsonSchemaTransform } from 'fastify-type-provider-zod'

/** How a foreseen no is answered, everywhere. */
const refusal = {
  type: 'object',
  description: '办不成的原因',
  properties: {
    code: { type: 'string', description: '给程序看' },
    message: { type: 'string', description: '给人看' },
  },
  required: ['code', 'message'],
}

/** The fields that a route with a file names in its description, as `multipart：file、kind`. */
const formOf = (description: unknown): object => {
  const named = /^multipart：(.*)$/.exec(String(description ?? ''))?.[1] ?? 'file'
  const fields = [...named.matchAll(/([a-z][A-Za-z]*)(（[^）]*）)?/g)].filter(([, name]) => name !== 'JSON')
  return {
    type: 'object',
    properties: Object.fromEntries(
      fields.map(([, name = '', about = '']) => [
        name,
        {
          type: 'string',
          ...(name === 'file' ? { contentMediaType: 'application/octet-stream' } : {}),
          ...(about ? { description: about.slice(1, -1) } : {}),
        },
      ]),
    ),
    required: ['file'],
  }
}

/** A route as the OpenAPI document tells it: who may come without a session, what a form holds, how a no looks. */
export const documented: typeof jsonSchemaTransform = (input) => {
  const { schema, url } = jsonSchemaTransform(input)
  const open = (input.route.config as { open?: boolean } | undefined)?.open
  const form = (schema as { consumes?: readonly string[] }).consumes?.includes('multipart/form-data')
  const response = (schema as { response?: Record<string, unknown> }).response ?? { 200: { description: '成功' } }
  return {
    url,
    schema: {
      ...schema,
      ...(open ? {} : { security: [{ session: [] }] }),
      ...(form ? { body: formOf((schema as { description?: string }).description) } : {}),
      response: { ...response, '4xx': refusal },
    } as typeof schema,
  }
}
