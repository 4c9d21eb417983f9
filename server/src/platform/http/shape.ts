/** A JSON schema, as much of one as our documents use. */
export interface Shape {
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly additionalProperties?: Shape | boolean
  readonly anyOf?: readonly Shape[]
  readonly contentMediaType?: string
}

export interface Field {
  /** with the names it stands under: `payee.account`, `lines[].amountFen` */
  readonly name: string
  readonly kind: string
  readonly needed: boolean
  readonly about: string
}

const kinds: Readonly<Record<string, string>> = {
  string: '文字',
  integer: '整数',
  number: '数',
  boolean: '是/否',
  object: '对象',
  array: '列表',
  null: '空',
}

const kindOf = (shape: Shape): string => {
  if (shape.contentMediaType) return '文件'
  if (shape.enum) return shape.enum.map(String).join(' | ')
  if (shape.anyOf) return [...new Set(shape.anyOf.map(kindOf))].join(' 或 ')
  if (shape.format === 'date') return '日期'
  if (shape.type === 'array') return shape.items ? `${kindOf(shape.items)}的列表` : '列表'
  const types = Array.isArray(shape.type) ? shape.type : [String(shape.type ?? '')]
  const named = types.map((type) => kinds[type] ?? type).join(' 或 ')
  if (shape.type === 'string' && shape.maxLength) return `${named}，最多 ${shape.maxLength} 字`
  return named || '任意'
}

/** An object's fields, one a line, those of what stands inside it under it. */
export const fieldsOf = (shape: Shape | undefined, above = ''): Field[] => {
  if (!shape) return []
  const inner = shape.anyOf?.find((each) => each.properties || each.items) ?? shape
  if (inner.type === 'array') return fieldsOf(inner.items, `${above}[]`)
  return Object.entries(inner.properties ?? {}).flatMap(([name, field]) => {
    const path = above ? `${above}.${name}` : name
    const values = typeof field.additionalProperties === 'object' ? field.additionalProperties : undefined
    const own: Field = {
      name: path,
      kind: values ? `名称 → ${kindOf(values)}` : kindOf(field),
      needed: (inner.required ?? []).includes(name) && field.default === undefined,
      about: [field.description ?? '', field.default === undefined ? '' : `不写就是 ${JSON.stringify(field.default)}`]
        .filter((text) => text !== '')
        .join('；'),
    }
    return [own, ...fieldsOf(field, path)]
  })
}

/** What a request might look like: needed fields only, each with something of its kind. */
export const exampleOf = (shape: Shape | undefined): unknown => {
  if (!shape) return undefined
  if (shape.enum) return shape.enum[0]
  if (shape.anyOf?.[0]) return exampleOf(shape.anyOf[0])
  if (shape.format === 'date') return '2026-03-01'
  if (shape.type === 'array') return shape.items ? [exampleOf(shape.items)] : []
  if (shape.type === 'integer' || shape.type === 'number') return Math.max(shape.minimum ?? 1, 1)
  if (shape.type === 'boolean') return true
  if (shape.type === 'object') {
    const needed = Object.entries(shape.properties ?? {}).filter(([name]) => (shape.required ?? []).includes(name))
    return Object.fromEntries(needed.map(([name, field]) => [name, exampleOf(field)]))
  }
  return '…'
}
