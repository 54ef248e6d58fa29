import { createContext } from 'preact';
import type { SourceUrl } from './linkify.ts';

/** Makes addresses of files at the commit of the run on the page; undefined if they are unknown. */
export const SourceUrls = createContext<SourceUrl | undefined>(undefined);
