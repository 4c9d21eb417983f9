/** Builds what is not built yet of the sources as they are. */
export declare const build: () => Promise<void>
