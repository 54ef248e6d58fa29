import {
  elementScroll,
  measureElement,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/**
 * Keeps only the rows in view in the document: TanStack Virtual without a framework adapter.
 *
 * @param options.measures true if rows differ in height; each then needs a `data-index` and `measureElement` as its ref.
 */
export function useVirtual({
  box,
  count,
  rowHeight,
  measures,
}: {
  box: { readonly current: HTMLDivElement | null };
  count: number;
  rowHeight: number;
  measures: boolean;
}): Virtualizer<HTMLDivElement, HTMLElement> {
  const [, render] = useReducer((times: number) => times + 1, 0);
  const options = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => render(undefined),
    measureElement,
  };
  const [virtual] = useState(() => new Virtualizer<HTMLDivElement, HTMLElement>(options));
  virtual.setOptions(options);
  // Sizes that were measured with wrapping are wrong without it, and vice versa.
  useLayoutEffect(() => virtual.measure(), [virtual, measures]);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  return virtual;
}
