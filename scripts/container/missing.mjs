/** Something that the container tests need and that could not be had; the text says how to get it. */
export class Missing extends Error {}
