/** What every module's refusals look like: an HTTP status, and the sentence for the person with {facts} in it. */
export type Refusals = Readonly<Record<string, { readonly http: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 503; readonly zh: string }>>
