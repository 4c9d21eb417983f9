/** A module of ours at a `file:` URL, as built or as it stands. */
export declare const load: (url: URL | string) => Promise<unknown>
